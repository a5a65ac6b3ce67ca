// Which ports of a host a comparison shows one by one, and which it only counts.
import type { Protocol, ServiceFacts } from "../model/scan-event.js";
import type { HostDiff, Side } from "./compare-hosts.js";
import { isPerhapsOpen, isPortDoubt, type PortDiff, type PortVerdict } from "./compare-ports.js";
import { stateOf } from "./port-table.js";
import type { HostSnapshot } from "./snapshot.js";

/** Ports that concern openness are the point of it all; more of them are a host that answers everything. */
const OPEN_LISTED_MAX = 100;
/** As many as reports list of one state. */
const OTHERS_LISTED_MAX = 25;

/** The order of what matters. */
const VERDICTS: readonly PortVerdict[] = ["opened", "closed", "changed"];

/** How many ports of a kind are shown one by one before they are only counted. */
export function listedMax(isPerhapsOpen: boolean): number {
  return isPerhapsOpen ? OPEN_LISTED_MAX : OTHERS_LISTED_MAX;
}

/** True where the ports are shown one by one. */
export function isListed({ a, b, portCount }: PortDiff, othersMax: number = OTHERS_LISTED_MAX): boolean {
  return portCount <= (isPerhapsOpen(a) || isPerhapsOpen(b) ? OPEN_LISTED_MAX : othersMax);
}

/** A single port of a group. */
export interface SinglePort {
  readonly diff: PortDiff;
  readonly port: number;
}

/** The ports of listed groups, one by one: what opened, what closed, what else changed, and then the rest. */
export function singlePorts(diffs: readonly PortDiff[], othersMax?: number): readonly SinglePort[] {
  const singles = diffs
    .filter((diff) => isListed(diff, othersMax))
    .flatMap((diff) => [...portsOf(diff)].map((port): SinglePort => ({ diff, port })));
  return singles.sort((one, other) => rankOf(one.diff) - rankOf(other.diff) || one.port - other.port);
}

/** The other groups, in the same order. */
export function foldedGroups(diffs: readonly PortDiff[], othersMax?: number): readonly PortDiff[] {
  return diffs.filter((diff) => !isListed(diff, othersMax)).sort((one, other) => rankOf(one) - rankOf(other));
}

/** The ranges as `-p` reads them: "1-21,23". */
export function rangesText({ bounds }: PortDiff): string {
  const parts: string[] = [];
  for (let at = 0; at < bounds.length; at += 2) {
    parts.push(bounds[at] === bounds[at + 1] ? `${bounds[at]}` : `${bounds[at]}-${bounds[at + 1]}`);
  }
  return parts.join(",");
}

/** True for what has changed, false for what is the same or cannot be told. */
export function isChange({ verdict }: PortDiff): boolean {
  return verdict !== "same" && !isPortDoubt(verdict);
}

/** What a report says is behind a port; `undefined` where it says nothing. */
export function serviceAt(host: HostSnapshot | undefined, protocol: Protocol, port: number): ServiceFacts | undefined {
  return host?.services.find((row) => row.port === port && row.protocol === protocol)?.service;
}

/** The report in which a port is open, the second one first. */
export function openSideOf({ a, b }: PortDiff): Side | undefined {
  if (stateOf(b) === "open") return "b";
  if (stateOf(a) === "open") return "a";
  return isPerhapsOpen(b) ? "b" : isPerhapsOpen(a) ? "a" : undefined;
}

/** The host as the newer report that has it up shows it. */
export function shownHost({ a, b }: HostDiff): HostSnapshot | undefined {
  return b?.status === "up" || a === undefined ? b : a;
}

function rankOf({ verdict }: PortDiff): number {
  const rank = VERDICTS.indexOf(verdict);
  return rank < 0 ? VERDICTS.length : rank;
}

function* portsOf({ bounds }: PortDiff): Generator<number> {
  for (let at = 0; at < bounds.length; at += 2) {
    for (let port = bounds[at] ?? 0; port <= (bounds[at + 1] ?? 0); port++) yield port;
  }
}
