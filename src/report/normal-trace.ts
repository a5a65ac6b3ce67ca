// The way to a host in the normal report, as nmap's --traceroute shows it (nmap reference guide, "Host Discovery").
import type { TraceEvent, TraceHop } from "../model/scan-event.js";
import { printable } from "./printable.js";
import { textTable } from "./text-table.js";

/** The table with an empty line before it; none without hops. */
export function traceLines(trace: TraceEvent, family: 4 | 6): readonly string[] {
  if (trace.hops.length === 0) {
    return [];
  }
  const table = textTable([["HOP", "RTT", "ADDRESS"], ...hopRows(trace.hops)]);
  return ["", `TRACEROUTE (using ${meansText(trace, family)})`, ...table];
}

/** IANA, "Protocol Numbers": ICMP is 1, ICMPv6 is 58. */
function meansText({ protocol, port }: TraceEvent, family: 4 | 6): string {
  switch (protocol) {
    case "icmp":
      return family === 4 ? "proto 1/icmp" : "proto 58/ipv6-icmp";
    case "ip":
      return `proto ${port}/ip`;
    default:
      return `port ${port}/${protocol}`;
  }
}

/** One row for each hop that answered, and one for each run of those that did not. */
function hopRows(hops: readonly TraceHop[]): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let firstSilent: number | undefined;
  for (const [index, { ttl, address, rttMs }] of hops.entries()) {
    if (address !== undefined) {
      rows.push([`${ttl}`, rttMs === undefined ? "--" : `${rttMs.toFixed(2)} ms`, printable(address)]);
      continue;
    }
    firstSilent ??= ttl;
    if (hops[index + 1] !== undefined && hops[index + 1]?.address === undefined) {
      continue;
    }
    rows.push([`${firstSilent}`, firstSilent === ttl ? "..." : `... ${ttl}`]);
    firstSilent = undefined;
  }
  return rows;
}
