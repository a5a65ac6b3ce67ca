// The options of `postern sockets`, and its help. The letters are those of ss(8) and netstat(8).
import type { InetProtocol, KernelSocket } from "../../linux/kernel-socket.js";
import { SOCKET_STATES } from "../../linux/socket-state.js";
import { quote } from "../../target/fault.js";
import type { PortRange } from "../../target/port-set.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  helpOption,
  parseCommandOptions,
} from "../command-options.js";
import { flag, type Option } from "../option.js";
import { REPORT_OPTIONS, type ReportDraft } from "../scan-options/report-options.js";
import type { ReportRequest } from "../scan-settings.js";

/** What the command line of `postern sockets` asks for. */
export interface SocketsSettings {
  /** Protocols of IP to show; empty for all. */
  readonly protocols: ReadonlySet<InetProtocol>;
  readonly kinds: ReadonlySet<KernelSocket["kind"]>;
  readonly families: ReadonlySet<4 | 6>;
  readonly hasConnections: boolean;
  readonly isNumeric: boolean;
  readonly onlyOwnNamespace: boolean;
  readonly ports: readonly PortRange[];
  readonly processes: readonly string[];
  readonly users: readonly string[];
  readonly states: readonly string[];
  readonly watchSec: number | undefined;
  readonly isJson: boolean;
  readonly procRoot: string | undefined;
  /** Report forms of a scan, beside what is shown. */
  readonly reports: readonly ReportRequest[];
  readonly isAppended: boolean;
  readonly stylesheet: string | undefined;
  readonly isHelp: boolean;
}

interface Draft extends ReportDraft {
  protocols: Set<InetProtocol>;
  kinds: Set<KernelSocket["kind"]>;
  families: Set<4 | 6>;
  hasConnections: boolean;
  isNumeric: boolean;
  onlyOwnNamespace: boolean;
  ports: PortRange[];
  processes: string[];
  users: string[];
  states: string[];
  watchSec: number | undefined;
  isJson: boolean;
  procRoot: string | undefined;
  isHelp: boolean;
}

const WHICH = "Which sockets";
const HOW = "How they are shown";
const WATCH_SEC = 2;
const WATCH_SEC_MIN = 0.2;

function protocolFlag(names: Option<Draft>["names"], help: string, protocols: readonly InetProtocol[]): Option<Draft> {
  return flag(names, WHICH, help, (draft) => {
    for (const protocol of protocols) draft.protocols.add(protocol);
    draft.kinds.add("inet");
  });
}

function kindFlag(names: Option<Draft>["names"], help: string, kind: KernelSocket["kind"]): Option<Draft> {
  return flag(names, WHICH, help, (draft) => {
    draft.kinds.add(kind);
  });
}

function listOption(
  names: Option<Draft>["names"],
  value: string,
  help: string,
  list: (draft: Draft) => string[],
  read: (word: string) => string = (word) => word,
): Option<Draft> {
  return {
    names,
    value,
    help,
    section: WHICH,
    apply(draft, text) {
      const words = text.split(",").map((word) => word.trim());
      if (words.some((word) => word === ""))
        throw commandUsageError(USAGE, `${names[0]} needs a value, not ${quote(text)}`);
      list(draft).push(...words.map(read));
    },
  };
}

const OPTIONS: readonly Option<Draft>[] = [
  protocolFlag(["-t", "--tcp"], "TCP", ["tcp"]),
  protocolFlag(["-u", "--udp"], "UDP, and UDP-Lite", ["udp", "udplite"]),
  protocolFlag(["-S", "--sctp"], "SCTP", ["sctp"]),
  protocolFlag(["-w", "--raw"], "raw IP sockets, and those that send pings", ["raw", "icmp"]),
  kindFlag(["-0", "--packet"], "packet sockets: they see frames before the firewall does", "packet"),
  kindFlag(["-x", "--unix"], "Unix sockets", "unix"),
  flag(["-4", "--ipv4"], WHICH, "IPv4 alone", (draft) => {
    draft.families.add(4);
  }),
  flag(["-6", "--ipv6"], WHICH, "IPv6 alone", (draft) => {
    draft.families.add(6);
  }),
  flag(["-l", "--listening"], WHICH, "only what waits for others (the default)", (draft) => {
    draft.hasConnections = false;
  }),
  flag(["-a", "--all"], WHICH, "connections, too", (draft) => {
    draft.hasConnections = true;
  }),
  {
    names: ["--port"],
    value: "PORTS",
    help: "with one of these ports at either end: 22,8000-8010",
    section: WHICH,
    apply(draft, text) {
      draft.ports.push(...parseRanges(text));
    },
  },
  listOption(["--process"], "NAMES", "of these processes: names or numbers", (draft) => draft.processes),
  listOption(["--user"], "USERS", "of these users: names or numbers", (draft) => draft.users),
  listOption(
    ["--state"],
    "STATES",
    "in these states: listen, established, time-wait …; shows connections, too",
    (draft) => {
      draft.hasConnections = true;
      return draft.states;
    },
    readState,
  ),
  flag(["--own"], WHICH, "only this network namespace", (draft) => {
    draft.onlyOwnNamespace = true;
  }),
  flag(["-n", "--numeric"], HOW, "no names of services and users", (draft) => {
    draft.isNumeric = true;
  }),
  flag(["-p", "--processes"], HOW, "processes, which are shown anyway", () => {}),
  {
    names: ["--watch"],
    value: "SECONDS",
    isAttached: true,
    help: `goes on, and tells what comes and goes; looks every ${WATCH_SEC} s, or as often as is said with =`,
    section: HOW,
    apply(draft, text) {
      draft.watchSec = parseWatch(text);
    },
  },
  flag(["--json"], HOW, "one JSON document; with --watch a line for each change", (draft) => {
    draft.isJson = true;
  }),
  {
    names: ["--proc"],
    value: "DIR",
    values: "directory",
    help: "reads a tree of files instead of /proc",
    section: HOW,
    apply(draft, text) {
      draft.procRoot = text;
    },
  },
  helpOption(HOW),
  ...REPORT_OPTIONS,
];

const USAGE: CommandUsage<Draft> = {
  name: "postern sockets",
  synopsis: "[OPTION...]",
  about: [
    "Shows what listens on this machine: on which addresses, from where it can be reached as far as its address decides, " +
      "and which process, user and unit have it, in every network namespace. Root sees all of it.",
  ],
  options: OPTIONS,
  statuses: "0 shown, whatever it was, 2 the command line cannot be understood, 3 it could not be read",
};

/**
 * Reads the words behind `postern sockets`.
 *
 * @throws UsageError when they cannot be understood
 */
export function parseSocketsArguments(words: readonly string[]): SocketsSettings {
  const draft: Draft = {
    protocols: new Set(),
    kinds: new Set(),
    families: new Set(),
    hasConnections: false,
    isNumeric: false,
    onlyOwnNamespace: false,
    ports: [],
    processes: [],
    users: [],
    states: [],
    watchSec: undefined,
    isJson: false,
    procRoot: undefined,
    reports: [],
    isAppended: false,
    stylesheet: undefined,
    isHelp: false,
  };
  const [stranger] = parseCommandOptions(USAGE, words, draft);
  if (stranger !== undefined && !draft.isHelp) {
    throw commandUsageError(USAGE, `postern sockets takes options alone, not ${quote(stranger)}`);
  }
  if (draft.kinds.size === 0) for (const kind of ["inet", "packet"] as const) draft.kinds.add(kind);
  return draft;
}

/** The text of `postern sockets --help`. */
export function socketsHelp(columns: number): string {
  return commandHelp(USAGE, columns);
}

/** ss's and netstat's words for states, where they are not the kernel's. */
const STATE_WORDS: ReadonlyMap<string, string> = new Map([
  ["estab", "established"],
  ["listening", "listen"],
  ["unconn", "unconnected"],
  ["close", "unconnected"],
  ["closed", "unconnected"],
]);

function readState(word: string): string {
  const name = word.toLowerCase().replaceAll("_", "-");
  const state = STATE_WORDS.get(name) ?? name;
  if (!SOCKET_STATES.has(state)) {
    throw commandUsageError(USAGE, `${quote(word)} is no state: ${[...SOCKET_STATES].join(", ")}`);
  }
  return state;
}

function parseRanges(text: string): readonly PortRange[] {
  return text.split(",").map((part) => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (match === null || last > 65_535 || first > last) {
      throw commandUsageError(USAGE, `--port takes ports and ranges such as 22,8000-8010, not ${quote(text)}`);
    }
    return [first, last] as const;
  });
}

function parseWatch(text: string): number {
  const seconds = text === "" ? WATCH_SEC : Number(text);
  if (!(seconds >= WATCH_SEC_MIN && seconds <= 86_400)) {
    throw commandUsageError(USAGE, `--watch takes seconds from ${WATCH_SEC_MIN} to 86400, not ${quote(text)}`);
  }
  return seconds;
}
