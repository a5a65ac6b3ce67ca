// The options of `postern audit`.
import { SEVERITIES, type Severity } from "../../model/audit-report.js";
import { UsageError } from "../../model/errors.js";
import { quote } from "../../target/fault.js";
import type { CommandUsage, HelpDraft } from "../command-options.js";
import { helpOption } from "../command-options.js";
import { flag, type Option } from "../option.js";

/** What the words say. */
export interface AuditDraft extends HelpDraft {
  /** As written: "self", "here", "ssh:monitor@jump", or a name of postern.yaml's. */
  readonly from: string[];
  /** Own source addresses of `self`. */
  readonly sources: string[];
  policyFile: string | undefined;
  readonly authorized: string[];
  isAllPorts: boolean;
  isOutsideOnly: boolean;
  hasSudo: boolean;
  sshConfigFile: string | undefined;
  maxRate: number | undefined;
  failOn: Severity;
  isJson: boolean;
  isBrief: boolean;
  isVerbose: boolean;
  readonly files: Partial<Record<AuditForm, string>>;
}

/** Forms that go to files. */
export type AuditForm = "json" | "junit" | "sarif" | "html";

const WHERE = "What, and from where";
const HOW = "How";
const OUTPUT = "The answer";

/** Nothing said. */
export function newAuditDraft(): AuditDraft {
  return {
    isHelp: false,
    from: [],
    sources: [],
    policyFile: undefined,
    authorized: [],
    isAllPorts: false,
    isOutsideOnly: false,
    hasSudo: false,
    sshConfigFile: undefined,
    maxRate: undefined,
    failOn: "medium",
    isJson: false,
    isBrief: false,
    isVerbose: false,
    files: {},
  };
}

function list(name: string, value: string, help: string, into: (draft: AuditDraft) => string[]): Option<AuditDraft> {
  return {
    names: [name],
    value,
    help,
    section: WHERE,
    apply(draft, text) {
      into(draft).push(...text.split(","));
    },
  };
}

function fileOption(form: AuditForm, what: string): Option<AuditDraft> {
  return {
    names: [`--${form}-file`, ...(form === "json" ? [] : [`--${form}`])] as [string, ...string[]],
    value: "FILE",
    values: "file",
    help: `${what} into FILE`,
    section: OUTPUT,
    apply(draft, text) {
      draft.files[form] = text;
    },
  };
}

const OPTIONS: readonly Option<AuditDraft>[] = [
  list(
    "--from",
    "VANTAGES",
    "where to ask from: self (a namespace beside this machine), here, ssh:[USER@]HOST, or names of vantages in postern.yaml",
    (draft) => draft.from,
  ),
  list(
    "--source",
    "ADDRESSES",
    "of self: the addresses that packets come from (default: for anywhere)",
    (draft) => draft.sources,
  ),
  list("--authorized", "ADDRESSES", "addresses and networks that may be probed, too", (draft) => draft.authorized),
  {
    names: ["--scope"],
    value: "FILE",
    values: "file",
    help: "the settings file, instead of looking for postern.yaml; /dev/null for none",
    section: HOW,
    apply(draft, text) {
      draft.policyFile = text;
    },
  },
  flag(["--outside-only"], HOW, "do not look into other hosts by ssh", (draft: AuditDraft) => {
    draft.isOutsideOnly = true;
  }),
  flag(["--sudo"], HOW, "look into other hosts by sudo, where that asks for no password", (draft: AuditDraft) => {
    draft.hasSudo = true;
  }),
  {
    names: ["--ssh-config"],
    value: "FILE",
    values: "file",
    help: "the settings of ssh, instead of the user's own and the system's (ssh -F)",
    section: HOW,
    apply(draft, text) {
      draft.sshConfigFile = text;
    },
  },
  flag(["--all-ports"], HOW, "ask all 65,535 TCP ports, too", (draft: AuditDraft) => {
    draft.isAllPorts = true;
  }),
  {
    names: ["--max-rate"],
    value: "NUMBER",
    help: "no more probes a second than this",
    section: HOW,
    apply(draft, text) {
      const rate = Number(text);
      if (!/^\d{1,7}$/.test(text) || rate < 1)
        throw new UsageError(`--max-rate needs a number of probes a second, not ${quote(text)}`);
      draft.maxRate = rate;
    },
  },
  {
    names: ["--fail-on"],
    value: "SEVERITY",
    values: SEVERITIES.slice(1),
    help: "the severity from which findings make status 1 (default: medium)",
    section: OUTPUT,
    apply(draft, text) {
      const severity = SEVERITIES.find((one) => one === text && one !== "ok");
      if (severity === undefined)
        throw new UsageError(`--fail-on takes ${SEVERITIES.slice(1).join(", ")}, not ${quote(text)}`);
      draft.failOn = severity;
    },
  },
  flag(["--brief"], OUTPUT, "findings alone, without the table of ports", (draft: AuditDraft) => {
    draft.isBrief = true;
  }),
  flag(["-v", "--verbose"], OUTPUT, "tell what the places to ask from cannot show, too", (draft: AuditDraft) => {
    draft.isVerbose = true;
  }),
  flag(["--json"], OUTPUT, "one JSON document instead, for programs: docs/audit-json.md", (draft: AuditDraft) => {
    draft.isJson = true;
  }),
  fileOption("json", "the JSON document"),
  fileOption("junit", "JUnit XML, as CI systems read it,"),
  fileOption("sarif", "SARIF 2.1.0"),
  fileOption("html", "one HTML page"),
  helpOption(OUTPUT),
];

/** How the command is used. */
export const AUDIT_USAGE: CommandUsage<AuditDraft> = {
  name: "postern audit",
  synopsis: "[OPTION...] [HOST...]",
  about: [
    "Puts what listens inside, what the firewall lets in and what answers from outside side by side, compares them with what " +
      "postern.yaml expects, and explains every disagreement. HOST is [USER@]NAME of a host that ssh reaches without a password, or an address; without one it is this machine.",
  ],
  options: OPTIONS,
  statuses:
    "0 as intended, 1 findings from --fail-on on, 2 the command line or the settings file cannot be understood, 3 something could not be looked at",
};
