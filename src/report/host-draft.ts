// One host as a reader of reports gathers it, and the events that tell of it.
import type { PortOwner } from "../model/owner-event.js";
import type { PortState } from "../model/port-state.js";
import type { HostFacts } from "../model/scan-event.js";
import {
  type HostEnd,
  type HostMark,
  type LossReport,
  NO_RTT_US,
  type OsFacts,
  type PortResult,
  type PortRunEvent,
  type Protocol,
  type ServiceFacts,
  type TraceEvent,
  type UndecidedPorts,
} from "../model/scan-event.js";
import { PORT_MAX, PROTOCOLS } from "../target/port-set.js";
import { leastTries } from "./read-words.js";
import type { ReadEvent } from "./report-reader.js";

/** What can be said of a port without saying which. */
export type SharedResult = PortRunEvent["result"];

/** A script's output, for a port or, without one, for the host. */
export interface DraftScript {
  readonly port: { readonly protocol: Protocol; readonly port: number } | undefined;
  readonly id: string;
  readonly output: string;
}

/** What is found out about a port beside its state. */
interface DraftService {
  readonly protocol: Protocol;
  readonly port: number;
  readonly service: ServiceFacts;
}

/** Who has a port. */
interface DraftOwner {
  readonly protocol: Protocol;
  readonly port: number;
  readonly owner: PortOwner;
}

/** One port, or a run of them, in the order of the report. */
type DraftPorts = { readonly result: PortResult } | { readonly result: SharedResult; readonly ports: Uint16Array };

/** A result of which the report tells no more than this. */
export function plainResult(
  protocol: Protocol,
  state: PortState,
  reason: SharedResult["reason"],
  technique: string,
): SharedResult {
  return { protocol, state, reason, technique, ttl: undefined, tries: leastTries(technique), responder: undefined };
}

/** A host, as long as it is read. */
export class HostDraft {
  facts: Omit<HostFacts, "id">;
  /** By reverse DNS. */
  names: readonly string[] = [];
  startedAt: string | undefined;
  endedAt: string | undefined;
  os: OsFacts | undefined;
  trace: Omit<TraceEvent, "type" | "hostId"> | undefined;
  rttMs: number | undefined;
  loss: LossReport = { lossShare: 0, missedEstimate: 0 };
  end: HostEnd = "done";
  readonly undecided: UndecidedPorts[] = [];
  readonly marks: HostMark[] = [];
  readonly scripts: DraftScript[] = [];
  readonly services: DraftService[] = [];
  readonly owners: DraftOwner[] = [];
  readonly #ports: DraftPorts[] = [];
  readonly #told: ToldPorts = new ToldPorts();

  constructor(facts: Omit<HostFacts, "id">) {
    this.facts = facts;
  }

  get portCount(): number {
    return this.#told.count;
  }

  /** Takes a port; false for one that was told before. */
  addPort(result: PortResult): boolean {
    if (!this.#told.add(result.protocol, result.port)) return false;
    this.#ports.push({ result });
    return true;
  }

  /** Takes many ports at once, but those that were told before; each comes once in them. */
  addRun(result: SharedResult, ports: Uint16Array): void {
    const fresh = this.#told.addAll(result.protocol, ports);
    if (fresh.length > 0) this.#ports.push({ result, ports: fresh });
  }

  /** Those of the ports that were not told. */
  untold(protocol: Protocol, ports: Uint16Array): Uint16Array {
    return this.#told.without(protocol, ports);
  }

  /** Tells of the host, in the order that the stream promises. */
  *events(hostId: number): Generator<ReadEvent> {
    const { facts, names, startedAt, endedAt } = this;
    const named: readonly ReadEvent[] = names.length === 0 ? [] : [{ type: "host-names", hostId, names }];
    const isUp = facts.status === "up";
    if (!isUp) yield* named;
    yield { type: "host", ...(startedAt === undefined ? {} : { at: startedAt }), host: { id: hostId, ...facts } };
    if (!isUp) return;
    yield* named;
    for (const told of this.#ports) yield portsEvent(hostId, told);
    for (const { protocol, port, service } of this.services) yield { type: "service", hostId, protocol, port, service };
    for (const { protocol, port, owner } of this.owners) yield { type: "owner", hostId, protocol, port, owner };
    for (const { port, id, output } of this.scripts) yield { type: "script", hostId, port, id, output };
    if (this.os !== undefined) yield { type: "os", hostId, os: this.os };
    if (this.trace !== undefined) yield { type: "trace", hostId, ...this.trace };
    const { rttMs, loss, end, undecided, marks } = this;
    const at = endedAt === undefined ? {} : { at: endedAt };
    yield { type: "host-done", ...at, hostId, rttMs, loss, end, undecided, marks };
  }
}

function portsEvent(hostId: number, told: DraftPorts): ReadEvent {
  if (!("ports" in told)) return { type: "port", hostId, result: told.result };
  const { result, ports } = told;
  return { type: "port-run", hostId, result, ports, rttsUs: new Uint32Array(ports.length).fill(NO_RTT_US) };
}

const PORT_COUNT = PORT_MAX + 1;

/** Which ports of a host were told: each may be told once. A bit for each only where there are runs, as most hosts have few. */
class ToldPorts {
  readonly #single: Set<number> = new Set();
  #bits: Uint8Array | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(protocol: Protocol, port: number): boolean {
    const key = firstKey(protocol) + port;
    if (this.#bits === undefined) {
      if (this.#single.has(key)) return false;
      this.#single.add(key);
    } else if (!setBit(this.#bits, key)) return false;
    this.#count += 1;
    return true;
  }

  /** Adds them. Returns those that are new: the same array where all are. */
  addAll(protocol: Protocol, ports: Uint16Array): Uint16Array {
    const bits = this.#allBits();
    const first = firstKey(protocol);
    const fresh = this.without(protocol, ports);
    for (const port of fresh) setBit(bits, first + port);
    this.#count += fresh.length;
    return fresh;
  }

  /** Those that were not told: the same array where none was. */
  without(protocol: Protocol, ports: Uint16Array): Uint16Array {
    const bits = this.#allBits();
    const first = firstKey(protocol);
    const isFresh = (port: number): boolean => !hasBit(bits, first + port);
    return ports.every(isFresh) ? ports : ports.filter(isFresh);
  }

  #allBits(): Uint8Array {
    if (this.#bits === undefined) {
      this.#bits = new Uint8Array((PROTOCOLS.length * PORT_COUNT) / 8);
      for (const key of this.#single) setBit(this.#bits, key);
      this.#single.clear();
    }
    return this.#bits;
  }
}

function firstKey(protocol: Protocol): number {
  return PROTOCOLS.indexOf(protocol) * PORT_COUNT;
}

function hasBit(bits: Uint8Array, key: number): boolean {
  return ((bits[key >>> 3] ?? 0) & (1 << (key & 7))) !== 0;
}

/** False where it was set before. */
function setBit(bits: Uint8Array, key: number): boolean {
  const before = bits[key >>> 3] ?? 0;
  const after = before | (1 << (key & 7));
  bits[key >>> 3] = after;
  return after !== before;
}
