// What was typed on the scan command's line, checked for itself and without any effect yet.

/** Ways in which probes can leave; "auto" takes the best that works. */
export const TRANSPORT_NAMES = ["auto", "ring", "raw", "io_uring", "epoll", "node"] as const;

/** One of {@link TRANSPORT_NAMES}. */
export type TransportName = (typeof TRANSPORT_NAMES)[number];

/** The command line as data. Texts are as they were typed: targets, ports and networks are read elsewhere. */
export interface ScanSettings {
  readonly action: "scan" | "help" | "version";
  readonly targetTexts: readonly string[];
  /** Files with targets; "-" is standard input, at most once. */
  readonly inputLists: readonly string[];
  /** Each as it was given; one may hold several targets with commas between them. */
  readonly excludeTexts: readonly string[];
  readonly excludeFiles: readonly string[];
  /** Scans all addresses of a name, not only the first. */
  readonly resolveAll: boolean;
  readonly portsText: string | undefined;
  readonly excludePortsText: string | undefined;
  /** How many of the most usual ports, 1 to 65535. */
  readonly topPorts: number | undefined;
  /** -F: the hundred most usual ports. */
  readonly isFast: boolean;
  /** -r: ports in their order. */
  readonly isSequential: boolean;
  readonly technique: "auto" | "tcp-syn" | "tcp-connect";
  /** "none" is -Pn (every host counts as up), "only" is -sn (no ports). */
  readonly pingMode: "default" | "none" | "only";
  /** Networks that may be probed beside the private ones, one each. */
  readonly authorized: readonly string[];
  /** Greater than 0, not always whole. */
  readonly maxRatePps: number | undefined;
  /** 0 to 15: each try has a source port of its own. */
  readonly maxRetries: number | undefined;
  readonly transport: TransportName;
  /** `undefined`: find out what this process may do. */
  readonly privileged: boolean | undefined;
  /** 0 to 4294967295. */
  readonly seed: number | undefined;
  /** How often -v was given. */
  readonly verbosity: number;
  readonly showReason: boolean;
  readonly onlyOpen: boolean;
  /** `undefined`: only on a terminal. */
  readonly progress: boolean | undefined;
}

/** Settings while the command line is read. */
export type ScanSettingsDraft = { -readonly [Key in keyof ScanSettings]: ScanSettings[Key] };

/** The settings of a command line without a word. */
export function defaultScanSettings(): ScanSettingsDraft {
  return {
    action: "scan",
    targetTexts: [],
    inputLists: [],
    excludeTexts: [],
    excludeFiles: [],
    resolveAll: false,
    portsText: undefined,
    excludePortsText: undefined,
    topPorts: undefined,
    isFast: false,
    isSequential: false,
    technique: "auto",
    pingMode: "default",
    authorized: [],
    maxRatePps: undefined,
    maxRetries: undefined,
    transport: "auto",
    privileged: undefined,
    seed: undefined,
    verbosity: 0,
    showReason: false,
    onlyOpen: false,
    progress: undefined,
  };
}
