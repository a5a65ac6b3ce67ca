// The ports of one host in the normal report: what is counted, what is listed, and the tables. The look is nmap's ("Port
// Scanning Basics" and "Output" in its reference guide).
import type { PortOwner } from "../model/owner-event.js";
import type { Protocol } from "../model/scan-event.js";
import type { PortGroup, PortRow } from "./host-accumulator.js";
import { portKey } from "./host-book.js";
import { ownerName, ownerPlace } from "./owner-text.js";
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
export function portTables(rows: readonly PortRow[], owners: PortOwners, options: ReportOptions): readonly string[] {
  const ports = rows.filter(({ protocol }) => protocol !== "ip");
  const protocols = rows.filter(({ protocol }) => protocol === "ip");
  return [...portTable("PORT", ports, owners, options), ...portTable("PROTOCOL", protocols, owners, options)];
}

/** Who has ports, by `portKey`. */
type PortOwners = ReadonlyMap<string, PortOwner>;

interface OwnerColumn {
  readonly head: string;
  text(owner: PortOwner): string | undefined;
}

/** What is known of who has a port; of these, a table has the columns in which anything stands. */
const OWNER_COLUMNS: readonly OwnerColumn[] = [
  { head: "PROCESS", text: ownerName },
  { head: "USER", text: ({ user }) => user },
  { head: "UNIT", text: ownerPlace },
];

function portTable(
  title: string,
  rows: readonly PortRow[],
  owners: PortOwners,
  options: ReportOptions,
): readonly string[] {
  if (rows.length === 0) {
    return [];
  }
  const columns = OWNER_COLUMNS.filter(({ text }) => [...owners.values()].some((owner) => text(owner) !== undefined));
  const names = columns.map(({ head }) => head);
  const head = [title, "STATE", "SERVICE", ...(options.showReason ? ["REASON"] : []), ...names];
  const body = rows.map((row) => {
    const service = options.serviceName(row.port, row.protocol) ?? "unknown";
    const number = row.protocol === "ip" ? `${row.port}` : `${row.port}/${row.protocol}`;
    const owner = owners.get(portKey(row.protocol, row.port));
    const owned = columns.map(({ text }) => printable((owner === undefined ? undefined : text(owner)) ?? ""));
    const reason = options.showReason ? [reasonText(row)] : [];
    return [number, row.state, printable(service), ...reason, ...owned];
  });
  return textTable([head, ...body]);
}

function reasonText(row: PortRow): string {
  const { detail } = row;
  const from = detail?.responder === undefined ? "" : ` from ${printable(detail.responder)}`;
  const ttl = detail?.ttl === undefined ? "" : ` ttl ${detail.ttl}`;
  return `${row.reason}${from}${ttl}`;
}
