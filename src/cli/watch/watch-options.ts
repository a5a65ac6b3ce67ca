// The options of `postern watch`, and its help.
import { LOCAL_LOG_ADDRESS, parseLogAddress } from "../../linux/log-address.js";
import type { LogAddress } from "../../linux/log-target.js";
import { UsageError } from "../../model/errors.js";
import type { WatchSubject } from "../../store/watch-store.js";
import { isFault, quote } from "../../target/fault.js";
import { NOTIFY_FORMS, type NotifyTarget, parseNotifyTarget } from "../../watch/notify-target.js";
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
import { duration, once, oneFile } from "../option-value.js";

/** What the command line of `postern watch` asks for; undefined is what was not typed. */
export interface WatchArguments extends HelpDraft, HistoryFileDraft {
  schedule: string | undefined;
  timeZone: string | undefined;
  name: string | undefined;
  isOnce: boolean;
  /** 0 for no second look. */
  confirmAfterMs: number | undefined;
  lookLimitMs: number | undefined;
  notify: NotifyTarget[];
  file: string | undefined;
  log: LogAddress | undefined;
  /** What stands behind "--". */
  look: LookWords | undefined;
}

/** The command that looks. */
export interface LookWords {
  readonly subject: WatchSubject;
  readonly words: readonly string[];
}

const SECTION = "Options";
const NAME = /^[\w][\w.:@-]{0,99}$/;

const WATCH_OPTIONS: readonly Option<WatchArguments>[] = [
  {
    names: ["--schedule"],
    value: "CRON",
    help: 'when: minute, hour, day, month, weekday ("17 3 * * *"), or @hourly, @daily (the default), @weekly',
    section: SECTION,
    apply(draft, value) {
      if (draft.schedule !== undefined) throw new UsageError("--schedule was given twice: one was expected");
      draft.schedule = value;
    },
  },
  {
    names: ["--timezone"],
    value: "ZONE",
    help: "the zone of the schedule: Europe/Berlin, UTC; without it the system's own",
    section: SECTION,
    apply(draft, value) {
      draft.timeZone = once("--timezone", draft.timeZone, value);
    },
  },
  flag(["--once"], SECTION, "make one run now, and end", (draft) => {
    draft.isOnce = true;
  }),
  {
    names: ["--name"],
    value: "NAME",
    help: "what is known is kept under NAME; without it, under the words behind --",
    section: SECTION,
    apply(draft, value) {
      draft.name = readWatchName("--name", value);
    },
  },
  {
    names: ["--notify"],
    value: "TARGET",
    help: `who is told of changes: ${NOTIFY_FORMS}; may be given several times`,
    section: SECTION,
    apply(draft, value) {
      const target = parseNotifyTarget(value);
      if (isFault(target)) throw new UsageError(`--notify: ${target.fault}`);
      draft.notify.push(target);
    },
  },
  {
    names: ["--confirm-after"],
    value: "TIME",
    help: "look once more after TIME before a change is told; 30s unless it is given, 0 for no second look",
    section: SECTION,
    apply(draft, value) {
      draft.confirmAfterMs = duration("--confirm-after", value, 0);
    },
  },
  {
    names: ["--look-limit"],
    value: "TIME",
    help: "end a scan or audit that takes longer; 24h unless it is given",
    section: SECTION,
    apply(draft, value) {
      draft.lookLimitMs = duration("--look-limit", value, 1);
    },
  },
  {
    names: ["--file"],
    value: "FILE",
    values: "file",
    help: "what to watch, when and whom to tell stands in FILE (docs/watch.md); read again at SIGHUP",
    section: SECTION,
    apply(draft, value) {
      draft.file = oneFile("--file", draft.file, value);
    },
  },
  historyFileOption(SECTION),
  flag(["--syslog"], SECTION, "put start and end of each run into the system log", (draft) => {
    draft.log = LOCAL_LOG_ADDRESS;
  }),
  {
    names: ["--syslog-to"],
    value: "ADDRESS",
    help: "the same, into a collector: udp://HOST, tcp://HOST, tls://HOST",
    section: SECTION,
    apply(draft, value) {
      draft.log = parseLogAddress("--syslog-to", value);
    },
  },
  helpOption(SECTION),
];

const USAGE: CommandUsage<WatchArguments> = {
  name: "postern watch",
  synopsis: "[OPTION...] -- scan|audit WORDS...",
  about: [
    "Scans or audits on a schedule, keeps each run in the history, and tells what has changed, and nothing else. Behind -- stands " +
      "what would stand behind postern: scan -n 192.0.2.0/24, or audit.",
    "The first run is what others are compared with. What a run could not see, since it lost packets or was stopped, is no " +
      "change; a change is looked at once more before it is told.",
  ],
  options: WATCH_OPTIONS,
  statuses:
    "0 it was stopped, or with --once nothing has changed; 1 with --once something has; 2 the command line or a file cannot be " +
    "understood; 3 with --once it could not look, or somebody could not be told",
};

/**
 * Reads the words behind `postern watch`.
 *
 * @throws UsageError when they cannot be understood
 */
export function parseWatchArguments(words: readonly string[]): WatchArguments {
  const draft: WatchArguments = {
    schedule: undefined,
    timeZone: undefined,
    name: undefined,
    isOnce: false,
    confirmAfterMs: undefined,
    lookLimitMs: undefined,
    notify: [],
    file: undefined,
    historyFile: undefined,
    log: undefined,
    look: undefined,
    isHelp: false,
  };
  const end = words.indexOf("--");
  const [stray] = parseCommandOptions(USAGE, end < 0 ? words : words.slice(0, end), draft);
  if (draft.isHelp) return draft;
  if (stray !== undefined) {
    throw commandUsageError(USAGE, `what is watched stands behind --, and ${quote(stray)} does not`);
  }
  if (end >= 0) draft.look = readLookWords(words.slice(end + 1));
  if ((draft.look === undefined) === (draft.file === undefined)) {
    throw commandUsageError(
      USAGE,
      "what shall be watched stands behind -- (-- scan 192.0.2.1) or in a file (--file), one of both",
    );
  }
  return draft;
}

/** The text of `postern watch --help`. */
export function watchHelp(columns: number): string {
  return commandHelp(USAGE, columns);
}

/** A name that is one plain word. */
export function readWatchName(option: string, value: string): string {
  if (NAME.test(value)) return value;
  throw new UsageError(`${option} needs a word of letters, digits, and . _ : @ -, but was given ${quote(value)}`);
}

function readLookWords([subject, ...words]: readonly string[]): LookWords {
  if (subject === "scan" || subject === "audit") return { subject, words };
  throw commandUsageError(USAGE, `behind -- stands scan or audit, and not ${quote(subject ?? "")}`);
}
