// The options of `postern history show`, and its help.
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  type HelpDraft,
  type HistoryFileDraft,
  helpOption,
  historyFileOption,
  parseCommandOptions,
} from "../command-options.js";
import { flag, type Option } from "../option.js";
import { REPORT_OPTIONS, type ReportDraft } from "../scan-options/report-options.js";
import { momentOf } from "./moment.js";

/** What the command line asks for. */
export interface ShowSettings extends Readonly<HelpDraft & HistoryFileDraft & ReportDraft> {
  /** The scan as a moment: "@12". */
  readonly moment: string;
  readonly isPlanShown: boolean;
  readonly showReason: boolean;
  readonly onlyOpen: boolean;
  readonly verbosity: number;
}

type Draft = { -readonly [Key in keyof ShowSettings]: ShowSettings[Key] };

const SECTION = "Options";

const SHOW_OPTIONS: readonly Option<Draft>[] = [
  flag(["--open"], SECTION, "only ports that are open or perhaps open, and hosts that have one", (draft) => {
    draft.onlyOpen = true;
  }),
  flag(["--reason"], SECTION, "what each state was concluded from", (draft) => {
    draft.showReason = true;
  }),
  flag(
    ["-v", "--verbose"],
    SECTION,
    "more: hosts that are down, and more ports one by one; -vv still more",
    (draft) => {
      draft.verbosity += 1;
    },
  ),
  flag(["--plan"], SECTION, "the plan of the scan instead, as JSON", (draft) => {
    draft.isPlanShown = true;
  }),
  historyFileOption(SECTION),
  helpOption(SECTION),
  ...REPORT_OPTIONS,
];

const USAGE: CommandUsage<Draft> = {
  name: "postern history show",
  synopsis: "[OPTION...] ID",
  about: [
    "Shows the report of a scan as it was shown then, or writes the reports that are asked for: -oX - is XML on standard output.",
    "ID is a number of postern history list, @latest, @previous, @2026-11-20, or one of these with ~3 for three scans before.",
  ],
  options: SHOW_OPTIONS,
  statuses:
    "0 it was shown, 2 the command line cannot be understood or there is no such scan, 3 the history cannot be read now",
};

/**
 * Reads the words behind `postern history show`.
 *
 * @throws UsageError when they cannot be understood
 */
export function parseShowArguments(words: readonly string[]): ShowSettings {
  const draft: Draft = {
    moment: "",
    isPlanShown: false,
    showReason: false,
    onlyOpen: false,
    verbosity: 0,
    reports: [],
    isAppended: false,
    stylesheet: undefined,
    historyFile: undefined,
    isHelp: false,
  };
  const [id, ...more] = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) return draft;
  if (id === undefined || more.length > 0) {
    const count = id === undefined ? 0 : more.length + 1;
    throw commandUsageError(USAGE, `postern history show takes one scan, and was given ${count}`);
  }
  if (draft.isPlanShown && draft.reports.length > 0) {
    throw commandUsageError(USAGE, "--plan shows the plan, and no report: choose one");
  }
  return { ...draft, moment: momentOf(id) };
}

/** The text of `postern history show --help`. */
export function showHelp(columns: number): string {
  return commandHelp(USAGE, columns);
}
