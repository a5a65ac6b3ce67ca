// Gathers the ports of one host until it is done, in about 2 to 4 bytes a port: a /24 with all ports closed must fit.
// Ports are grouped by protocol, state and reason; only what a report can show keeps its evidence.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { PortResult, Protocol } from "../model/scan-event.js";
import { PortList } from "./port-list.js";

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

/** Up to here a port is looked for in the lists; beyond, 8 KiB a protocol say whether it came before. */
const SEARCH_MAX = 2048;

const PROTOCOLS: readonly Protocol[] = ["tcp", "udp", "sctp"];

class Group implements PortGroup {
  readonly protocol: Protocol;
  readonly state: PortState;
  readonly reason: Reason;
  readonly ports: PortList = new PortList();
  readonly details: Map<number, PortResult> = new Map();

  constructor(result: PortResult) {
    this.protocol = result.protocol;
    this.state = result.state;
    this.reason = result.reason;
  }

  get count(): number {
    return this.ports.count;
  }

  holds(result: PortResult): boolean {
    return this.state === result.state && this.reason === result.reason && this.protocol === result.protocol;
  }
}

/** The ports of one host. */
export class HostAccumulator {
  readonly #detailMax: number;
  readonly #groups: Group[] = [];
  /** One bit a port for each protocol, once there are more than SEARCH_MAX ports. */
  #seen: Map<Protocol, Uint8Array> | undefined;
  #portCount = 0;

  /** @param detailMax Ports of a group that keep their evidence; open ports always do. */
  constructor(detailMax: number) {
    this.#detailMax = detailMax;
  }

  /** Ports that were decided. */
  get portCount(): number {
    return this.#portCount;
  }

  /** Takes a result; one for a port that was here before replaces the earlier one. */
  add(result: PortResult): void {
    const earlier = this.#groupOf(result.protocol, result.port);
    if (earlier !== undefined) {
      earlier.ports.remove(result.port);
      earlier.details.delete(result.port);
      this.#portCount -= 1;
    }
    const group = this.#groupFor(result);
    group.ports.push(result.port);
    if (group.state === "open" || group.details.size < this.#detailMax) {
      group.details.set(result.port, result);
    }
    this.#portCount += 1;
    this.#markSeen(result.protocol, result.port);
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

  #groupFor(result: PortResult): Group {
    const known = this.#groups.find((group) => group.holds(result));
    if (known !== undefined) {
      return known;
    }
    const group = new Group(result);
    this.#groups.push(group);
    return group;
  }

  #groupOf(protocol: Protocol, port: number): Group | undefined {
    if (this.#seen !== undefined && !hasBit(this.#seen.get(protocol), port)) {
      return undefined;
    }
    return this.#groups.find((group) => group.protocol === protocol && group.ports.has(port));
  }

  #markSeen(protocol: Protocol, port: number): void {
    if (this.#seen !== undefined) {
      setBit(this.#seen, protocol, port);
    } else if (this.#portCount > SEARCH_MAX) {
      this.#seen = new Map();
      for (const group of this.#groups) {
        for (const known of group.ports.values()) {
          setBit(this.#seen, group.protocol, known);
        }
      }
    }
  }
}

function hasBit(bits: Uint8Array | undefined, port: number): boolean {
  return bits !== undefined && ((bits[port >> 3] ?? 0) & (1 << (port & 7))) !== 0;
}

function setBit(seen: Map<Protocol, Uint8Array>, protocol: Protocol, port: number): void {
  let bits = seen.get(protocol);
  if (bits === undefined) {
    bits = new Uint8Array(8192);
    seen.set(protocol, bits);
  }
  bits[port >> 3] = (bits[port >> 3] ?? 0) | (1 << (port & 7));
}
