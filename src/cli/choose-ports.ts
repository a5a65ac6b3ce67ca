// Which ports of each protocol are asked, and which of them first.
import { UsageError } from "../model/errors.js";
import type { ScanPlan } from "../scan/plan.js";
import { isFault } from "../target/fault.js";
import { lettersOf, parsePorts } from "../target/port-expression.js";
import { DEFAULT_PORT_COUNT, FAST_PORT_COUNT, type PortRanking } from "../target/port-ranking.js";
import { IP_PROTOCOL_MAX, type PortRange, PortSet, type Protocol } from "../target/port-set.js";
import type { ServiceNames } from "../target/service-names.js";
import type { UdpPayloadsData } from "../technique/udp-payloads.js";
import type { ScanSettings } from "./scan-settings.js";

/** What is called how, and what scans it. */
const WORDS: Readonly<Record<Protocol, { readonly what: string; readonly letter: string; readonly options: string }>> =
  {
    tcp: { what: "TCP port", letter: "T:", options: "-sS or -sT" },
    udp: { what: "UDP port", letter: "U:", options: "-sU" },
    sctp: { what: "SCTP port", letter: "S:", options: "-sY" },
    ip: { what: "IP protocol", letter: "P:", options: "-sO" },
  };

const LIKELY_PORTS = 100;

/** What ports are chosen from. */
export interface PortSources {
  readonly names: () => ServiceNames;
  readonly ranking: PortRanking;
  /** The ports that are open at least so often (--port-ratio); `undefined` where nobody knows how often. */
  readonly portsFrom?: (protocol: Protocol, ratio: number) => readonly number[] | undefined;
}

/** The ports of all targets without ports of their own, and a line for each letter of -p that nothing is made of. */
export interface ChosenPorts {
  readonly ports: PortSet;
  readonly excluded: PortSet;
  readonly warnings: readonly string[];
}

/**
 * Chooses the ports of a plan.
 *
 * @throws UsageError what cannot be read, and a protocol without any port that is left
 */
export function choosePorts(settings: ScanSettings, protocols: readonly Protocol[], sources: PortSources): ChosenPorts {
  const { portsText, excludePortsText, pingMode } = settings;
  const excluded = excludePortsText === undefined ? PortSet.empty : read(excludePortsText, sources);
  const asked = portsText === undefined ? likeliest(settings, protocols, sources) : read(portsText, sources, protocols);
  const ports = only(asked, protocols).minus(excluded);
  const warnings = portsText === undefined ? [] : letterWarnings(portsText, protocols);
  const without = protocols.find((protocol) => ports.count(protocol) === 0);
  if (without !== undefined && pingMode !== "only" && pingMode !== "list") {
    throw new UsageError(`no ${WORDS[without].what} is left to scan`, {
      hint: warnings[0] ?? "look at -p and --exclude-ports",
    });
  }
  return { ports, excluded, warnings };
}

/** The ports of each protocol that are asked first; of UDP also those that a question is known for. */
export function likelyPortsOf(
  protocols: readonly Protocol[],
  ranking: PortRanking,
  { rows }: UdpPayloadsData,
): ScanPlan["likelyPorts"] {
  const likely: Partial<Record<Protocol, readonly number[]>> = {};
  for (const protocol of protocols) {
    if (protocol === "ip") continue;
    const top = ranking.top(protocol, Math.min(LIKELY_PORTS, ranking.rankedCount(protocol)));
    likely[protocol] = protocol === "udp" ? [...new Set([...top, ...rows.flatMap(({ ports }) => ports)])] : top;
  }
  return likely;
}

function read(text: string, { names }: PortSources, plain?: readonly Protocol[]): PortSet {
  const ports = parsePorts(text, names(), plain);
  if (isFault(ports)) throw new UsageError(ports.fault);
  return ports;
}

function likeliest(settings: ScanSettings, protocols: readonly Protocol[], sources: PortSources): PortSet {
  const { topPorts, portRatio, isFast } = settings;
  const { ranking, names } = sources;
  const ranges: Partial<Record<Protocol, PortRange[]>> = {};
  for (const protocol of protocols) {
    if (protocol === "ip") {
      ranges.ip = isFast ? toRanges(names().namedPorts("ip")) : [[0, IP_PROTOCOL_MAX]];
      continue;
    }
    if (portRatio !== undefined) {
      ranges[protocol] = toRanges(frequentPorts(protocol, portRatio, sources));
      continue;
    }
    const usual = Math.min(isFast ? FAST_PORT_COUNT : DEFAULT_PORT_COUNT, ranking.rankedCount(protocol));
    ranges[protocol] = toRanges(ranking.top(protocol, topPorts ?? usual));
  }
  return PortSet.of(ranges);
}

function frequentPorts(protocol: Protocol, ratio: number, { portsFrom }: PortSources): readonly number[] {
  const ports = portsFrom?.(protocol, ratio);
  if (ports !== undefined) return ports;
  throw new UsageError(
    "--port-ratio needs to know how often ports are open, and postern's own table is a ranking only",
    {
      hint: "name a file that knows it, such as nmap-services: --servicedb FILE; or use --top-ports N",
    },
  );
}

function toRanges(ports: readonly number[]): PortRange[] {
  return ports.map((port) => [port, port]);
}

/** The ports of these protocols alone. */
function only(ports: PortSet, protocols: readonly Protocol[]): PortSet {
  return PortSet.of(Object.fromEntries(protocols.map((protocol) => [protocol, ports.ranges(protocol)])));
}

function letterWarnings(text: string, protocols: readonly Protocol[]): readonly string[] {
  return [...lettersOf(text)]
    .filter((protocol) => !protocols.includes(protocol))
    .map((protocol) => {
      const { what, letter, options } = WORDS[protocol];
      return `-p names ${what}s (${letter}), and nothing that was asked for scans them: add ${options}`;
    });
}
