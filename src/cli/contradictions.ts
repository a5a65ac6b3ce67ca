// What cannot be asked for together on the scan command's line, each with one clear line.
import { UsageError } from "../model/errors.js";
import { techniqueOption } from "./scan-options/technique-options.js";
import type { ScanSettings } from "./scan-settings.js";

/** A bound above the other, in the words of the options. */
type Bounds = readonly [lowOption: string, low: number | undefined, highOption: string, high: number | undefined];

/** Refuses what contradicts itself. Throws a UsageError for the first that does. */
export function refuseContradictions(settings: ScanSettings): void {
  if (settings.resumeFile !== undefined) refuseOnResume(settings);
  refuseBounds(settings);
  refusePorts(settings);
  refusePortsWithoutScan(settings);
  refuseDiscovery(settings);
  refuseNames(settings);
  const flagless = settings.techniques.length > 0 && !settings.techniques.some((name) => name.startsWith("tcp-"));
  if (settings.scanFlags !== undefined && (flagless || settings.techniques.includes("tcp-connect"))) {
    const others = settings.techniques.map(techniqueOption).join(" and ");
    throw new UsageError(`--scanflags is for TCP probes of our own, and ${others} sends none: add -sS or another one`);
  }
}

/** Refuses what is UDP's alone where no UDP ports are scanned. */
export function refuseUdpOptions(udp: ScanSettings["udp"], isScanned: boolean, isAsked: boolean): void {
  if (!isScanned && udp.borrowCount > 0) throw new UsageError("--borrow is for UDP probes: add -sU");
  if (!isScanned && udp.sourcesText !== undefined)
    throw new UsageError("--source-addresses is for UDP probes: add -sU");
  if (!isScanned && !isAsked && udp.isPrinterAllowed) {
    throw new UsageError("--payload-printers is for UDP probes: add -sU");
  }
}

/** The journal or report decides what is asked; pace, transport, scope and output may change. */
function refuseOnResume(settings: ScanSettings): void {
  const given: readonly (readonly [words: string, isGiven: boolean])[] = [
    ["targets", settings.targetTexts.length > 0],
    ["--link", settings.links.length > 0],
    ["--exclude", settings.excludeTexts.length > 0],
    ["--resolve-all", settings.resolveAll],
    ["-6", settings.isIpv6Named],
    ["-p", settings.portsText !== undefined],
    ["--exclude-ports", settings.excludePortsText !== undefined],
    ["-F", settings.isFast],
    ["--top-ports", settings.topPorts !== undefined],
    ["--port-ratio", settings.portRatio !== undefined],
    ["-r", settings.isSequential],
    ["--payload-printers", settings.udp.isPrinterAllowed],
    ["-sL, -sn and -Pn", settings.pingMode !== "default"],
    ["--disable-arp-ping", !settings.isLinkAsked],
    ["--discovery-ignore-rst", settings.isResetIgnored],
    ["--traceroute", settings.isTraced],
    ["--scanflags", settings.scanFlags !== undefined],
    ["--shard", settings.shard !== undefined],
    ["--seed", settings.seed !== undefined],
    ["--journal", settings.journalFile !== undefined],
    ...settings.techniques.map((name) => [techniqueOption(name), true] as const),
    ...settings.discovery.map(({ option }) => [option, true] as const),
  ];
  refuseFirst(given);
}

/** Refuses lists of targets beside a journal, which has all targets itself; a report only names the lists. */
export function refuseListsOnResume({ inputLists, excludeFiles }: ScanSettings): void {
  refuseFirst([
    ["-iL", inputLists.length > 0],
    ["--excludefile", excludeFiles.length > 0],
  ]);
}

function refuseFirst(given: readonly (readonly [words: string, isGiven: boolean])[]): void {
  const [first] = given.find(([, isGiven]) => isGiven) ?? [];
  if (first === undefined) return;
  const why = first === "--journal" ? "writes on into the same file" : "takes from the file what is asked";
  throw new UsageError(`--resume ${why}: ${first} cannot be given with it`, {
    hint: "options of pace, transport, scope and output may be given",
  });
}

function refuseBounds({ timing }: ScanSettings): void {
  const all: readonly Bounds[] = [
    ["--min-rtt-timeout", timing.minRttTimeoutMs, "--max-rtt-timeout", timing.maxRttTimeoutMs],
    ["--min-rtt-timeout", timing.minRttTimeoutMs, "--initial-rtt-timeout", timing.initialRttTimeoutMs],
    ["--initial-rtt-timeout", timing.initialRttTimeoutMs, "--max-rtt-timeout", timing.maxRttTimeoutMs],
    ["--scan-delay", timing.scanDelayMs, "--max-scan-delay", timing.maxScanDelayMs],
    ["--min-rate", timing.minRatePps, "--max-rate", timing.maxRatePps],
    ["--min-parallelism", timing.minParallelism, "--max-parallelism", timing.maxParallelism],
    ["--min-hostgroup", timing.minHostGroup, "--max-hostgroup", timing.maxHostGroup],
  ];
  for (const [lowOption, low, highOption, high] of all) {
    if (low !== undefined && high !== undefined && low > high) {
      throw new UsageError(`${lowOption} is more than ${highOption}`);
    }
  }
}

function refusePorts(settings: ScanSettings): void {
  const { isFast, portsText, topPorts, portRatio, techniques } = settings;
  const choices = [
    ...(isFast ? ["-F"] : []),
    ...(portRatio === undefined ? [] : ["--port-ratio"]),
    ...(topPorts === undefined ? [] : ["--top-ports"]),
    ...(portsText === undefined ? [] : ["-p"]),
  ];
  const [first, second] = choices;
  if (second !== undefined) throw new UsageError(`${first} and ${second} both say which ports: choose one`);
  if ((first === "--top-ports" || first === "--port-ratio") && techniques.includes("ip-protocol")) {
    throw new UsageError(`IP protocols have no ranking, so ${first} has no meaning with -sO: use -p`);
  }
}

/** Ports and ways to scan them, where no port is scanned. */
function refusePortsWithoutScan(settings: ScanSettings): void {
  const { isFast, portsText, topPorts, portRatio, pingMode, techniques } = settings;
  if (pingMode !== "only" && pingMode !== "list") return;
  const option = pingMode === "only" ? "-sn" : "-sL";
  if (isFast || portsText !== undefined || topPorts !== undefined || portRatio !== undefined) {
    throw new UsageError(`${option} scans no ports, so -p, -F, --top-ports and --port-ratio have no meaning with it`);
  }
  const [technique] = techniques;
  if (technique !== undefined || settings.scanFlags !== undefined) {
    const other = technique === undefined ? "--scanflags" : techniqueOption(technique);
    throw new UsageError(`${option} scans no ports, so ${other} has no meaning with it: choose one`);
  }
}

function refuseDiscovery({ pingMode, discovery, isTraced }: ScanSettings): void {
  const [asked] = discovery;
  if (asked !== undefined && pingMode === "none") {
    throw new UsageError(`-Pn takes every host as up, and ${asked.option} asks which hosts are: choose one`);
  }
  if (pingMode !== "list") return;
  if (asked !== undefined) {
    throw new UsageError(`-sL only lists the targets, and ${asked.option} asks which hosts are up: choose one`);
  }
  if (isTraced) throw new UsageError("-sL only lists the targets, so --traceroute has no meaning with it");
}

function refuseNames({ dns }: ScanSettings): void {
  if (dns.isSystem && dns.servers.length > 0) {
    throw new UsageError("--system-dns and --dns-servers both say who is asked for names: choose one");
  }
  if (dns.scope === "none" && (dns.isSystem || dns.servers.length > 0)) {
    const option = dns.isSystem ? "--system-dns" : "--dns-servers";
    throw new UsageError(`-n looks up no names, so ${option} has no meaning with it`);
  }
}
