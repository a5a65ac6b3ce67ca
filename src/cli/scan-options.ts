// The scan command's options as a table, in nmap's spelling where nmap has one (nmap reference guide, options summary).
import { UsageError } from "../model/errors.js";
import { nearest } from "../target/nearest.js";
import { LATER_OPTIONS } from "./later-options.js";
import type { Option, OptionGrammar } from "./option.js";
import { parseOptions } from "./option-parser.js";
import { defaultScanSettings, type ScanSettings, type ScanSettingsDraft, TRANSPORT_NAMES } from "./scan-settings.js";

/** All options of the scan command, in the order of help. */
export const SCAN_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["-iL"],
    value: "FILE",
    help: "read targets from FILE, - for standard input",
    section: "Targets",
    apply(draft, value) {
      const file = needed("-iL", value);
      if (file === "-" && draft.inputLists.includes("-")) {
        throw new UsageError("-iL - was given twice, but standard input can be read only once");
      }
      draft.inputLists = [...draft.inputLists, file];
    },
  },
  {
    names: ["--exclude"],
    value: "LIST",
    help: "never probe these targets, separated by commas",
    section: "Targets",
    apply(draft, value) {
      draft.excludeTexts = [...draft.excludeTexts, needed("--exclude", value)];
    },
  },
  {
    names: ["--excludefile"],
    value: "FILE",
    help: "never probe the targets in FILE",
    section: "Targets",
    apply(draft, value) {
      draft.excludeFiles = [...draft.excludeFiles, needed("--excludefile", value)];
    },
  },
  {
    names: ["--resolve-all"],
    value: undefined,
    help: "scan every address of a name, not only the first",
    section: "Targets",
    apply(draft) {
      draft.resolveAll = true;
    },
  },
  {
    names: ["-n"],
    value: undefined,
    help: "no reverse DNS; accepted as a habit, this version never looks up names for addresses",
    section: "Targets",
    apply() {
      // Nothing to turn off yet.
    },
  },
  {
    names: ["-p"],
    value: "PORTS",
    help: "scan these ports: 22 or 22,80,8000-8010; - is all",
    section: "Ports",
    apply(draft, value) {
      draft.portsText = once("-p", draft.portsText, value);
    },
  },
  {
    names: ["--exclude-ports"],
    value: "PORTS",
    help: "never scan these ports",
    section: "Ports",
    apply(draft, value) {
      draft.excludePortsText = once("--exclude-ports", draft.excludePortsText, value);
    },
  },
  {
    names: ["-F"],
    value: undefined,
    help: "fast: the 100 most usual ports instead of 1000",
    section: "Ports",
    apply(draft) {
      draft.isFast = true;
    },
  },
  {
    names: ["--top-ports"],
    value: "N",
    help: "scan the N most usual ports",
    section: "Ports",
    apply(draft, value) {
      draft.topPorts = wholeNumber("--top-ports", value, 1, 65_535);
    },
  },
  {
    names: ["-r"],
    value: undefined,
    help: "scan ports in their order instead of mixed",
    section: "Ports",
    apply(draft) {
      draft.isSequential = true;
    },
  },
  {
    names: ["-sS"],
    value: undefined,
    help: "TCP SYN scan; the default where raw packets may be sent",
    section: "Techniques",
    apply(draft) {
      setTechnique(draft, "tcp-syn");
    },
  },
  {
    names: ["-sT"],
    value: undefined,
    help: "TCP connect scan; the default otherwise",
    section: "Techniques",
    apply(draft) {
      setTechnique(draft, "tcp-connect");
    },
  },
  {
    names: ["-Pn", "-P0", "-PN"],
    value: undefined,
    help: "no discovery: take every host as up",
    section: "Discovery",
    apply(draft) {
      setPingMode(draft, "none");
    },
  },
  {
    names: ["-sn", "-sP"],
    value: undefined,
    help: "discovery only: which hosts are up, no ports",
    section: "Discovery",
    apply(draft) {
      setPingMode(draft, "only");
    },
  },
  {
    names: ["--authorized"],
    value: "CIDR[,CIDR...]",
    help: "you may probe these networks; needed for public addresses, may be repeated",
    section: "Scope",
    apply(draft, value) {
      const networks = value.split(",").map((network) => network.trim());
      if (networks.includes("")) {
        throw new UsageError(`--authorized needs networks separated by commas, but was given "${value}"`);
      }
      draft.authorized = [...draft.authorized, ...networks];
    },
  },
  {
    names: ["--max-rate"],
    value: "PPS",
    help: "send at most PPS probes a second",
    section: "Timing",
    apply(draft, value) {
      if (!/^\d+(?:\.\d+)?$/.test(value) || !(Number(value) > 0)) {
        throw new UsageError(`--max-rate needs a number of probes a second greater than 0, but was given "${value}"`);
      }
      draft.maxRatePps = Number(value);
    },
  },
  {
    names: ["--max-retries"],
    value: "N",
    help: "send an unanswered probe again at most N times, 0 to 15 (default 10)",
    section: "Timing",
    apply(draft, value) {
      draft.maxRetries = wholeNumber("--max-retries", value, 0, 15);
    },
  },
  {
    names: ["--transport"],
    value: "NAME",
    help: `how probes leave: ${TRANSPORT_NAMES.join(", ")}`,
    section: "Transport",
    apply(draft, value) {
      const transport = TRANSPORT_NAMES.find((name) => name === value);
      if (transport === undefined) {
        const meant = nearest(value, TRANSPORT_NAMES);
        const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
        throw new UsageError(`--transport knows ${TRANSPORT_NAMES.join(", ")}, but was given "${value}"${hint}`);
      }
      draft.transport = transport;
    },
  },
  {
    names: ["--privileged"],
    value: undefined,
    help: "take it that raw packets may be sent",
    section: "Transport",
    apply(draft) {
      draft.privileged = true;
    },
  },
  {
    names: ["--unprivileged"],
    value: undefined,
    help: "take it that raw packets may not be sent",
    section: "Transport",
    apply(draft) {
      draft.privileged = false;
    },
  },
  {
    names: ["--seed"],
    value: "N",
    help: "repeat the order of probes of an earlier scan; -v shows its seed",
    section: "Transport",
    apply(draft, value) {
      draft.seed = wholeNumber("--seed", value, 0, 0xffff_ffff);
    },
  },
  {
    names: ["-v", "--verbose"],
    value: undefined,
    help: "tell more: open ports as they are found, down hosts",
    section: "Output",
    apply(draft) {
      draft.verbosity += 1;
    },
  },
  {
    names: ["--reason"],
    value: undefined,
    help: "show the evidence for each state",
    section: "Output",
    apply(draft) {
      draft.showReason = true;
    },
  },
  {
    names: ["--open"],
    value: undefined,
    help: "show only ports that are open or perhaps open",
    section: "Output",
    apply(draft) {
      draft.onlyOpen = true;
    },
  },
  {
    names: ["--progress"],
    value: undefined,
    help: "show a line that says how far the scan is; the default on a terminal",
    section: "Output",
    apply(draft) {
      draft.progress = true;
    },
  },
  {
    names: ["--no-progress"],
    value: undefined,
    help: "do not show it",
    section: "Output",
    apply(draft) {
      draft.progress = false;
    },
  },
  {
    names: ["-h", "--help"],
    value: undefined,
    help: "show this help",
    section: "Output",
    apply(draft) {
      draft.action = "help";
    },
  },
  {
    names: ["-V", "--version"],
    value: undefined,
    help: "show the version",
    section: "Output",
    apply(draft) {
      draft.action = "version";
    },
  },
];

const SCAN_GRAMMAR: OptionGrammar<ScanSettingsDraft> = {
  options: SCAN_OPTIONS,
  later: LATER_OPTIONS,
  letterPrefixes: ["-s"],
};

/** Reads the words behind `postern`. Throws a UsageError that names what cannot be understood; has no other effect. */
export function parseScanArguments(argv: readonly string[]): ScanSettings {
  const draft = defaultScanSettings();
  draft.targetTexts = parseOptions(SCAN_GRAMMAR, argv, draft, ({ action }) => action !== "scan");
  if (draft.action === "scan") {
    refuseContradictions(draft);
  }
  return draft;
}

function refuseContradictions(settings: ScanSettings): void {
  const { isFast, portsText, topPorts, pingMode, technique } = settings;
  if (isFast && portsText !== undefined) {
    throw new UsageError("-F and -p both say which ports: choose one");
  }
  if (isFast && topPorts !== undefined) {
    throw new UsageError("-F and --top-ports both say how many ports: choose one");
  }
  if (pingMode === "only" && (isFast || portsText !== undefined || topPorts !== undefined)) {
    throw new UsageError("-sn scans no ports, so -p, -F and --top-ports have no meaning with it");
  }
  if (pingMode === "only" && technique !== "auto") {
    const option = technique === "tcp-syn" ? "-sS" : "-sT";
    throw new UsageError(`-sn scans no ports, so ${option} has no meaning with it: choose one`);
  }
}

function setTechnique(draft: ScanSettingsDraft, technique: "tcp-syn" | "tcp-connect"): void {
  if (draft.technique !== "auto" && draft.technique !== technique) {
    throw new UsageError("-sS and -sT are two ways to scan TCP ports: choose one");
  }
  draft.technique = technique;
}

function setPingMode(draft: ScanSettingsDraft, pingMode: "none" | "only"): void {
  if (draft.pingMode !== "default" && draft.pingMode !== pingMode) {
    throw new UsageError("-Pn takes every host as up, and -sn asks which hosts are: choose one");
  }
  draft.pingMode = pingMode;
}

function needed(option: string, value: string): string {
  if (value === "") {
    throw new UsageError(`${option} needs a value, but was given an empty one`);
  }
  return value;
}

/** A second -p would silently replace the first: as in nmap, that is an error. */
function once(option: string, earlier: string | undefined, value: string): string {
  if (earlier !== undefined) {
    throw new UsageError(`${option} was given twice`, { hint: `separate with commas: ${option} ${earlier},${value}` });
  }
  return needed(option, value);
}

function wholeNumber(option: string, value: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw new UsageError(`${option} needs a whole number from ${min} to ${max}, but was given "${value}"`);
  }
  return number;
}
