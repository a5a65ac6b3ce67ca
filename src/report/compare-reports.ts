// Compares two reports host by host, and counts what came of it.
import { parseAddress } from "../target/address.js";
import {
  type CompareOptions,
  compareHost,
  type HostDiff,
  type HostDoubt,
  plainName,
  type Side,
} from "./compare-hosts.js";
import { blindSideOf, isPerhapsOpen, type PortDiff, type PortDoubt } from "./compare-ports.js";
import type { HostSnapshot, Snapshot } from "./snapshot.js";

/** Of what there is doubt, and why. */
export type DoubtKind =
  | { readonly of: "hosts"; readonly doubt: HostDoubt }
  | { readonly of: "ports"; readonly doubt: PortDoubt };

/** What differs without being a change, for one reason. */
export interface DoubtCount {
  readonly kind: DoubtKind;
  /** The report that cannot tell; `undefined` where that is neither. */
  readonly blind: Side | undefined;
  count: number;
  /** Ports among them that the other report has as open or perhaps open. */
  openCount: number;
}

/** What came of the whole comparison. */
export interface DiffSummary {
  /** Up in both. */
  hostsCompared: number;
  hostsChanged: number;
  hostsNew: number;
  hostsGone: number;
  /** Decided in both. */
  portsCompared: number;
  /** Ports of hosts that are up in both. */
  portsOpened: number;
  portsClosed: number;
  portsChanged: number;
  servicesChanged: number;
  systemsChanged: number;
  namesChanged: number;
  macsChanged: number;
  addressesChanged: number;
  readonly doubts: DoubtCount[];
}

/** True when nothing has changed. */
export function isEqual(summary: DiffSummary): boolean {
  return summary.hostsChanged + summary.hostsNew + summary.hostsGone === 0;
}

/** Compares the reports; hosts that are up in none are passed over. The hosts come in the order of their addresses. */
export function* compareReports(a: Snapshot, b: Snapshot, options: CompareOptions): Generator<HostDiff, DiffSummary> {
  const summary = emptySummary();
  for (const [left, right] of sorted(pairsOf(a, b, options.by))) {
    const diff = compareHost(left, right, { a, b, options });
    if (diff === undefined) continue;
    count(diff, summary);
    yield diff;
  }
  return summary;
}

type HostPair = readonly [a: HostSnapshot | undefined, b: HostSnapshot | undefined];

/** A router has one MAC address for many hosts behind it: those with the same address find each other first. */
function pairsOf(a: Snapshot, b: Snapshot, by: CompareOptions["by"]): HostPair[] {
  const pairs: HostPair[] = [];
  const rest = new Map<string, HostSnapshot[]>();
  const isSameHost = (one: HostSnapshot, other: HostSnapshot) => keyOf(one, by) === keyOf(other, by);
  for (const host of b.hosts.values()) {
    const twin = a.hosts.get(host.address);
    if (twin !== undefined && isSameHost(twin, host)) pairs.push([twin, host]);
    else rest.set(keyOf(host, by), [...(rest.get(keyOf(host, by)) ?? []), host]);
  }
  for (const host of a.hosts.values()) {
    const twin = b.hosts.get(host.address);
    if (twin === undefined || !isSameHost(host, twin)) pairs.push([host, rest.get(keyOf(host, by))?.shift()]);
  }
  for (const hosts of rest.values()) for (const host of hosts) pairs.push([undefined, host]);
  return pairs;
}

/** By MAC address or name where the host has one, else by address. */
function keyOf(host: HostSnapshot, by: CompareOptions["by"]): string {
  const name = host.name ?? host.names[0];
  if (by === "mac" && host.mac !== undefined) return `mac ${host.mac}`;
  return by === "name" && name !== undefined ? `name ${plainName(name)}` : host.address;
}

function sorted(pairs: readonly HostPair[]): readonly HostPair[] {
  const keyed = pairs.map((pair) => ({ pair, place: placeOf((pair[1] ?? pair[0])?.address ?? "") }));
  keyed.sort((one, other) => compareKeys(one.place, other.place));
  return keyed.map(({ pair }) => pair);
}

/** What sorts as addresses do: a number for IPv4, a text for everything else. */
function placeOf(address: string): number | string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return address;
  if (parsed.family === 4) return parsed.value;
  const digits = Array.from(parsed.bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${digits}%${parsed.zone ?? ""}`;
}

function compareKeys(one: number | string, other: number | string): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
  return one < other ? -1 : Number(one > other);
}

function emptySummary(): DiffSummary {
  return {
    hostsCompared: 0,
    hostsChanged: 0,
    hostsNew: 0,
    hostsGone: 0,
    portsCompared: 0,
    portsOpened: 0,
    portsClosed: 0,
    portsChanged: 0,
    servicesChanged: 0,
    systemsChanged: 0,
    namesChanged: 0,
    macsChanged: 0,
    addressesChanged: 0,
    doubts: [],
  };
}

function count(diff: HostDiff, summary: DiffSummary): void {
  switch (diff.verdict) {
    case "new":
      summary.hostsNew++;
      return;
    case "gone":
      summary.hostsGone++;
      return;
    case "changed":
    case "same":
      countBoth(diff, summary);
      return;
    default:
      addDoubt(summary, { of: "hosts", doubt: diff.verdict }, diff.blind, 1, openCount(diff.ports));
  }
}

function countBoth(diff: HostDiff, summary: DiffSummary): void {
  const isBoth = diff.a?.status === "up" && diff.b?.status === "up";
  if (!isBoth) return; // a host without open ports under --open
  summary.hostsCompared++;
  summary.portsCompared += diff.comparedPortCount;
  if (diff.verdict === "changed") summary.hostsChanged++;
  for (const port of diff.ports) countPorts(port, summary);
  summary.servicesChanged += diff.services.length;
  summary.systemsChanged += Number(diff.isSystemChanged);
  summary.namesChanged += Number(diff.areNamesChanged);
  summary.macsChanged += Number(diff.isMacChanged);
  summary.addressesChanged += Number(diff.isAddressChanged);
}

function countPorts(diff: PortDiff, summary: DiffSummary): void {
  switch (diff.verdict) {
    case "same":
      return;
    case "opened":
      summary.portsOpened += diff.portCount;
      return;
    case "closed":
      summary.portsClosed += diff.portCount;
      return;
    case "changed":
      summary.portsChanged += diff.portCount;
      return;
    default:
      addDoubt(summary, { of: "ports", doubt: diff.verdict }, blindSideOf(diff), diff.portCount, openCount([diff]));
  }
}

function openCount(diffs: readonly PortDiff[]): number {
  const open = diffs.filter(({ a, b }) => isPerhapsOpen(a) || isPerhapsOpen(b));
  return open.reduce((sum, { portCount }) => sum + portCount, 0);
}

function addDoubt({ doubts }: DiffSummary, kind: DoubtKind, blind: Side | undefined, more: number, open: number): void {
  let entry = doubts.find((one) => one.kind.of === kind.of && one.kind.doubt === kind.doubt && one.blind === blind);
  if (entry === undefined) {
    entry = { kind, blind, count: 0, openCount: 0 };
    doubts.push(entry);
  }
  entry.count += more;
  entry.openCount += open;
}
