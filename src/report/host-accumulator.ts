// Gathers the ports of one host until it is done, in about 2 to 4 bytes a port: a /24 with all ports closed must fit.
// Ports are grouped by protocol, state and reason; only what a report can show keeps its evidence.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { PortResult, PortRunEvent, Protocol } from "../model/scan-event.js";
import { PortList } from "../target/port-list.js";
import { EvidenceList } from "./evidence-list.js";

/** Ports of one host that share protocol, state and reason. */
export interface PortGroup {
  readonly protocol: Protocol;
  readonly state: PortState;
  readonly reason: Reason;
  readonly count: number;
}

/** One port as a report lists it. */
export interface PortRow {
  readonly protocol: Protocol;
  readonly port: number;
  readonly state: PortState;
  readonly reason: Reason;
  /** The whole result; `undefined` where the group was too large for its evidence to be kept. */
  readonly detail: PortResult | undefined;
}

const PROTOCOLS: readonly Protocol[] = ["tcp", "udp", "sctp", "ip"];

/** What decides which group a port belongs to. */
type Kind = Pick<PortResult, "protocol" | "state" | "reason">;

class Group implements PortGroup {
  readonly protocol: Protocol;
  readonly state: PortState;
  readonly reason: Reason;
  readonly ports: PortList = new PortList();
  /** Of the first ports in the list. */
  readonly evidence: EvidenceList = new EvidenceList();

  constructor(result: Kind) {
    this.protocol = result.protocol;
    this.state = result.state;
    this.reason = result.reason;
  }

  get count(): number {
    return this.ports.count;
  }

  holds(result: Kind): boolean {
    return this.state === result.state && this.reason === result.reason && this.protocol === result.protocol;
  }
}

/** The ports of one host. */
export class HostAccumulator {
  readonly #detailMax: number;
  readonly #groups: Group[] = [];
  #portCount = 0;

  /** @param detailMax Ports of a group that keep their evidence; open ports always do. */
  constructor(detailMax: number) {
    this.#detailMax = detailMax;
  }

  /** Ports that were decided. */
  get portCount(): number {
    return this.#portCount;
  }

  /** Takes a result. Each port of a host comes once. */
  add(result: PortResult): void {
    const group = this.#groupFor(result);
    group.ports.push(result.port);
    if (this.#evidenceRoom(group) > 0) {
      group.evidence.push(result);
    }
    this.#portCount += 1;
  }

  /** Takes many at once. */
  addRun(run: PortRunEvent): void {
    const group = this.#groupFor(run.result);
    group.evidence.pushRun(run, Math.min(run.ports.length, this.#evidenceRoom(group)));
    group.ports.pushAll(run.ports);
    this.#portCount += run.ports.length;
  }

  /** The groups that have ports, the largest first. */
  groups(): readonly PortGroup[] {
    return this.#groups.filter((group) => group.count > 0).sort((a, b) => b.count - a.count);
  }

  /** The ports of the wanted groups, by protocol and then by number. */
  rows(isWanted: (group: PortGroup) => boolean): readonly PortRow[] {
    const rows: PortRow[] = [];
    for (const group of this.#groups) {
      if (!isWanted(group)) {
        continue;
      }
      const { protocol, state, reason } = group;
      for (const [place, port] of group.ports.values().entries()) {
        const evidence = group.evidence.at(place);
        const detail = evidence === undefined ? undefined : { protocol, port, state, reason, ...evidence };
        rows.push({ protocol, port, state, reason, detail });
      }
    }
    return rows.sort((a, b) => PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) || a.port - b.port);
  }

  /** The numbers of the wanted ports in ascending order, for ports that are only counted. */
  numbers(isWanted: (group: PortGroup) => boolean): Uint16Array {
    const lists = this.#groups.filter(isWanted).map(({ ports }) => ports.values());
    const numbers = new Uint16Array(lists.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const list of lists) {
      numbers.set(list, at);
      at += list.length;
    }
    return numbers.sort();
  }

  /** How many more ports of this group may keep their evidence. */
  #evidenceRoom({ state, evidence }: Group): number {
    return state === "open" ? Number.POSITIVE_INFINITY : this.#detailMax - evidence.count;
  }

  #groupFor(result: Kind): Group {
    const known = this.#groups.find((group) => group.holds(result));
    if (known !== undefined) {
      return known;
    }
    const group = new Group(result);
    this.#groups.push(group);
    return group;
  }
}
