// One host of the normal report: the lines that stand between two blank lines. The look is nmap's ("Port Scanning
// Basics" and "Output" in its reference guide), since administrators read it without thinking.
import type { PortOwner } from "../model/owner-event.js";
import type { HostDoneEvent, HostFacts, TraceEvent } from "../model/scan-event.js";
import type { HostAccumulator } from "./host-accumulator.js";
import { doubtLines } from "./host-doubts.js";
import { isPerhapsOpen, listedGroups, notShownLine, nounOf, portTables } from "./normal-ports.js";
import { traceLines } from "./normal-trace.js";
import { printable } from "./printable.js";
import { plainDecimal } from "./quantity.js";
import type { ReportOptions } from "./report-writer.js";

/** A host with everything that came in for it. */
export interface HostRecord {
  readonly facts: HostFacts;
  readonly ports: HostAccumulator;
  /** By `portKey`. */
  readonly owners: Map<string, PortOwner>;
  /** By reverse DNS; empty where there are none. */
  names: readonly string[];
  trace: TraceEvent | undefined;
}

/** "name (address)" with the name that the user wrote, else the first by reverse DNS; the address alone without both. */
export function hostTitle(facts: HostFacts, names: readonly string[]): string {
  const address = printable(facts.address);
  const name = writtenName(facts) ?? names[0];
  return name === undefined ? address : `${printable(name)} (${address})`;
}

/** What stands before the title of a host. */
export function reportTitle({ program }: ReportOptions): string {
  return program === "nmap" ? "Nmap scan report for" : "postern report for";
}

/** The lines of an up host; none when --open leaves the host out. */
export function hostLines(record: HostRecord, done: HostDoneEvent, options: ReportOptions): readonly string[] {
  const { facts, ports, names, owners, trace } = record;
  const groups = ports.groups();
  if (options.onlyOpen && !groups.some(isPerhapsOpen)) {
    return [];
  }
  const answersEverything = done.marks.some(({ code }) => code === "answers-everything");
  const isListed = listedGroups(groups, answersEverything, options);
  const hidden = groups.filter((group) => !isListed(group));
  const rows = ports.rows(isListed);
  const lines = [
    `${reportTitle(options)} ${hostTitle(facts, names)}`,
    upLine(facts, done.rttMs ?? facts.rttMs, options),
    ...otherAddressLine(facts),
    ...reverseNameLine(facts, names),
  ];
  // Open ports that are only counted have not been ignored: their mark says what they are worth.
  if (rows.length === 0 && ports.portCount > 0 && !hidden.some(({ state }) => state === "open")) {
    lines.push(allHiddenLine(record));
  }
  const tables = portTables(rows, owners, options);
  // nmap has an empty line where nothing else parts the tables from what stands above them.
  if (options.program === "nmap" && hidden.length === 0 && tables.length > 0) lines.push("");
  lines.push(...notShownLine(hidden), ...tables);
  if (facts.mac !== undefined) {
    lines.push(macLine(facts.mac, options));
  }
  lines.push(...doubtLines(done), ...done.marks.map(({ text }) => printable(text)));
  return trace === undefined ? lines : [...lines, ...traceLines(trace, facts.family)];
}

/** The name that the user wrote, if it was none but the address. */
function writtenName({ name, address }: HostFacts): string | undefined {
  return name === address ? undefined : name;
}

function upLine(facts: HostFacts, rttMs: number | undefined, options: ReportOptions): string {
  const ttl = facts.ttl === undefined ? "" : ` ttl ${facts.ttl}`;
  const received = options.showReason ? `, received ${facts.reason}${ttl}` : "";
  if (rttMs !== undefined) {
    return `Host is up${received} (${plainDecimal(rttMs / 1000)}s latency).`;
  }
  // With -Pn and no answer at all nobody has seen the host: it would be a claim without evidence.
  return facts.reason === "user-set" && options.program !== "nmap"
    ? `Host is up${received} (not checked: -Pn).`
    : `Host is up${received}.`;
}

function otherAddressLine(facts: HostFacts): readonly string[] {
  if (facts.name === undefined || facts.otherAddresses.length === 0) {
    return [];
  }
  const addresses = facts.otherAddresses.map(printable).join(" ");
  return [`Other addresses for ${printable(facts.name)} (not scanned): ${addresses}`];
}

/** Where reverse DNS does not know the name that the user wrote. */
function reverseNameLine(facts: HostFacts, names: readonly string[]): readonly string[] {
  const written = writtenName(facts);
  const [first] = names;
  if (written === undefined || first === undefined || names.some((name) => isSameName(name, written))) {
    return [];
  }
  return [`rDNS record for ${printable(facts.address)}: ${printable(first)}`];
}

/** Names are compared without regard to case (RFC 4343), and with or without the root's dot. */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase().replace(/\.$/, "") === other.toLowerCase().replace(/\.$/, "");
}

function allHiddenLine({ facts, names, ports }: HostRecord): string {
  const noun = ports.groups().every(({ protocol }) => nounOf(protocol) === "protocol") ? "protocol" : "port";
  const isOne = ports.portCount === 1;
  const what = isOne ? `The 1 scanned ${noun}` : `All ${ports.portCount} scanned ${noun}s`;
  return `${what} on ${hostTitle(facts, names)} ${isOne ? "is in an ignored state" : "are in ignored states"}.`;
}

function macLine(mac: string, options: ReportOptions): string {
  if (options.program === "nmap") {
    return `MAC Address: ${printable(mac.toUpperCase())} (${printable(options.vendorOf?.(mac) ?? "Unknown")})`;
  }
  const line = `MAC Address: ${printable(mac)}`;
  // The second bit of the first byte: whoever runs the machine has made the address up (IEEE 802, "U/L").
  if ((Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0) {
    return `${line} (locally administered)`;
  }
  return options.vendorOf === undefined ? line : `${line} (${printable(options.vendorOf(mac) ?? "Unknown")})`;
}
