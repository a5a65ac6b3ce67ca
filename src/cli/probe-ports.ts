// `postern connect -z`: probes ports, tells of each in nc's words, and returns the exit status.
import type { Clock } from "../linux/clock.js";
import { ownAddresses } from "../linux/own-addresses.js";
import { TransmitGuard } from "../linux/transmit-guard.js";
import { type ProbeFinding, runProbes } from "../talk/probe.js";
import { beginTcpProbe, type ProbeOptions } from "../talk/tcp-probe.js";
import { beginUdpProbe } from "../talk/udp-probe.js";
import type { Address } from "../target/address.js";
import type { ServiceTable } from "../target/service-table.js";
import type { ConnectSettings } from "./connect-settings.js";
import { type ConnectTarget, readPorts } from "./connect-target.js";
import { readServiceTable, readUdpPayloads } from "./data-files.js";
import { probeLine } from "./probe-lines.js";

const ALL_OPEN = 0;
const NOT_OPEN = 1;

/** The first SYN, and those that Linux repeats after 1 and 3 s (tcp(7), tcp_syn_retries). */
const TIMEOUT_MS = 5000;
/** Sockets that are open side by side: far below the usual limit of 1,024 descriptors. */
const TCP_AT_ONCE = 256;
/** Few, since hosts ration the ICMP errors by which a closed port is known: Linux sends six at once, then one a second. */
const UDP_AT_ONCE = 6;

/** Probes all ports of the target, telling of each in the order in which they were named. */
export function probePorts(
  settings: ConnectSettings,
  target: ConnectTarget,
  clock: Clock,
  say: (line: string) => void,
): number {
  const { isUdp, isNumeric, verbosity, sourceAddress, sourcePort } = settings;
  const timeoutMs = settings.timeoutMs ?? TIMEOUT_MS;
  const protocol = isUdp ? "udp" : "tcp";
  const services = readServiceTable();
  const ports = readPorts(settings.ports, protocol, services);
  const source = { address: sourceAddress, port: sourcePort };
  const options: ProbeOptions = { guard: new TransmitGuard(target.scope), clock, source, timeoutMs };
  const own = ownAddresses();
  const sayOf = (port: number, { address, finding }: Probed): void => {
    if (verbosity === 0) return;
    const service = serviceOf(services, port, protocol, isNumeric);
    const { host, isName } = target;
    say(probeLine({ host, isName, address, port, protocol, service, timeoutMs }, finding, own, verbosity > 1));
  };
  const open = probeAll({ ports, target, options, settings, sayOf });
  return open === ports.length ? ALL_OPEN : NOT_OPEN;
}

/** As nc has it: with -n no port has a name. */
function serviceOf(services: ServiceTable, port: number, protocol: "tcp" | "udp", isNumeric: boolean) {
  return isNumeric ? undefined : services.nameOf(port, protocol);
}

/** One address of the host with what was found there. */
interface Probed {
  readonly address: Address;
  readonly finding: ProbeFinding;
}

interface Task {
  readonly ports: readonly number[];
  readonly target: ConnectTarget;
  readonly options: ProbeOptions;
  readonly settings: Pick<ConnectSettings, "isUdp" | "payload">;
  sayOf(port: number, probed: Probed): void;
}

/**
 * Probes the first address of the host, then what was not open there at the next. Tells of a port as soon as it and all
 * before it are done. Returns how many are open.
 */
function probeAll({ ports, target, options, settings, sayOf }: Task): number {
  const found = new Map<number, Probed[]>(ports.map((port) => [port, []]));
  let told = 0;
  const tell = (): void => {
    for (let port = ports[told]; port !== undefined; port = ports[told]) {
      const probed = found.get(port) ?? [];
      if (!isOpen(probed) && probed.length < target.addresses.length) return;
      for (const one of probed) sayOf(port, one);
      told++;
    }
  };
  for (const address of target.addresses) {
    const left = ports.filter((port) => !isOpen(found.get(port) ?? []));
    for (const [index, finding] of probeAddress(address, left, options, settings)) {
      found.get(left[index] ?? 0)?.push({ address, finding });
      tell();
    }
  }
  return [...found.values()].filter(isOpen).length;
}

function isOpen(probed: readonly Probed[]): boolean {
  return probed.some(({ finding }) => finding.state === "open");
}

function probeAddress(
  address: Address,
  ports: readonly number[],
  options: ProbeOptions,
  { isUdp, payload }: Task["settings"],
): Generator<readonly [index: number, finding: ProbeFinding]> {
  const payloads = isUdp && payload === undefined ? readUdpPayloads(false) : undefined;
  const begin = (index: number) => {
    const port = ports[index] ?? 0;
    if (!isUdp) return beginTcpProbe(options, address, port);
    return beginUdpProbe(
      options,
      address,
      port,
      payload === undefined ? (payloads?.payloadsOf(port) ?? []) : [payload],
    );
  };
  const atOnce = options.source.port === 0 ? (isUdp ? UDP_AT_ONCE : TCP_AT_ONCE) : 1;
  return runProbes({ count: ports.length, atOnce, clock: options.clock, begin });
}
