// The ports of one host in the normal report: what is counted, what is listed, and the tables. The look is nmap's ("Port
// Scanning Basics" and "Output" in its reference guide).
import type { Protocol } from "../model/scan-event.js";
import type { PortGroup, PortRow } from "./host-accumulator.js";
import { printable } from "./printable.js";
import type { ReportOptions } from "./report-writer.js";
import { textTable } from "./text-table.js";

/**
 * How many ports of one state and protocol a report lists before it only counts them ("Not shown"). nmap's feel: some
 * twenty-five, and twice as many for somebody who asks for more. Open ports are listed unless a host answers everything.
 */
export function listedMax(verbosity: number): number {
  return verbosity > 0 ? 50 : 25;
}

/** True for what --open shows. */
export function isPerhapsOpen(group: PortGroup): boolean {
  return group.state === "open" || group.state === "open|filtered";
}

/**
 * Decides for each group whether its ports are listed; all groups of one state and protocol are treated alike.
 *
 * @param answersEverything Whether the host opens all its ports, so that each of them says nothing.
 */
export function listedGroups(
  groups: readonly PortGroup[],
  answersEverything: boolean,
  options: ReportOptions,
): (group: PortGroup) => boolean {
  const totals = new Map<string, number>();
  for (const { protocol, state, count } of groups) {
    const key = `${protocol} ${state}`;
    totals.set(key, (totals.get(key) ?? 0) + count);
  }
  const max = listedMax(options.verbosity);
  return (group) => {
    if (group.state === "open") {
      return !answersEverything || options.verbosity > 1;
    }
    const isWanted = !options.onlyOpen || isPerhapsOpen(group);
    return isWanted && (totals.get(`${group.protocol} ${group.state}`) ?? 0) <= max;
  };
}

/** What a number of a protocol is called: "ip" has protocols where others have ports. */
export function nounOf(protocol: Protocol): "port" | "protocol" {
  return protocol === "ip" ? "protocol" : "port";
}

/** What is only counted. */
export function notShownLine(hidden: readonly PortGroup[]): readonly string[] {
  if (hidden.length === 0) {
    return [];
  }
  // Numbers stay without separators here, as nmap writes them: people grep for this line.
  const parts = hidden.map(({ count, state, protocol, reason }) => {
    return `${count} ${state} ${protocol} ${nounOf(protocol)}${count === 1 ? "" : "s"} (${reason})`;
  });
  return [`Not shown: ${parts.join(", ")}`];
}

/** The listed ports; IP protocols have a table of their own behind them, as they have no ports. */
export function portTables(rows: readonly PortRow[], options: ReportOptions): readonly string[] {
  const ports = rows.filter(({ protocol }) => protocol !== "ip");
  const protocols = rows.filter(({ protocol }) => protocol === "ip");
  return [...portTable("PORT", ports, options), ...portTable("PROTOCOL", protocols, options)];
}

function portTable(title: string, rows: readonly PortRow[], options: ReportOptions): readonly string[] {
  if (rows.length === 0) {
    return [];
  }
  const head = [title, "STATE", "SERVICE"];
  const body = rows.map((row) => {
    const service = options.serviceName(row.port, row.protocol) ?? "unknown";
    const number = row.protocol === "ip" ? `${row.port}` : `${row.port}/${row.protocol}`;
    const cells = [number, row.state, printable(service)];
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
