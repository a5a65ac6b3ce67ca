// A scan of 65,535 hosts with 1,000 ports each, made up as it goes: what sizes and times of reports and of the history are measured
// with.
import {
  type CompactScanEvent,
  type HostEvent,
  NO_RTT_US,
  type PortRunEvent,
  type StartEvent,
} from "../src/model/scan-event.js";
import { mix32 } from "../src/target/random.js";

const HOSTS = 65_535;
const PORTS = 1000;

const START: StartEvent = {
  type: "start",
  version: "0.0.0",
  startedAt: "2026-11-23T15:10:07Z",
  targets: ["10.0.0.0/16"],
  addressCount: HOSTS,
  portCount: PORTS,
  portScans: [{ technique: "tcp-syn", protocol: "tcp", portCount: PORTS, ports: `1-${PORTS}` }],
  seed: 1,
};

/** Open, filtered and closed ports of a host as the engine tells them; or all of them open. */
function runsOf(hostId: number, isAllOpen: boolean): readonly PortRunEvent[] {
  const shared = { protocol: "tcp", technique: "tcp-syn", ttl: 64, tries: 1, responder: undefined } as const;
  const run = (result: Pick<PortRunEvent["result"], "state" | "reason">, from: number, to: number): PortRunEvent => {
    const ports = Uint16Array.from({ length: to - from }, (_, at) => from + at);
    const isSilent = result.reason === "no-response";
    // Times that are all the same would be packed too well.
    const rttsUs = Uint32Array.from(ports, (port) =>
      isSilent ? NO_RTT_US : 200 + (mix32(hostId * PORTS + port) & 511),
    );
    return { type: "port-run", hostId, result: { ...shared, ...result }, ports, rttsUs };
  };
  const open = { state: "open", reason: "syn-ack" } as const;
  if (isAllOpen) return [run(open, 1, PORTS + 1)];
  return [
    run({ state: "closed", reason: "reset" }, 11, 501),
    run(open, 1, 7),
    run({ state: "closed", reason: "reset" }, 501, PORTS + 1),
    run({ state: "filtered", reason: "no-response" }, 7, 11),
  ];
}

function hostEvent(id: number): HostEvent {
  const address = `10.0.${id >> 8}.${id & 255}`;
  const facts = { name: undefined, otherAddresses: [], mac: undefined, ttl: 64, rttMs: 0.4 } as const;
  const at = "2026-11-23T15:10:08Z";
  return { type: "host", at, host: { id, address, family: 4, status: "up", reason: "echo-reply", ...facts } };
}

/** All events; `underWay` hosts are told at once. */
export function* largeScan(isAllOpen: boolean, underWay: number): Generator<CompactScanEvent> {
  yield START;
  for (let first = 0; first < HOSTS; first += underWay) {
    const ids = Array.from({ length: Math.min(underWay, HOSTS - first) }, (_, at) => first + at);
    for (const id of ids) yield hostEvent(id);
    for (const id of ids) yield* runsOf(id, isAllOpen);
    for (const hostId of ids) {
      const loss = { lossShare: 0, missedEstimate: 0 };
      yield { type: "host-done", hostId, rttMs: 0.4, loss, end: "done", undecided: [], marks: [] };
    }
  }
  yield {
    type: "done",
    finishedAt: "2026-11-23T16:10:08Z",
    elapsedMs: 3_600_000,
    counts: {
      hosts: HOSTS,
      unreachable: 0,
      hostsUp: HOSTS,
      ports: HOSTS * PORTS,
      sent: HOSTS * PORTS,
      answered: HOSTS * PORTS,
      resent: 0,
      late: 0,
      kernelDrops: 0,
      ignored: 0,
    },
    loss: { lossShare: 0, missedEstimate: 0 },
    isAborted: false,
  };
}
