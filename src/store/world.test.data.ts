// A small network that journals are tested with, and an engine that knows all answers: it tells what a resume point leaves
// to be told, and nothing else.
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type CompactScanEvent, NO_RTT_US, type PortRunEvent } from "../model/scan-event.js";
import { PORT_MAX, type Protocol } from "../target/port-set.js";
import type { ResumePoint } from "../target/resume-point.js";
import type { RunFacts } from "./journal-record.js";
import { numbersOf } from "./ranges.js";

/** "quiet" is up and asked for no ports: its end is told by nothing but the ranges of finished hosts. */
export interface WorldHost {
  readonly kind: "up" | "quiet" | "down" | "hidden";
  readonly names: readonly string[];
  readonly hasTrace: boolean;
  /** Open ones are even, closed ones are odd; those of "udp" are silent at first. */
  readonly ports: Readonly<Partial<Record<Protocol, readonly number[]>>>;
}

/** Host numbers are places. */
export type World = readonly WorldHost[];

/** One with every kind of host. */
export const SMALL_WORLD: World = [
  { kind: "up", names: ["db.example", "db2.example"], hasTrace: true, ports: { tcp: [22, 80, 81, 443], udp: [53] } },
  { kind: "hidden", names: [], hasTrace: false, ports: {} },
  { kind: "down", names: ["gone.example"], hasTrace: false, ports: {} },
  { kind: "quiet", names: [], hasTrace: false, ports: {} },
  { kind: "hidden", names: [], hasTrace: false, ports: {} },
  { kind: "up", names: [], hasTrace: false, ports: { tcp: [1, 2, 3, 4, 5, 7] } },
];

/** What an engine tells that goes on from a point. */
export function* tell(world: World, from: ResumePoint): Generator<CompactScanEvent> {
  const finished = new Set(numbersOf(from.finished));
  const going = new Map(from.hosts.map((host) => [host.hostId, host]));
  yield technique();
  for (const [id, host] of world.entries()) {
    if (finished.has(id)) continue;
    const progress = going.get(id);
    if (progress === undefined) yield* firstEvents(id, host);
    if (host.kind === "up") {
      const decided = new Map(
        (progress?.decided ?? []).map(({ protocol, ranges }) => [protocol, new Set(numbersOf(ranges))]),
      );
      for (const protocol of ["tcp", "udp"] as const) {
        const left = (host.ports[protocol] ?? []).filter((port) => decided.get(protocol)?.has(port) !== true);
        yield* portEvents(id, protocol, left);
      }
      yield* lastEvents(id, host);
    }
    if (id % 2 === 1) yield { type: "finished", ranges: [[id - 1, id]] };
  }
  if (world.length > 0) yield { type: "finished", ranges: [[0, world.length - 1]] };
}

/** Where a scan begins that nobody has begun. */
export const NOTHING_YET: ResumePoint = { finished: [], hosts: [] };

/** All results of a replay in one text a result, in order of the texts: two runs that found the same are equal. */
export function resultsOf(events: Iterable<CompactScanEvent>): string[] {
  const results: string[] = [];
  for (const event of events) {
    if (event.type === "host") results.push(`${event.host.id} ${event.host.status} ${event.host.address}`);
    if (event.type === "host-done") results.push(`${event.hostId} done ${event.loss.lossShare}`);
    if (event.type !== "port-run") continue;
    for (const [at, port] of event.ports.entries()) {
      const { protocol, state, reason } = event.result;
      results.push(`${event.hostId} ${port}/${protocol} ${state} ${reason} ${event.rttsUs[at]}`);
    }
  }
  return results.sort();
}

function technique(): CompactScanEvent {
  const choice = { role: "ports", technique: "tcp-syn", transport: "raw IP", because: "root may" } as const;
  return { type: "technique", choice };
}

function* firstEvents(id: number, { kind, names }: WorldHost): Generator<CompactScanEvent> {
  if (kind === "hidden") return;
  if (kind === "down" && names.length > 0) yield { type: "host-names", hostId: id, names };
  const facts = { id, address: `10.0.0.${id}`, family: 4, name: undefined, otherAddresses: [] } as const;
  const status = kind === "down" ? "down" : "up";
  const reason = kind === "down" ? "no-response" : "arp-response";
  yield { type: "host", host: { ...facts, status, reason, ttl: 64, rttMs: 0.25, mac: "02:00:00:00:00:01" } };
}

function* portEvents(hostId: number, protocol: "tcp" | "udp", ports: readonly number[]): Generator<CompactScanEvent> {
  if (protocol === "udp" && ports.length > 0) {
    yield { type: "silence", hostId, protocol, tries: 2, ports: Uint16Array.from(ports) };
  }
  const open = ports.filter((port) => port % 2 === 0).reverse();
  const closed = ports.filter((port) => port % 2 === 1);
  if (open.length > 0) yield portRun(hostId, protocol, open);
  for (let at = 0; at < closed.length; at += 2) yield portRun(hostId, protocol, closed.slice(at, at + 2));
}

/** Ports of one parity, with a round trip that follows from the port. */
export function portRun(hostId: number, protocol: Protocol, ports: readonly number[]): PortRunEvent {
  const isOpen = (ports[0] ?? 0) % 2 === 0;
  const evidence = isOpen
    ? ({ state: "open", reason: "syn-ack" } as const)
    : ({ state: "closed", reason: "reset" } as const);
  return {
    type: "port-run",
    hostId,
    result: { protocol, ...evidence, technique: "tcp-syn", ttl: 64, tries: 1, responder: undefined },
    ports: Uint16Array.from(ports),
    rttsUs: Uint32Array.from(ports, (port) => (isOpen ? port + PORT_MAX : NO_RTT_US)),
  };
}

function* lastEvents(hostId: number, { names, hasTrace }: WorldHost): Generator<CompactScanEvent> {
  if (names.length > 0) yield { type: "host-names", hostId, names };
  if (hasTrace) {
    const hops = [
      { ttl: 1, address: undefined, rttMs: undefined },
      { ttl: 2, address: "10.0.0.1", rttMs: 0.5 },
    ];
    yield { type: "trace", hostId, technique: "tcp-syn", protocol: "tcp", port: 80, hops };
  }
  const loss = { lossShare: 0.125, missedEstimate: 0 };
  yield { type: "host-done", hostId, rttMs: 0.25, loss, end: "done", undecided: [], marks: [] };
}

/** A folder that the caller removes; in memory where there is such a place, since journals are forced to disk at their end. */
export function temporaryFolder(): string {
  const place = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  return mkdtempSync(path.join(place, "postern-journal-"));
}

/** What an act throws; undefined when it does not. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** How a run may have been started. */
export const RUN: RunFacts = {
  version: "0.1.0",
  startedAt: "2026-01-02T03:04:05Z",
  words: ["-p", "1-10", "10.0.0.0/29"],
};
