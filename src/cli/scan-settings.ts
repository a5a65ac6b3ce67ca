// What was typed on the scan command's line, checked for itself and without any effect yet.
import type { LogAddress } from "../linux/log-target.js";
import type { Policy } from "../policy/policy.js";
import type { DiscoveryProbe, PortTechniqueName, TransportChoice } from "../scan/plan.js";
import type { Shard } from "../target/shard.js";

/** Ways in which probes can leave; "auto" takes the best that works. */
export const TRANSPORT_NAMES: readonly TransportChoice[] = ["auto", "ring", "raw", "io_uring", "epoll", "node"];

/** One kind of question of discovery, as it was typed. */
export interface DiscoveryText {
  readonly option: string;
  readonly technique: DiscoveryProbe["technique"];
  /** Ports or protocols; undefined for questions that have none. */
  readonly portsText: string | undefined;
}

/** The six timing templates, from the slowest on. */
export type TimingTemplate = 0 | 1 | 2 | 3 | 4 | 5;

/** Time and pace; `undefined` is what was not typed. */
export interface TimingSettings {
  readonly template: TimingTemplate | undefined;
  readonly minRttTimeoutMs: number | undefined;
  readonly maxRttTimeoutMs: number | undefined;
  readonly initialRttTimeoutMs: number | undefined;
  /** 0 to 15: each try has a source port of its own. */
  readonly maxRetries: number | undefined;
  /** 0 for none, whatever the template says. */
  readonly hostTimeoutMs: number | undefined;
  readonly scanDelayMs: number | undefined;
  readonly maxScanDelayMs: number | undefined;
  /** Greater than 0, not always whole. */
  readonly minRatePps: number | undefined;
  readonly maxRatePps: number | undefined;
  readonly minParallelism: number | undefined;
  readonly maxParallelism: number | undefined;
  readonly minHostGroup: number | undefined;
  readonly maxHostGroup: number | undefined;
}

/** Names of addresses. */
export interface DnsSettings {
  /** Of hosts that are up, of none (-n), or of all targets (-R). */
  readonly scope: "up" | "none" | "all";
  /** As `parseNameServer` gives them; empty for the machine's own. */
  readonly servers: readonly string[];
  /** Asks the system's resolver instead. */
  readonly isSystem: boolean;
}

/** What is UDP's alone. */
export interface UdpSettings {
  readonly isPrinterAllowed: boolean;
  /** Own addresses that probes leave from, as they were typed. */
  readonly sourcesText: string | undefined;
  /** 0 to 1024. */
  readonly borrowCount: number;
  readonly isIcmpRationDefeated: boolean;
}

/** A report that was asked for. */
export interface ReportRequest {
  /** The writer's name. */
  readonly form: string;
  /** "-" is standard output. */
  readonly path: string;
}

/** The command line as data. Texts are as they were typed: targets, ports and networks are read elsewhere. */
export interface ScanSettings {
  readonly action: "scan" | "help" | "version" | "iflist";
  readonly targetTexts: readonly string[];
  /** Files with targets; "-" is standard input, at most once. */
  readonly inputLists: readonly string[];
  /** Interfaces whose IPv6 neighbours are targets, too. */
  readonly links: readonly string[];
  /** Each as it was given; one may hold several targets with commas between them. */
  readonly excludeTexts: readonly string[];
  readonly excludeFiles: readonly string[];
  /** Scans all addresses of a name, not only the first. */
  readonly resolveAll: boolean;
  /** Of names, takes addresses of IPv6 only. */
  readonly isIpv6Named: boolean;
  readonly portsText: string | undefined;
  readonly excludePortsText: string | undefined;
  /** How many of the most usual ports, 1 to 65535. */
  readonly topPorts: number | undefined;
  /** How often a port must be open to be scanned, 0 to 1. */
  readonly portRatio: number | undefined;
  /** A file in the form of nmap-services, in place of our own tables; it goes before the one in the directory. */
  readonly servicesFile: string | undefined;
  /** A directory that may have a file nmap-services. */
  readonly dataDirectory: string | undefined;
  /** -F: the hundred most usual ports. */
  readonly isFast: boolean;
  /** -r: ports in their order. */
  readonly isSequential: boolean;
  /** In the order in which they were typed; empty for the best way to scan TCP ports. */
  readonly techniques: readonly PortTechniqueName[];
  /** 0 to 255. */
  readonly scanFlags: number | undefined;
  /** "none" is -Pn (every host counts as up), "only" is -sn (no ports), "list" is -sL (no packets). */
  readonly pingMode: "default" | "none" | "only" | "list";
  /** Empty for what fits the way to the host. */
  readonly discovery: readonly DiscoveryText[];
  /** False: neighbours are not asked by ARP or neighbour discovery. */
  readonly isLinkAsked: boolean;
  /** A RST does not show that a host is up. */
  readonly isResetIgnored: boolean;
  readonly isTraced: boolean;
  readonly dns: DnsSettings;
  /** Networks that may be probed beside the private ones, one each. */
  readonly authorized: readonly string[];
  readonly timing: TimingSettings;
  readonly udp: UdpSettings;
  readonly isResetRationDefeated: boolean;
  readonly shard: Shard | undefined;
  /** 0 to 4294967295. */
  readonly seed: number | undefined;
  /** The journal to begin. */
  readonly journalFile: string | undefined;
  /** The journal to go on from. */
  readonly resumeFile: string | undefined;
  readonly transport: TransportChoice;
  /** `undefined`: find out what this process may do. */
  readonly privileged: boolean | undefined;
  /** Where start and end of the scan are put on record; `undefined` for nowhere. */
  readonly log: LogAddress | undefined;
  /** Nowhere, whatever the settings file says. */
  readonly isLogOff: boolean;
  /** Whether the scan is put into the history; `undefined`: what the settings file says. */
  readonly isRecorded: boolean | undefined;
  /** The history's file; `undefined` for the usual one. */
  readonly historyFile: string | undefined;
  /** What the settings file says; undefined where there is none, or before it is read. */
  readonly policy?: Policy | undefined;
  /** The settings file; `undefined`: one is looked for. */
  readonly scopeFile: string | undefined;
  /** Beside the one on the terminal. */
  readonly reports: readonly ReportRequest[];
  /** Reports go on behind what is in their files already. */
  readonly isAppended: boolean;
  /** Where XML reports say that their style sheet is; "" for none, `undefined` for the writer's own choice. */
  readonly stylesheet: string | undefined;
  /** How often -v was given, or its number: 0 to 10. */
  readonly verbosity: number;
  /** The same of -d. */
  readonly debugging: number;
  readonly isPacketTraced: boolean;
  /** A line that says how far the scan is comes so often. */
  readonly statsEveryMs: number | undefined;
  readonly showReason: boolean;
  readonly onlyOpen: boolean;
  /** `undefined`: only on a terminal. */
  readonly progress: boolean | undefined;
  /** False: no keys are read while the scan runs. */
  readonly isInteractive: boolean;
}

/** Settings while the command line is read. */
export type ScanSettingsDraft = { -readonly [Key in keyof ScanSettings]: ScanSettings[Key] };

/** No word about time and pace. */
export const NO_TIMING: TimingSettings = {
  template: undefined,
  minRttTimeoutMs: undefined,
  maxRttTimeoutMs: undefined,
  initialRttTimeoutMs: undefined,
  maxRetries: undefined,
  hostTimeoutMs: undefined,
  scanDelayMs: undefined,
  maxScanDelayMs: undefined,
  minRatePps: undefined,
  maxRatePps: undefined,
  minParallelism: undefined,
  maxParallelism: undefined,
  minHostGroup: undefined,
  maxHostGroup: undefined,
};

/** The settings of a command line without a word. */
export function defaultScanSettings(): ScanSettingsDraft {
  return {
    action: "scan",
    targetTexts: [],
    inputLists: [],
    links: [],
    excludeTexts: [],
    excludeFiles: [],
    resolveAll: false,
    isIpv6Named: false,
    portsText: undefined,
    excludePortsText: undefined,
    topPorts: undefined,
    portRatio: undefined,
    servicesFile: undefined,
    dataDirectory: undefined,
    isFast: false,
    isSequential: false,
    techniques: [],
    scanFlags: undefined,
    pingMode: "default",
    discovery: [],
    isLinkAsked: true,
    isResetIgnored: false,
    isTraced: false,
    dns: { scope: "up", servers: [], isSystem: false },
    authorized: [],
    timing: NO_TIMING,
    udp: { isPrinterAllowed: false, sourcesText: undefined, borrowCount: 0, isIcmpRationDefeated: false },
    isResetRationDefeated: false,
    shard: undefined,
    seed: undefined,
    journalFile: undefined,
    resumeFile: undefined,
    transport: "auto",
    privileged: undefined,
    log: undefined,
    isLogOff: false,
    isRecorded: undefined,
    historyFile: undefined,
    scopeFile: undefined,
    reports: [],
    isAppended: false,
    stylesheet: undefined,
    verbosity: 0,
    debugging: 0,
    isPacketTraced: false,
    statsEveryMs: undefined,
    showReason: false,
    onlyOpen: false,
    progress: undefined,
    isInteractive: true,
  };
}
