// One host of the normal report: the lines that stand between two blank lines. The look is nmap's ("Port Scanning
// Basics" and "Output" in its reference guide), since administrators read it without thinking.
import type { HostDoneEvent, HostFacts } from "../model/scan-event.js";
import type { HostAccumulator, PortGroup, PortRow } from "./host-accumulator.js";
import { printable } from "./printable.js";
import { countOf, percentAbout, plainDecimal } from "./quantity.js";
import type { ReportOptions } from "./report-writer.js";
import { textTable } from "./text-table.js";

/** A host with everything that came in for it. */
export interface HostRecord {
  readonly facts: HostFacts;
  readonly ports: HostAccumulator;
}

/**
 * How many ports of one state and protocol a report lists before it only counts them ("Not shown"). nmap's feel: some
 * twenty-five, and twice as many for somebody who asks for more. Open ports are always listed.
 */
export function listedMax(verbosity: number): number {
  return verbosity > 0 ? 50 : 25;
}

/** "name (address)", or the address alone where no name was written. */
export function hostTitle(facts: HostFacts): string {
  const address = printable(facts.address);
  return facts.name === undefined || facts.name === facts.address ? address : `${printable(facts.name)} (${address})`;
}

/** The lines of an up host; none when --open leaves the host out. */
export function hostLines(record: HostRecord, done: HostDoneEvent, options: ReportOptions): readonly string[] {
  const { facts, ports } = record;
  const groups = ports.groups();
  if (options.onlyOpen && !groups.some(isPerhapsOpen)) {
    return [];
  }
  const isListed = listedGroups(groups, options);
  const rows = ports.rows(isListed);
  const lines = [
    `postern report for ${hostTitle(facts)}`,
    upLine(facts, done.rttMs ?? facts.rttMs, options),
    ...otherAddressLine(facts),
  ];
  if (rows.length === 0 && ports.portCount > 0) {
    lines.push(allHiddenLine(facts, ports.portCount));
  }
  lines.push(...notShownLine(groups.filter((group) => !isListed(group))));
  if (rows.length > 0) {
    lines.push(...portTable(rows, options));
  }
  if (facts.mac !== undefined) {
    lines.push(`MAC Address: ${printable(facts.mac)}`);
  }
  lines.push(...doubtLines(done));
  return lines;
}

function isPerhapsOpen(group: PortGroup): boolean {
  return group.state === "open" || group.state === "open|filtered";
}

/** Decides for each group whether its ports are listed; all groups of one state and protocol are treated alike. */
function listedGroups(groups: readonly PortGroup[], options: ReportOptions): (group: PortGroup) => boolean {
  const totals = new Map<string, number>();
  for (const { protocol, state, count } of groups) {
    const key = `${protocol} ${state}`;
    totals.set(key, (totals.get(key) ?? 0) + count);
  }
  const max = listedMax(options.verbosity);
  return (group) => {
    if (group.state === "open") {
      return true;
    }
    const isWanted = !options.onlyOpen || isPerhapsOpen(group);
    return isWanted && (totals.get(`${group.protocol} ${group.state}`) ?? 0) <= max;
  };
}

function upLine(facts: HostFacts, rttMs: number | undefined, options: ReportOptions): string {
  const ttl = facts.ttl === undefined ? "" : ` ttl ${facts.ttl}`;
  const received = options.showReason ? `, received ${facts.reason}${ttl}` : "";
  if (rttMs !== undefined) {
    return `Host is up${received} (${plainDecimal(rttMs / 1000)}s latency).`;
  }
  // With -Pn and no answer at all nobody has seen the host: it would be a claim without evidence.
  return facts.reason === "user-set" ? `Host is up${received} (not checked: -Pn).` : `Host is up${received}.`;
}

function otherAddressLine(facts: HostFacts): readonly string[] {
  if (facts.name === undefined || facts.otherAddresses.length === 0) {
    return [];
  }
  const addresses = facts.otherAddresses.map(printable).join(" ");
  return [`Other addresses for ${printable(facts.name)} (not scanned): ${addresses}`];
}

function allHiddenLine(facts: HostFacts, portCount: number): string {
  const what = portCount === 1 ? "The 1 scanned port" : `All ${portCount} scanned ports`;
  const where = portCount === 1 ? "is in an ignored state" : "are in ignored states";
  return `${what} on ${hostTitle(facts)} ${where}.`;
}

function notShownLine(hidden: readonly PortGroup[]): readonly string[] {
  if (hidden.length === 0) {
    return [];
  }
  // Numbers stay without separators here, as nmap writes them: people grep for this line.
  const parts = hidden.map(({ count, state, protocol, reason }) => {
    return `${count} ${state} ${protocol} ${count === 1 ? "port" : "ports"} (${reason})`;
  });
  return [`Not shown: ${parts.join(", ")}`];
}

function portTable(rows: readonly PortRow[], options: ReportOptions): readonly string[] {
  const head = ["PORT", "STATE", "SERVICE"];
  const body = rows.map((row) => {
    const service = options.serviceName(row.port, row.protocol) ?? "unknown";
    const cells = [`${row.port}/${row.protocol}`, row.state, printable(service)];
    return options.showReason ? [...cells, reasonText(row)] : cells;
  });
  return textTable([options.showReason ? [...head, "REASON"] : head, ...body]);
}

function reasonText(row: PortRow): string {
  const { detail } = row;
  const from = detail?.responder === undefined ? "" : ` from ${printable(detail.responder)}`;
  const ttl = detail?.ttl === undefined ? "" : ` ttl ${detail.ttl}`;
  return `${row.reason}${from}${ttl}`;
}

function doubtLines(done: HostDoneEvent): readonly string[] {
  const lines: string[] = [];
  if (done.loss.missedEstimate >= 0.5) {
    const missed = countOf(Math.max(1, Math.round(done.loss.missedEstimate)), "port");
    const share = percentAbout(done.loss.lossShare);
    lines.push(`The way to this host lost ${share} of what was sent; about ${missed} may be wrongly called filtered.`);
  }
  if (!done.isComplete) {
    lines.push("Not all ports of this host were decided: the scan was stopped.");
  }
  return lines;
}
