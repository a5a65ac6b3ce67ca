// Asks for ports by the postern over there, and reads its JSON Lines (docs/json-lines.md): only the lines about ports, and of
// them only words that are known here.
import { PORT_STATES, type PortState } from "../model/port-state.js";
import { REASON_NAMES, type Reason } from "../model/reason.js";
import { type Address, formatAddress, isSameHost, parseAddress } from "../target/address.js";
import { Scope } from "../target/scope.js";
import type { AskedBook } from "./asked-book.js";
import type { ProbePlan } from "./python-prober.js";
import type { AskedPort, PortAnswer, VantageEvent } from "./vantage.js";

/** Longer lists of ports are asked for in several runs: one word of a command has 128 KiB at most (execve(2)). */
const RUN_PORTS_MAX = 8000;
/** Addresses of one run. */
const RUN_HOSTS_MAX = 256;
/** So few have reports whose lines are written in one piece (PIPE_BUF): then several may write at a time. */
const SHORT_PORTS_MAX = 500;
const RUNS_AT_ONCE = 4;

/** The longest that it may take, in seconds: a host may ration what it says of closed UDP ports to one a second. */
export function longestPosternSec({ ports, maxRate, retries }: ProbePlan): number {
  const udpCount = ports.filter(([, { protocol }]) => protocol === "udp").length;
  const tries = ports.length * (retries + 1);
  return 120 + tries / 10 + udpCount * 2 + tries / (maxRate ?? Number.POSITIVE_INFINITY);
}

/** The script, whole: what is cut off does nothing, because its last line starts it. */
export function posternProgram(plan: ProbePlan, isRoot: boolean): string {
  const atOnce = plan.maxRate === undefined && plan.ports.length <= SHORT_PORTS_MAX ? RUNS_AT_ONCE : 1;
  const lines = runsOf(plan.ports.map(([, port]) => port)).map((run, at) => {
    const isLast = (at + 1) % atOnce === 0;
    return `  ask ${wordsOf(run, plan, isRoot).join(" ")} &${isLast ? "\n  wait" : ""}`;
  });
  return `PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
ask() { postern "$@" </dev/null || echo "${plan.tag} failed $?"; }
main() {
${lines.join("\n")}
  wait
  echo "${plan.tag} end"
}
main
`;
}

interface Run {
  readonly addresses: readonly Address[];
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

/** Addresses with the same ports are asked together. */
function runsOf(ports: readonly AskedPort[]): readonly Run[] {
  const byAddress = new Map<string, { address: Address; tcp: number[]; udp: number[] }>();
  for (const { address, protocol, port } of ports) {
    const text = formatAddress(address);
    const known = byAddress.get(text) ?? { address, tcp: [], udp: [] };
    known[protocol].push(port);
    byAddress.set(text, known);
  }
  const byPorts = new Map<string, { addresses: Address[]; tcp: readonly number[]; udp: readonly number[] }>();
  for (const { address, tcp, udp } of byAddress.values()) {
    const key = `${tcp.sort(ascending).join()} ${udp.sort(ascending).join()}`;
    const known = byPorts.get(key) ?? { addresses: [], tcp, udp };
    known.addresses.push(address);
    byPorts.set(key, known);
  }
  return [...byPorts.values()].flatMap((group) =>
    chunks(group.addresses, RUN_HOSTS_MAX).flatMap((addresses) => splitPorts({ ...group, addresses })),
  );
}

function ascending(a: number, b: number): number {
  return a - b;
}

function splitPorts({ addresses, tcp, udp }: Run): readonly Run[] {
  if (tcp.length + udp.length <= RUN_PORTS_MAX) return [{ addresses, tcp, udp }];
  return [
    ...chunks(tcp, RUN_PORTS_MAX).map((some) => ({ addresses, tcp: some, udp: [] })),
    ...chunks(udp, RUN_PORTS_MAX).map((some) => ({ addresses, tcp: [], udp: some })),
  ];
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** Nothing is kept over there, and no names are looked up. Its own settings still hold: they may allow less. */
function wordsOf({ addresses, tcp, udp }: Run, plan: ProbePlan, isRoot: boolean): readonly string[] {
  const ports = [...tcp.map((port) => `T:${port}`), ...udp.map((port) => `U:${port}`)].join(",");
  const needAuthority = addresses.filter((address) => !ANYWHERE.allows(address));
  return [
    ...(tcp.length > 0 ? [isRoot ? "-sS" : "-sT"] : []),
    ...(udp.length > 0 ? ["-sU"] : []),
    ...["-Pn", "-n", "--noninteractive", "--no-progress", "--no-history", "-oJ", "-"],
    ...["-p", ports],
    ...(plan.maxRate === undefined ? [] : ["--max-rate", String(plan.maxRate)]),
    ...["--max-retries", String(plan.retries)],
    ...needAuthority.flatMap((address) => ["--authorized", blockText(address)]),
    "--",
    ...addresses.map((address) => formatAddress(address)),
  ];
}

/** What needs no word of anybody. */
const ANYWHERE = Scope.of({ own: [], authorized: [] });

function blockText(address: Address): string {
  return `${formatAddress(address)}/${address.family === 4 ? 32 : 128}`;
}

/** Reads a line of its report. What is no answer to a question of the book is noted there. */
export function readReportLine(line: string, book: AskedBook): readonly VantageEvent[] {
  const fields = parse(line);
  if (fields === undefined) return [];
  const address = parseAddress(textOf(fields.address));
  if (address === undefined) return [];
  switch (fields.type) {
    case "port":
    case "ports":
      return portsOf(fields).flatMap((port) => answersOf(fields, address, port, book));
    case "host-done":
      return isAsked(address, book) ? marksOf(fields, address) : [];
    default:
      return [];
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: string): Fields | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined; // cut off, or not its own
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** "1-21,23": no more than there are, whatever it says. */
function portsOf(fields: Fields): readonly number[] {
  if (fields.type === "port") return typeof fields.port === "number" ? [fields.port] : [];
  const ports = new Set<number>();
  for (const part of textOf(fields.ports).split(",")) {
    const [, first = "0", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    const end = Math.min(65_535, Number(last));
    for (let port = Math.max(1, Number(first)); port <= end; port++) ports.add(port);
  }
  return [...ports];
}

function answersOf(fields: Fields, address: Address, port: number, book: AskedBook): readonly VantageEvent[] {
  const state = PORT_STATES.find((one): one is PortState => one === fields.state);
  const reason = REASON_NAMES.find((one): one is Reason => one === fields.reason);
  const asked = book.take(book.numberOf(formatAddress(address), textOf(fields.protocol), port));
  if (asked === undefined) return [];
  if (state === undefined || reason === undefined) {
    const what = `${asked.protocol} ${port} of ${formatAddress(address)}`;
    return [{ kind: "gap", what, why: "the postern over there says it in words that are not known here" }];
  }
  const responder = parseAddress(textOf(fields.responder));
  const answer: PortAnswer = {
    asked,
    state,
    reason,
    responder: responder === undefined || isSameHost(responder, address) ? undefined : responder,
    rttMs: numberOf(fields.rttMs, 600_000),
    tries: numberOf(fields.tries, 100) ?? 1,
  };
  return [{ kind: "answer", answer }];
}

function numberOf(value: unknown, max: number): number | undefined {
  return typeof value === "number" && value >= 0 && value <= max ? value : undefined;
}

function isAsked(address: Address, book: AskedBook): boolean {
  return book.asked.some((one) => isSameHost(one.address, address));
}

/** Marks of a host: no more than one of each. */
function marksOf(fields: Fields, address: Address): readonly VantageEvent[] {
  const marks = Array.isArray(fields.marks) ? fields.marks.slice(0, 16) : [];
  const codes = marks.flatMap((mark: unknown) => (isFields(mark) ? [textOf(mark.code)] : []));
  const known = [...new Set(codes)].filter((code) => /^[a-z][a-z-]{1,39}$/.test(code));
  return known.map((mark) => ({ kind: "mark", address, mark }));
}
