// Gathers the ports of one host until it is done, in about 2 to 4 bytes a port: a /24 with all ports closed must fit.
// Ports are grouped by protocol, state and reason; only what a report can show keeps its evidence.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import { type PortResult, type PortRunEvent, type Protocol, portEventsOf } from "../model/scan-event.js";
import { PortList } from "../target/port-list.js";

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
type Evidence = Pick<PortResult, "protocol" | "state" | "reason">;

class Group implements PortGroup {
  readonly protocol: Protocol;
  readonly state: PortState;
  readonly reason: Reason;
  readonly ports: PortList = new PortList();
  readonly details: Map<number, PortResult> = new Map();

  constructor(result: Evidence) {
    this.protocol = result.protocol;
    this.state = result.state;
    this.reason = result.reason;
  }

  get count(): number {
    return this.ports.count;
  }

  holds(result: Evidence): boolean {
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
    if (group.state === "open" || group.details.size < this.#detailMax) {
      group.details.set(result.port, result);
    }
    this.#portCount += 1;
  }

  /** Takes many at once. Only those that keep their evidence become results of their own. */
  addRun(run: PortRunEvent): void {
    const group = this.#groupFor(run.result);
    const detailMax = group.state === "open" ? Number.POSITIVE_INFINITY : this.#detailMax;
    for (const { result } of portEventsOf(run)) {
      if (group.details.size >= detailMax) break;
      group.details.set(result.port, result);
    }
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
      for (const port of group.ports.values()) {
        rows.push({ protocol, port, state, reason, detail: group.details.get(port) });
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

  #groupFor(result: Evidence): Group {
    const known = this.#groups.find((group) => group.holds(result));
    if (known !== undefined) {
      return known;
    }
    const group = new Group(result);
    this.#groups.push(group);
    return group;
  }
}
