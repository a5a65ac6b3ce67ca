// UDP and UDP-ALL: closed UDP ports tell of themselves only as often as the kernel's limits on ICMP errors let them
// (ip-sysctl, icmp_ratelimit and icmp_msgs_per_sec): how well a scan gets on with one ration, and with many.
import type { HostSpec } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { type Measured, measure } from "./measure.js";
import { POSTERN_PROGRAM } from "./programs.js";
import { costOf, type RowOptions, type RowResult } from "./row.js";
import { statesText } from "./scan-rows.js";

/** So many errors at once for each source, then one a second. */
const BURST = 6;
const SERVICES_BY_MS = 3000;
const ONE_SOURCE_MAX = 1.1;
const MANY_SOURCES_SHARE_MAX = 1 / 12;
/** Besides its own 10.9.0.1. */
const MORE_SOURCES: readonly string[] = Array.from({ length: 15 }, (_, index) => `10.9.0.${101 + index}`);
/** nmap keeps to the ration of one source: more ports would take it a quarter of an hour. */
const NMAP_PORTS_MAX = 100;
const ALL_PORT_COUNT = 65_535;
const ALL_MAX_MS = 150_000;
const BORROWED_COUNT = 512;

interface Found {
  readonly measured: Measured;
  /** When the last service was told, from the start of the process; undefined when not all were. */
  readonly servicesAtMs: number | undefined;
}

function hostWith(udp: readonly number[]): HostSpec {
  return { name: "udp", summary: `answers on UDP ${udp.join(", ")}`, udp };
}

function truthText(udp: readonly number[], portCount: number): string {
  return `${udp.map((port) => `${port} open`).join(", ")}; ${portCount - udp.length} closed udp ports`;
}

async function mustRun(lab: Lab, where: "scanner" | "host", command: string, input: string): Promise<void> {
  const machine = where === "scanner" ? lab.scanner : lab.host();
  const { status, stderr } = await machine.run("sh", ["-ec", command], { input });
  if (status !== 0) throw new Error(`bench: "${command}" failed: ${stderr}`);
}

/** Runs a scan with -v and looks when it tells of open ports. */
async function scan(lab: Lab, program: string, args: readonly string[], serviceCount: number, timeoutMs: number) {
  const told = new Set<string>();
  let servicesAtMs: number | undefined;
  const onOutput = (text: string, atMs: number) => {
    for (const [line] of text.matchAll(/^Discovered open port \d+\/udp on \S+$/gm)) told.add(line);
    if (told.size >= serviceCount) servicesAtMs ??= atMs;
  };
  const measured = await measure({ machine: lab.scanner, program, args, timeoutMs, onOutput });
  return { measured, servicesAtMs } satisfies Found;
}

function foundText({ servicesAtMs }: Found): string {
  return servicesAtMs === undefined ? "not all services" : `services after ${(servicesAtMs / 1000).toFixed(2)} s`;
}

interface UdpWork {
  readonly portCount: number;
  readonly services: readonly number[];
  readonly sources: "one" | "many";
}

async function udpRow(work: UdpWork, options: RowOptions): Promise<RowResult> {
  const { portCount, services, sources } = work;
  await using lab = await createLab({ topology: "neighbour", hosts: [hostWith(services)], hasIcmpLimits: true });
  const addresses = MORE_SOURCES.map((address) => `addr add ${address}/16 dev eth0\n`).join("");
  const isMany = sources === "many";
  if (isMany) await mustRun(lab, "scanner", "ip -batch -", addresses);
  const rationMs = (portCount - services.length - BURST) * 1000;
  const targetMs = rationMs * (isMany ? MANY_SOURCES_SHARE_MAX : ONE_SOURCE_MAX);
  const timeoutMs = rationMs * 2 + 60_000;
  const how = isMany ? ["--source-addresses", ["10.9.0.1", ...MORE_SOURCES].join(",")] : [];
  const args = ["-n", "-Pn", "-v", "-sU", "-p", `1-${portCount}`, ...how, lab.host().ipv4];
  const ours = await scan(lab, POSTERN_PROGRAM, args, services.length, timeoutMs);
  const truth = truthText(services, portCount);
  const isRight = ({ measured }: Found) => measured.status === 0 && statesText(measured.stdout) === truth;
  const verdictOf = (found: Found) => `${isRight(found) ? "right" : "WRONG"}, ${foundText(found)}`;
  options.say(`  ${portCount} ports, ${sources}: ${(ours.measured.wallMs / 1000).toFixed(2)} s, ${verdictOf(ours)}`);
  let theirs: Found | undefined;
  if (options.hasNmap && !isMany && portCount <= NMAP_PORTS_MAX) {
    theirs = await scan(lab, "nmap", args, services.length, timeoutMs);
    options.say(`  nmap: ${(theirs.measured.wallMs / 1000).toFixed(2)} s, ${verdictOf(theirs)}`);
  }
  const isEarly = ours.servicesAtMs !== undefined && ours.servicesAtMs <= SERVICES_BY_MS;
  return {
    row: "UDP",
    work: `\`-sU -p 1-${portCount}\`${isMany ? " with `--source-addresses` of 16" : ""}, 5 services, Linux's ICMP limits`,
    ours: costOf([ours.measured]),
    theirs: theirs === undefined ? undefined : costOf([theirs.measured]),
    ratio: theirs === undefined ? undefined : ours.measured.wallMs / theirs.measured.wallMs,
    states: `${verdictOf(ours)}${theirs === undefined ? "" : `; nmap ${verdictOf(theirs)}`}`,
    target: `all right, services within 3 s, at most ${(targetMs / 1000).toFixed(1)} s`,
    isMet: isRight(ours) && isEarly && ours.measured.wallMs <= targetMs,
  };
}

/** 100 and 1,000 ports of a Linux host, from one address and from 16: with 1,000 from one it takes 17 minutes. */
export async function udp(options: RowOptions): Promise<RowResult[]> {
  const few = { portCount: 100, services: [7, 19, 37, 53, 69] };
  const many = { portCount: 1000, services: [53, 123, 161, 500, 623] };
  const rows: RowResult[] = [];
  for (const ports of [few, many]) {
    for (const sources of ["one", "many"] as const) rows.push(await udpRow({ ...ports, sources }, options));
  }
  return rows;
}

/** The kernel's defaults, said aloud: what the namespace inherits is another question. */
const DEFAULT_LIMITS = [
  "echo 1000 >/proc/sys/net/ipv6/icmp/ratelimit",
  "echo 1000 >/proc/sys/net/ipv4/icmp_msgs_per_sec",
  "echo 50 >/proc/sys/net/ipv4/icmp_msgs_burst",
].join("\n");

/** All UDP ports of a Linux host over IPv6, from as many addresses as its own limit allows. */
export async function udpAll(options: RowOptions): Promise<RowResult> {
  const services = [53, 123, 500, 5353, 40_000];
  await using lab = await createLab({ topology: "neighbour", hosts: [hostWith(services)], hasIcmpLimits: true });
  await mustRun(lab, "host", DEFAULT_LIMITS, "");
  const args = ["-n", "-Pn", "-v", "-sU", "-p-", "--borrow", `${BORROWED_COUNT}`, lab.host().ipv6];
  const ours = await scan(lab, POSTERN_PROGRAM, args, services.length, 2 * ALL_MAX_MS);
  const isRight =
    ours.measured.status === 0 && statesText(ours.measured.stdout) === truthText(services, ALL_PORT_COUNT);
  const verdict = `${isRight ? "right" : "WRONG"}, ${foundText(ours)}`;
  options.say(`  ${(ours.measured.wallMs / 1000).toFixed(2)} s, ${verdict}`);
  return {
    row: "UDP-ALL",
    work: `\`-sU -p- --borrow ${BORROWED_COUNT}\` over IPv6, 5 services, Linux's ICMP limits`,
    ours: costOf([ours.measured]),
    theirs: undefined,
    ratio: undefined,
    states: verdict,
    target: `all right, under ${ALL_MAX_MS / 1000} s`,
    isMet: isRight && ours.measured.wallMs < ALL_MAX_MS,
  };
}
