// Events and options as the tests of the normal report need them.
import type {
  CompactScanEvent,
  DoneEvent,
  HostDoneEvent,
  HostEvent,
  HostFacts,
  PortEvent,
  PortResult,
  ScanEvent,
  StartEvent,
} from "../model/scan-event.js";
import { normal } from "./normal.js";
import type { ReportOptions } from "./report-writer.js";

const NAMES = new Map([
  ["tcp 22", "ssh"],
  ["tcp 80", "http"],
  ["tcp 8080", "http-proxy"],
]);

const PLAIN: ReportOptions = {
  showReason: false,
  onlyOpen: false,
  verbosity: 0,
  serviceName: (port, protocol) => NAMES.get(`${protocol} ${port}`),
};

/** The whole report. */
export function write(events: readonly (ScanEvent | CompactScanEvent)[], options: Partial<ReportOptions> = {}): string {
  const sink = normal.open({ ...PLAIN, ...options });
  return events.map(sink).join("");
}

/** The first event. */
export const START: StartEvent = {
  type: "start",
  version: "0.1.0",
  startedAt: "2026-11-23T15:10:07Z",
  targets: ["localhost"],
  addressCount: 1,
  portCount: 1000,
  portScans: [{ technique: "tcp-syn", protocol: "tcp", portCount: 1000, ports: "1-1000" }],
  seed: 42,
};

/** A host that is up, unless the facts say otherwise. */
export function host(facts: Partial<HostFacts> = {}): HostEvent {
  return {
    type: "host",
    host: {
      id: 0,
      address: "10.0.0.1",
      family: 4,
      name: undefined,
      otherAddresses: [],
      status: "up",
      reason: "echo-reply",
      ttl: 64,
      rttMs: 0.4,
      mac: undefined,
      ...facts,
    },
  };
}

/** An open TCP port, unless the result says otherwise. */
export function port(number: number, result: Partial<PortResult> = {}, hostId = 0): PortEvent {
  return {
    type: "port",
    hostId,
    result: {
      protocol: "tcp",
      port: number,
      state: "open",
      reason: "syn-ack",
      technique: "tcp-syn",
      ttl: 64,
      rttMs: 0.1,
      tries: 1,
      responder: undefined,
      ...result,
    },
  };
}

/** So many ports one after another. */
export function ports(from: number, count: number, result: Partial<PortResult>): readonly PortEvent[] {
  return Array.from({ length: count }, (_, at) => port(from + at, result));
}

/** What a closed port shows. */
export const CLOSED: Pick<PortResult, "state" | "reason"> = { state: "closed", reason: "reset" };
/** What a silent port shows. */
export const FILTERED: Omit<PortResult, "protocol" | "port" | "technique" | "responder"> = {
  state: "filtered",
  reason: "no-response",
  ttl: undefined,
  rttMs: undefined,
  tries: 3,
};

/** The end of host 0. */
export function hostDone(fields: Partial<HostDoneEvent> = {}): HostDoneEvent {
  const loss = { lossShare: 0, missedEstimate: 0 };
  return { type: "host-done", hostId: 0, rttMs: 0.123, loss, end: "done", undecided: [], marks: [], ...fields };
}

/** The last event. */
export function done(fields: Partial<DoneEvent> = {}): DoneEvent {
  return {
    type: "done",
    finishedAt: "2026-11-23T15:10:08Z",
    elapsedMs: 210,
    counts: {
      hosts: 1,
      unreachable: 0,
      hostsUp: 1,
      ports: 1000,
      sent: 1004,
      answered: 1002,
      resent: 2,
      late: 0,
      kernelDrops: 0,
      ignored: 0,
    },
    loss: { lossShare: 0, missedEstimate: 0 },
    isAborted: false,
    ...fields,
  };
}
