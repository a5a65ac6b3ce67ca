// The options of `postern history list`, and its help.
import { UsageError } from "../../model/errors.js";
import type { ScanFilter } from "../../store/history-scans.js";
import { quote } from "../../target/fault.js";
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
import { needed, wholeNumber } from "../option-value.js";
import { parseHostChoice, parsePortChoice } from "./history-choice.js";
import { parseAge, parseTime } from "./history-time.js";

/** So many are listed unasked. */
const LIMIT = 20;

/** What the command line asks for. */
export interface ListSettings extends Readonly<HelpDraft & HistoryFileDraft> {
  readonly filter: ScanFilter;
  /** Infinity for all. */
  readonly limit: number;
  readonly isJson: boolean;
}

type Draft = { -readonly [Key in keyof ListSettings]: ListSettings[Key] } & { readonly nowMs: number };

const SECTION = "Options";

const LIST_OPTIONS: readonly Option<Draft>[] = [
  {
    names: ["--host"],
    value: "HOST",
    help: "scans in which HOST was up: an address, a network or a name",
    section: SECTION,
    apply(draft, value) {
      draft.filter = { ...draft.filter, host: parseHostChoice(value) };
    },
  },
  {
    names: ["--port"],
    value: "PORTS",
    help: "scans in which one of PORTS was open, on that host if one is named: 22, 80,8000-8010, 53/udp",
    section: SECTION,
    apply(draft, value) {
      draft.filter = { ...draft.filter, port: parsePortChoice(value) };
    },
  },
  {
    names: ["--service"],
    value: "TEXT",
    help: "scans in which the name, product or version of a service has TEXT in it",
    section: SECTION,
    apply(draft, value) {
      draft.filter = { ...draft.filter, service: needed("--service", value) };
    },
  },
  {
    names: ["--since"],
    value: "TIME",
    help: "scans that began then or later: 2026-11-20, 2026-11-20T08:30, or 7d for the last seven days",
    section: SECTION,
    apply(draft, value) {
      draft.filter = { ...draft.filter, sinceMs: timeOf("--since", value, "start", draft.nowMs) };
    },
  },
  {
    names: ["--until"],
    value: "TIME",
    help: "scans that began then or earlier; a day counts to its end",
    section: SECTION,
    apply(draft, value) {
      draft.filter = { ...draft.filter, untilMs: timeOf("--until", value, "end", draft.nowMs) };
    },
  },
  {
    names: ["--limit"],
    value: "N",
    help: `the latest N of them, ${LIMIT} unless it is said; 0 for all`,
    section: SECTION,
    apply(draft, value) {
      draft.limit = wholeNumber("--limit", value, 0, 1_000_000_000) || Number.POSITIVE_INFINITY;
    },
  },
  flag(["--json"], SECTION, "one JSON document, for programs", (draft) => {
    draft.isJson = true;
  }),
  historyFileOption(SECTION),
  helpOption(SECTION),
];

const USAGE: CommandUsage<Draft> = {
  name: "postern history list",
  synopsis: "[OPTION...]",
  about: ["Lists the scans of the history, the latest first. What several options ask for must all be so."],
  options: LIST_OPTIONS,
  statuses:
    "0 it was listed, even if nothing fits, 2 the command line cannot be understood or there is no history, 3 it cannot be read now",
};

/**
 * Reads the words behind `postern history list`.
 *
 * @throws UsageError when they cannot be understood
 */
export function parseListArguments(words: readonly string[], nowMs: number): ListSettings {
  const draft: Draft = { filter: {}, limit: LIMIT, isJson: false, historyFile: undefined, isHelp: false, nowMs };
  const [stranger] = parseCommandOptions(USAGE, words, draft);
  if (stranger !== undefined && !draft.isHelp) {
    throw commandUsageError(USAGE, `postern history list takes options alone, not ${quote(stranger)}`);
  }
  return draft;
}

/** The text of `postern history list --help`. */
export function listHelp(columns: number): string {
  return commandHelp(USAGE, columns);
}

function timeOf(option: string, value: string, edge: "start" | "end", nowMs: number): number {
  const ageMs = parseAge(value);
  const atMs = ageMs === undefined ? parseTime(value, edge) : nowMs - ageMs;
  if (atMs !== undefined) return atMs;
  throw new UsageError(`${option} takes a time such as 2026-11-20, 2026-11-20T08:30 or 7d, not ${quote(value)}`);
}
