// One host as it is believed to be, once a look at it is taken in: what was seen for certain, and changes that were confirmed.
// What a look could not see stays as it was believed, so that no change is missed because a lossy run came between.
import { type HostDiff, isLossyHost } from "../report/compare-hosts.js";
import { blindSideOf, isPortDoubt, type PortDiff } from "../report/compare-ports.js";
import { isLossy, isSilent, NOT_TOLD, type PortCode, PortTable, type RangesPool } from "../report/port-table.js";
import type { HostSnapshot, ServiceRow, Snapshot } from "../report/snapshot.js";
import { PROTOCOLS } from "../target/port-set.js";
import { sharedBounds } from "./scan-changes.js";

/** A silence that nobody can trust says so in its code from then on. */
const SILENT_LOSSY = 8 | 16;
const NO_LOSS = { lossShare: 0, missedEstimate: 0 };

/** What a host is compared in: the belief, and the look. */
export interface BeliefPair {
  readonly look: Snapshot;
  /** For tables that are made. */
  readonly pool: RangesPool;
}

/**
 * The host as it is believed from now on; undefined where it is believed not to be there.
 *
 * @param diff All that differs between belief (a) and look (b), and what is the same
 * @param told What of it is a change that is told
 */
export function believedHost(diff: HostDiff, told: HostDiff | undefined, pair: BeliefPair): HostSnapshot | undefined {
  const { a, b } = diff;
  const isUp = { a: a?.status === "up", b: b?.status === "up" };
  if (a !== undefined && b !== undefined && isUp.a && isUp.b) return merged(a, b, diff, told, pair);
  if (isUp.a) return told === undefined ? a : undefined;
  // Up in the look alone: it is news, or the belief could not tell.
  const isTaken = told !== undefined || diff.blind === "a";
  return isUp.b && b !== undefined && isTaken ? settled(b, pair) : undefined;
}

/** A host of a look, its doubts in the codes of its ports. */
export function settled(host: HostSnapshot, { look, pool }: BeliefPair): HostSnapshot {
  const isHostLossy = isLossyHost(host, look);
  const ports = new Map(
    [...host.ports].map(([protocol, table]) => {
      const runs = table.runs().map((value, at) => (at % 3 === 2 ? marked(value, isHostLossy) : value));
      return [protocol, isHostLossy ? PortTable.of(runs, pool) : table];
    }),
  );
  return { ...host, ports, loss: NO_LOSS };
}

function marked(code: PortCode, isHostLossy: boolean): PortCode {
  return isHostLossy && isSilent(code) ? code | SILENT_LOSSY : code;
}

function merged(
  a: HostSnapshot,
  b: HostSnapshot,
  diff: HostDiff,
  told: HostDiff | undefined,
  pair: BeliefPair,
): HostSnapshot {
  const isHostLossy = isLossyHost(b, pair.look);
  const ports = new Map(a.ports);
  for (const protocol of PROTOCOLS) {
    const diffs = diff.ports.filter((one) => one.protocol === protocol);
    const news = told?.ports.filter((one) => one.protocol === protocol) ?? [];
    const runs = diffs.flatMap((one) => runsOf(one, news, isHostLossy));
    if (runs.length === 0) continue;
    runs.sort(([one], [other]) => one - other);
    ports.set(protocol, PortTable.of(runs.flat(), pair.pool));
  }
  const isTold = (key: "areNamesChanged" | "isSystemChanged" | "isMacChanged") => !diff[key] || told?.[key] === true;
  return {
    ...a,
    name: b.name ?? a.name,
    names: isTold("areNamesChanged") && b.names.length > 0 ? b.names : a.names,
    systems: isTold("isSystemChanged") && b.systems.length > 0 ? b.systems : a.systems,
    ...(isTold("isMacChanged") && b.mac !== undefined ? { mac: b.mac, vendor: b.vendor } : {}),
    ports,
    services: mergedServices(a, b, diff, told, pair),
    loss: NO_LOSS,
    end: a.end === "done" ? a.end : b.end,
  };
}

type Run = readonly [first: number, last: number, code: PortCode];

/** The ports of a group as they are believed. */
function runsOf(diff: PortDiff, told: readonly PortDiff[], isHostLossy: boolean): readonly Run[] {
  const newer = marked(diff.b, isHostLossy);
  if (diff.verdict === "same") return runs(diff.bounds, isLossy(newer) ? diff.a : newer);
  if (isPortDoubt(diff.verdict)) return runs(diff.bounds, blindSideOf(diff) === "a" ? newer : diff.a);
  const news = told.filter((one) => one.a === diff.a && one.b === diff.b);
  const changed = news.flatMap((one) => [...sharedBounds(one.bounds, diff.bounds)]);
  return [...runs(changed, newer), ...runs(without(diff.bounds, changed), diff.a)];
}

/** Gaps are no states: who does not know, writes nothing down. */
function runs(bounds: readonly number[], code: PortCode): readonly Run[] {
  if (code >= NOT_TOLD) return [];
  const found: Run[] = [];
  for (let at = 0; at < bounds.length; at += 2) found.push([bounds[at] ?? 0, bounds[at + 1] ?? 0, code]);
  return found;
}

/** Ascending ranges without those that lie in them. */
function without(bounds: readonly number[], taken: readonly number[]): readonly number[] {
  const ends = [...taken.keys()]
    .filter((at) => at % 2 === 0)
    .map((at) => [taken[at] ?? 0, taken[at + 1] ?? 0] as const);
  ends.sort(([one], [other]) => one - other);
  const rest: number[] = [];
  for (let at = 0; at < bounds.length; at += 2) {
    let next = bounds[at] ?? 0;
    const last = bounds[at + 1] ?? 0;
    for (const [from, to] of ends) {
      if (to < next || from > last) continue;
      if (from > next) rest.push(next, from - 1);
      next = to + 1;
    }
    if (next <= last) rest.push(next, last);
  }
  return rest;
}

/** A look that asked nobody what is behind a port changes nothing of it. */
function mergedServices(
  a: HostSnapshot,
  b: HostSnapshot,
  diff: HostDiff,
  told: HostDiff | undefined,
  { look }: BeliefPair,
): readonly ServiceRow[] {
  if (!look.told.services) return a.services;
  const keyOf = ({ protocol, port }: Pick<ServiceRow, "protocol" | "port">) => `${port}/${protocol}`;
  const news = new Set((told?.services ?? []).map(keyOf));
  const open = new Set(diff.services.map(keyOf).filter((key) => !news.has(key)));
  const newer = new Map(b.services.map((row) => [keyOf(row), row]));
  const kept = a.services.filter((row) => open.has(keyOf(row)) || (!newer.has(keyOf(row)) && !news.has(keyOf(row))));
  const taken = b.services.filter((row) => !open.has(keyOf(row)));
  return [...kept, ...taken].sort((one, other) => one.port - other.port);
}
