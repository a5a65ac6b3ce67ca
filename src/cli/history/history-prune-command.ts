// `postern history prune`: takes old scans out of the history, and gives their room back.
import { UsageError } from "../../model/errors.js";
import { countOf } from "../../report/quantity.js";
import { pruneScans } from "../../store/history-scans.js";
import { quote } from "../../target/fault.js";
import { formatRanges } from "../../target/port-set.js";
import type { CommandConsole } from "../command.js";
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
import { wholeNumber } from "../option-value.js";
import { openHistory } from "./history-place.js";
import { parseAge } from "./history-time.js";

const PRUNED = 0;
/** Nobody waits for it, so it waits for the others. */
const WAIT_MS = 30_000;

interface Draft extends HelpDraft, HistoryFileDraft {
  keepCount: number | undefined;
  ageMs: number | undefined;
  isDryRun: boolean;
}

const SECTION = "Options";

const PRUNE_OPTIONS: readonly Option<Draft>[] = [
  {
    names: ["--keep"],
    value: "N",
    help: "the latest N scans stay, however old they are",
    section: SECTION,
    apply(draft, value) {
      draft.keepCount = wholeNumber("--keep", value, 0, 1_000_000_000);
    },
  },
  {
    names: ["--older-than"],
    value: "AGE",
    help: "only scans that began longer ago go: 90d, 12h, 4w",
    section: SECTION,
    apply(draft, value) {
      const ageMs = parseAge(value);
      if (ageMs === undefined)
        throw new UsageError(`--older-than takes an age such as 90d or 12h, not ${quote(value)}`);
      draft.ageMs = ageMs;
    },
  },
  flag(["--dry-run"], SECTION, "only say which would go", (draft) => {
    draft.isDryRun = true;
  }),
  historyFileOption(SECTION),
  helpOption(SECTION),
];

const USAGE: CommandUsage<Draft> = {
  name: "postern history prune",
  synopsis: "--keep N | --older-than AGE",
  about: [
    "Takes scans out of the history for good. With both options a scan goes that is old enough and not among the latest N. A " +
      "scan that runs stays.",
  ],
  options: PRUNE_OPTIONS,
  statuses: "0 it was done, 2 the command line cannot be understood or there is no history, 3 it cannot be written now",
};

/** Prunes the history. */
export function runHistoryPrune(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = {
    keepCount: undefined,
    ageMs: undefined,
    isDryRun: false,
    historyFile: undefined,
    isHelp: false,
  };
  const [stranger] = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return Promise.resolve(PRUNED);
  }
  const { keepCount, ageMs, isDryRun, historyFile: named } = draft;
  if (stranger !== undefined || (keepCount === undefined && ageMs === undefined)) {
    throw commandUsageError(USAGE, "postern history prune takes --keep N, --older-than AGE, or both");
  }
  const database = openHistory({ named, environment: console.environment }, WAIT_MS, "read");
  try {
    const nowMs = Date.now();
    const beforeMs = ageMs === undefined ? undefined : nowMs - ageMs;
    const gone = pruneScans(database, { keepCount: keepCount ?? 0, beforeMs, isDryRun }, nowMs);
    const numbers = [...gone].sort((one, other) => one - other).map((id) => [id, id] as const);
    const which = numbers.length === 0 ? "" : `: ${formatRanges(numbers)}`;
    console.writeOut(`${countOf(gone.length, "scan")} ${isDryRun ? "would be " : ""}taken out${which}\n`);
  } finally {
    database.close();
  }
  return Promise.resolve(PRUNED);
}
