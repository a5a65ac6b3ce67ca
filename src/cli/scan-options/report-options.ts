// Reports in files (nmap reference guide, Output).
import { UsageError } from "../../model/errors.js";
import { FORM_FACTS } from "../../report/form-facts.js";
import { quote } from "../../target/fault.js";
import { accepted, flag, type Option } from "../option.js";
import { needed } from "../option-value.js";
import type { ScanSettingsDraft } from "../scan-settings.js";

/** What the options write into. */
export type ReportDraft = Pick<ScanSettingsDraft, "reports" | "isAppended" | "stylesheet">;

/** Names from before nmap's forms were called -oN, -oX and -oG. */
const OLD_NAMES: Readonly<Record<string, readonly string[]>> = { "-oG": ["-oM", "-m"] };

/** What -oA writes: the form and the end of the file's name. */
const ALL_FORMS: readonly (readonly [form: string, ending: string])[] = [
  ["normal", ".nmap"],
  ["xml", ".xml"],
  ["grepable", ".gnmap"],
];

/** Where nmap's --webxml says that the style sheet is. */
const WEB_STYLESHEET = "https://svn.nmap.org/nmap/docs/nmap.xsl";

/** Reports in files. */
export const REPORT_OPTIONS: readonly Option<ReportDraft>[] = [
  ...Object.values(FORM_FACTS).map(
    ({ name, option, summary }): Option<ReportDraft> => ({
      names: [option],
      oldNames: OLD_NAMES[option] ?? [],
      value: "FILE",
      values: "file",
      help: `write a report into FILE, or to standard output if it is -: ${summary}`,
      section: "Reports",
      apply(draft, value) {
        addReport(draft, option, name, value);
      },
    }),
  ),
  {
    names: ["-oA"],
    value: "BASE",
    values: "file",
    help: "write BASE.nmap, BASE.xml and BASE.gnmap: -oN, -oX and -oG in one",
    section: "Reports",
    apply(draft, value) {
      if (value === "-") throw new UsageError("-oA writes three reports, and standard output takes one: use -oX -");
      needed("-oA", value);
      for (const [form, ending] of ALL_FORMS) addReport(draft, "-oA", form, value + ending);
    },
  },
  flag(["--append-output"], "Reports", "go on behind what is in the files already", (draft) => {
    draft.isAppended = true;
  }),
  {
    names: ["--stylesheet"],
    value: "URL",
    values: "file",
    help: "say in XML reports that this style sheet shows them: a path or a URL",
    section: "Reports",
    apply(draft, value) {
      draft.stylesheet = needed("--stylesheet", value);
    },
  },
  flag(["--webxml"], "Reports", "the same with the style sheet of nmap.org", (draft) => {
    draft.stylesheet = WEB_STYLESHEET;
  }),
  flag(["--no-stylesheet"], "Reports", "name no style sheet in XML reports", (draft) => {
    draft.stylesheet = "";
  }),
  accepted(["--log-errors"], "Reports", [
    "write warnings and errors into reports",
    "has no effect: they stand there anyway",
  ]),
];

function addReport(draft: ReportDraft, option: string, form: string, path: string): void {
  needed(option, path);
  const other = draft.reports.find((report) => report.path === path);
  if (other !== undefined) throw new UsageError(`${option}: two reports cannot be written into ${quote(path)}`);
  draft.reports = [...draft.reports, { form, path }];
}
