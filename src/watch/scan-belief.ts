// What is believed of a network, and how a scan changes it. Compared are always the belief and a scan, never two scans: a run that
// has lost packets, was stopped or had no route changes nothing that it did not see.
import type { CompareOptions, HostDiff } from "../report/compare-hosts.js";
import { compareReports } from "../report/compare-reports.js";
import type { RangesPool } from "../report/port-table.js";
import type { HostSnapshot, Snapshot } from "../report/snapshot.js";
import { believedHost, settled } from "./believed-host.js";
import type { Change } from "./change.js";
import { changesOfHost, confirmed, isTellable } from "./scan-changes.js";

const OPTIONS: CompareOptions = { by: "address", onlyOpen: false, isSameWanted: true };
/** A look that changes more has seen another network: what is beyond is counted. */
const CHANGES_MAX = 1000;

/** What a first look has seen change, by address. */
export type FirstLook = ReadonlyMap<string, HostDiff>;

/** What came of a look. */
export interface BeliefUpdate {
  readonly belief: Snapshot;
  readonly changes: readonly Change[];
  /** Changes beyond those that are listed. */
  readonly moreCount: number;
  /** Changes of the second look that the first had not seen. They are not told, and not believed. */
  readonly unconfirmedCount: number;
  /** Hosts and groups of ports that differ, but could not be seen for certain. */
  readonly doubtCount: number;
}

/** The first belief: the scan, with its doubts. */
export function firstBelief(look: Snapshot, pool: RangesPool): Snapshot {
  const hosts = new Map<string, HostSnapshot>();
  for (const host of look.hosts.values())
    if (host.status === "up") hosts.set(host.address, settled(host, { look, pool }));
  return { ...look, hosts, loss: { lossShare: look.loss.lossShare, missedEstimate: 0 } };
}

/** What a look has seen change, to be looked at once more. */
export function lookOnce(belief: Snapshot, look: Snapshot): FirstLook {
  const changed = new Map<string, HostDiff>();
  for (const diff of compareReports(belief, look, { ...OPTIONS, isSameWanted: false })) {
    if (isTellable(diff)) changed.set(addressOf(diff), diff);
  }
  return changed;
}

/** Takes a look in. With a first look, only what that has seen as well is a change. */
export function takeLook(
  belief: Snapshot,
  look: Snapshot,
  pool: RangesPool,
  first: FirstLook | undefined,
): BeliefUpdate {
  const hosts = new Map<string, HostSnapshot>();
  const changes: Change[] = [];
  let [changeCount, unconfirmedCount, hiddenCount] = [0, 0, 0];
  const diffs = compareReports(belief, look, OPTIONS);
  let step = diffs.next();
  for (; step.done !== true; step = diffs.next()) {
    const diff = step.value;
    const told = toldOf(diff, first);
    const host = believedHost(diff, told, { look, pool });
    if (host !== undefined) hosts.set(host.address, host);
    if (told === undefined) unconfirmedCount += Number(isTellable(diff));
    // This machine had no way to it: that is no doubt that a comparison of reports knows.
    hiddenCount += Number(diff.verdict === "gone" && !isTellable(diff));
    const news = told === undefined ? [] : changesOfHost(told);
    changeCount += news.length;
    changes.push(...news.slice(0, CHANGES_MAX - changes.length));
  }
  const doubtCount = step.value.doubts.reduce((sum, { count }) => sum + count, hiddenCount);
  const moreCount = changeCount - changes.length;
  return { belief: { ...factsOf(belief, look), hosts }, changes, moreCount, unconfirmedCount, doubtCount };
}

function toldOf(diff: HostDiff, first: FirstLook | undefined): HostDiff | undefined {
  if (first !== undefined) return confirmed(first.get(addressOf(diff)), diff);
  return isTellable(diff) ? diff : undefined;
}

/** That a host is absent is as certain as the better one of the two was. */
function factsOf(belief: Snapshot, look: Snapshot): Snapshot {
  return {
    ...look,
    isAborted: belief.isAborted && look.isAborted,
    loss: { lossShare: Math.min(belief.loss.lossShare, look.loss.lossShare), missedEstimate: 0 },
  };
}

function addressOf({ a, b }: HostDiff): string {
  return (b ?? a)?.address ?? "";
}
