// Reports of small networks, made for tests.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import { type LossReport, NO_RTT_US } from "../model/scan-event.js";
import type { RangesPool } from "../report/port-table.js";
import type { ReadEvent } from "../report/report-reader.js";
import { type Snapshot, SnapshotBuilder } from "../report/snapshot.js";

/** A host, and its ports of TCP by state. */
export interface TestHost {
  readonly open?: readonly number[];
  readonly filtered?: readonly number[];
  readonly status?: "up" | "down";
  readonly reason?: Reason;
  /** How many ports are expected to be lost. */
  readonly missedEstimate?: number;
  readonly end?: "done" | "stopped";
  /** What was probed behind open ports: "nginx 1.0". */
  readonly services?: Readonly<Record<number, string>>;
}

/** A run over some addresses of 192.0.2.0/24 and the ports 1 to 100. */
export interface TestRun {
  readonly hosts: Readonly<Record<string, TestHost>>;
  readonly loss?: Partial<LossReport>;
  readonly isAborted?: boolean;
}

const NO_LOSS: LossReport = { lossShare: 0, missedEstimate: 0 };
const COUNTS = { unreachable: 0, ports: 0, sent: 0, answered: 0, resent: 0, late: 0, kernelDrops: 0, ignored: 0 };
const AT = "2026-11-24T12:00:00.000Z";

/** The snapshot of a run. */
export function snapshotOf(run: TestRun, pool: RangesPool): Snapshot {
  const builder = new SnapshotBuilder(pool);
  for (const event of eventsOf(run)) builder.take(event);
  return builder.build();
}

/** The events of a run. */
export function* eventsOf({ hosts, loss, isAborted = false }: TestRun): Generator<ReadEvent> {
  const portScans = [{ technique: "tcp-syn", protocol: "tcp", portCount: 100, ports: "1-100" }] as const;
  const start = { version: "0.1.0", startedAt: AT, targets: ["192.0.2.0/24"], addressCount: 256, portCount: 100 };
  yield { type: "start", ...start, portScans, seed: 1 };
  for (const [id, [address, host]] of Object.entries(hosts).entries()) yield* hostEvents(id, address, host);
  const counts = { ...COUNTS, hosts: 256, hostsUp: Object.keys(hosts).length };
  yield { type: "done", finishedAt: AT, elapsedMs: 1, counts, loss: { ...NO_LOSS, ...loss }, isAborted };
}

function* hostEvents(id: number, address: string, host: TestHost): Generator<ReadEvent> {
  const { open = [], filtered = [], status = "up", reason = "echo-reply", end = "done", services = {} } = host;
  const facts = { id, address, family: 4, name: undefined, otherAddresses: [], status, reason, ttl: 64 } as const;
  yield { type: "host", host: { ...facts, rttMs: 1, mac: undefined } };
  if (status === "down") return;
  const closed = Array.from({ length: 100 }, (_, at) => at + 1).filter(
    (port) => !open.includes(port) && !filtered.includes(port),
  );
  const groups: readonly (readonly [PortState, Reason, readonly number[]])[] = [
    ["open", "syn-ack", open],
    ["closed", "reset", end === "stopped" ? [] : closed],
    ["filtered", "no-response", filtered],
  ];
  for (const [state, why, ports] of groups) {
    if (ports.length === 0) continue;
    const result = {
      protocol: "tcp",
      state,
      reason: why,
      technique: "tcp-syn",
      ttl: 64,
      tries: 1,
      responder: undefined,
    } as const;
    const numbers = Uint16Array.from(ports);
    yield {
      type: "port-run",
      hostId: id,
      result,
      ports: numbers,
      rttsUs: new Uint32Array(ports.length).fill(NO_RTT_US),
    };
  }
  for (const [port, words] of Object.entries(services)) {
    const [name = "", version = ""] = words.split(" ");
    const service = { name, version, method: "probed", confidence: 10, cpes: [] } as const;
    yield { type: "service", hostId: id, protocol: "tcp", port: Number(port), service };
  }
  const loss = { lossShare: 0, missedEstimate: host.missedEstimate ?? 0 };
  yield { type: "host-done", hostId: id, rttMs: 1, loss, end, undecided: [], marks: [] };
}
