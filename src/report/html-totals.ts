// What the parts of the page about all hosts need, gathered host by host in a few bytes each.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { HostDoneEvent, HostMark, Protocol } from "../model/scan-event.js";
import type { PortGroup } from "./host-accumulator.js";
import { type HostRef, HostRefs } from "./html-host-ref.js";

/** Ports of all hosts that share state, protocol and reason. */
export interface GroupTotal {
  readonly state: PortState;
  readonly protocol: Protocol;
  readonly reason: Reason;
  count: number;
}

/** What all hosts add up to. */
export class Totals {
  /** Hosts that have a section of their own. */
  hostCount = 0;
  /** Hosts with each kind of mark. */
  readonly marked: Map<HostMark["code"], HostRefs> = new Map();
  /** Hosts on the way to which so much was lost that half a port or more is called filtered and is not. */
  readonly lossy: HostRefs = new HostRefs();
  /** Hosts whose scan ended before all their ports were decided. */
  readonly unfinished: HostRefs = new HostRefs();
  undecidedCount = 0;
  listedCount = 0;
  /** Open ports of hosts that do not answer everything, and how many such hosts there are. */
  openPortCount = 0;
  openHostCount = 0;
  readonly #groups: Map<string, GroupTotal> = new Map();
  readonly #reasons: Set<Reason> = new Set();

  /** Groups of ports, the largest first. */
  groups(): readonly GroupTotal[] {
    return [...this.#groups.values()].sort((one, other) => other.count - one.count);
  }

  /** Every reason that was given, in the order in which it first came. */
  reasons(): ReadonlySet<Reason> {
    return this.#reasons;
  }

  addReason(reason: Reason): void {
    this.#reasons.add(reason);
  }

  /** Takes the ports of a host, whether the page shows it or not. */
  addGroups(groups: readonly PortGroup[]): void {
    for (const group of groups) this.#addGroup(group);
  }

  /** Takes a host that is done and has its section. */
  addHost(host: HostRef, done: HostDoneEvent): void {
    this.hostCount += 1;
    for (const { code } of done.marks) refsOf(this.marked, code).add(host);
    if (done.loss.missedEstimate >= LOSSY_ESTIMATE) this.lossy.add(host);
    const undecided = done.undecided.reduce((sum, { count }) => sum + count, 0);
    this.undecidedCount += undecided;
    if (undecided > 0 || done.end !== "done") this.unfinished.add(host);
    if (host.openCount === 0 || answersEverything(done)) return;
    this.openPortCount += host.openCount;
    this.openHostCount += 1;
  }

  #addGroup({ state, protocol, reason, count }: PortGroup): void {
    this.#reasons.add(reason);
    const key = `${protocol} ${state} ${reason}`;
    const known = this.#groups.get(key);
    if (known === undefined) this.#groups.set(key, { state, protocol, reason, count });
    else known.count += count;
  }
}

/** From here on a wrongly judged port is to be expected rather than possible. */
export const LOSSY_ESTIMATE = 0.5;

/** True for a host that opens all its ports, so that each of them says nothing. */
export function answersEverything({ marks }: HostDoneEvent): boolean {
  return marks.some(({ code }) => code === "answers-everything");
}

function refsOf<Key>(map: Map<Key, HostRefs>, key: Key): HostRefs {
  const known = map.get(key);
  if (known !== undefined) return known;
  const refs = new HostRefs();
  map.set(key, refs);
  return refs;
}
