// Reports as the tests of comparisons need them: a few words for each host, made into events and then into a snapshot.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type {
  HostDoneEvent,
  HostFacts,
  OsFacts,
  Protocol,
  ScanEvent,
  ServiceFacts,
  StartEvent,
} from "../model/scan-event.js";
import type { CompareOptions, HostDiff } from "./compare-hosts.js";
import { compareReports, type DiffSummary } from "./compare-reports.js";
import type { DiffWriter } from "./diff-writer.js";
import { RangesPool } from "./port-table.js";
import { type Snapshot, SnapshotBuilder } from "./snapshot.js";

/** A state, with its reason where that matters: "filtered no-response-lossy". */
export type StateText = PortState | `${PortState} ${Reason}`;

/** A host in a few words. */
export interface TestHost {
  readonly address: string;
  readonly facts?: Partial<HostFacts>;
  readonly names?: readonly string[];
  /** By "22", "22-80" or "53/udp". */
  readonly ports?: Readonly<Record<string, StateText>>;
  readonly services?: Readonly<Record<string, Partial<ServiceFacts>>>;
  readonly systems?: readonly string[];
  readonly done?: Partial<HostDoneEvent>;
}

/** A report in a few words. */
export interface TestReport {
  readonly start?: Partial<StartEvent>;
  readonly hosts?: readonly TestHost[];
  readonly isAborted?: boolean;
  /** Addresses that were looked at. */
  readonly hostCount?: number;
  readonly loss?: HostDoneEvent["loss"];
}

const NO_LOSS = { lossShare: 0, missedEstimate: 0 };

const START: StartEvent = {
  type: "start",
  version: "0.1.0",
  startedAt: "2026-11-23T15:10:07Z",
  targets: ["10.0.0.0/24"],
  addressCount: 256,
  portCount: 1000,
  portScans: [{ technique: "tcp-syn", protocol: "tcp", portCount: 1000, ports: "1-1000" }],
  seed: 42,
};

/** The events of a report. */
export function eventsOf({
  start,
  hosts = [],
  isAborted = false,
  hostCount = 256,
  loss = NO_LOSS,
}: TestReport): ScanEvent[] {
  return [
    { ...START, ...start },
    ...hosts.flatMap(hostEvents),
    {
      type: "done",
      finishedAt: "2026-11-23T15:11:07Z",
      elapsedMs: 60_000,
      counts: {
        hosts: hostCount,
        unreachable: 0,
        hostsUp: hosts.length,
        ports: 0,
        sent: 0,
        answered: 0,
        resent: 0,
        late: 0,
        kernelDrops: 0,
        ignored: 0,
      },
      loss,
      isAborted,
    },
  ];
}

/** A snapshot of a report. */
export function snapshotOf(report: TestReport, pool: RangesPool = new RangesPool()): Snapshot {
  const builder = new SnapshotBuilder(pool);
  for (const event of eventsOf(report)) builder.take(event);
  return builder.build();
}

const OPTIONS: CompareOptions = { by: "address", onlyOpen: false, isSameWanted: false };

/** What came of a comparison. */
export interface Compared {
  readonly hosts: readonly HostDiff[];
  readonly summary: DiffSummary;
}

/** Compares two reports to the end. */
export function compare(a: TestReport, b: TestReport, options: Partial<CompareOptions> = {}): Compared {
  const pool = new RangesPool();
  const all = compareReports(snapshotOf(a, pool), snapshotOf(b, pool), { ...OPTIONS, ...options });
  const hosts: HostDiff[] = [];
  for (;;) {
    const { value, done } = all.next();
    if (done === true) return { hosts, summary: value };
    hosts.push(value);
  }
}

const SERVICES = new Map([
  ["22/tcp", "ssh"],
  ["80/tcp", "http"],
  ["443/tcp", "https"],
]);

/** The whole text of a comparison. */
export function write(
  writer: DiffWriter,
  a: TestReport,
  b: TestReport,
  options: Partial<CompareOptions> = {},
  names: readonly [a: string, b: string] = ["a.xml", "b.xml"],
): string {
  const pool = new RangesPool();
  const sides = [snapshotOf(a, pool), snapshotOf(b, pool)] as const;
  const whole = { ...OPTIONS, ...options };
  const sink = writer.open({
    a: { name: names[0], snapshot: sides[0] },
    b: { name: names[1], snapshot: sides[1] },
    options: whole,
    serviceName: (port, protocol) => SERVICES.get(`${port}/${protocol}`),
    vendorOf: (mac) => (mac.startsWith("b8:27:eb") ? "Raspberry Pi Foundation" : undefined),
  });
  const hosts = compareReports(sides[0], sides[1], whole);
  let text = sink.begin();
  for (;;) {
    const { value, done } = hosts.next();
    if (done === true) return text + sink.end(value);
    text += sink.host(value);
  }
}

let lastId = 0;

function hostEvents({
  address,
  facts,
  names = [],
  ports = {},
  services = {},
  systems = [],
  done,
}: TestHost): ScanEvent[] {
  lastId += 1;
  const hostId = lastId;
  const host: HostFacts = {
    id: hostId,
    address,
    family: address.includes(":") ? 6 : 4,
    name: undefined,
    otherAddresses: [],
    status: "up",
    reason: "echo-reply",
    ttl: 64,
    rttMs: 0.4,
    mac: undefined,
    ...facts,
  };
  const os: OsFacts = {
    portsUsed: [],
    matches: systems.map((name) => ({ name, accuracy: 100, line: 1, classes: [] })),
  };
  const end: HostDoneEvent = {
    type: "host-done",
    hostId,
    rttMs: 0.4,
    loss: NO_LOSS,
    end: "done",
    undecided: [],
    marks: [],
    ...done,
  };
  return [
    { type: "host", host },
    ...(names.length === 0 ? [] : [{ type: "host-names", hostId, names } as const]),
    ...Object.entries(ports).flatMap(([text, state]) => portEvents(hostId, text, state)),
    ...Object.entries(services).map(([text, service]): ScanEvent => {
      const [port, protocol] = placeOf(text);
      const whole: ServiceFacts = { name: "http", method: "probed", confidence: 10, cpes: [], ...service };
      return { type: "service", hostId, protocol, port, service: whole };
    }),
    ...(systems.length === 0 ? [] : [{ type: "os", hostId, os } as const]),
    ...(host.status === "up" ? [end] : []),
  ];
}

function placeOf(text: string): readonly [port: number, protocol: Protocol] {
  const [port = "", protocol = "tcp"] = text.split("/");
  return [Number(port), protocol as Protocol];
}

const USUAL: Readonly<Record<PortState, Reason>> = {
  open: "syn-ack",
  closed: "reset",
  filtered: "no-response",
  unfiltered: "reset",
  "open|filtered": "no-response",
  "closed|filtered": "no-response",
};

function portEvents(hostId: number, text: string, stateText: StateText): ScanEvent[] {
  const [ranges = "", protocol = "tcp"] = text.split("/");
  const [first, last = first] = ranges.split("-").map(Number);
  const [state, reason] = stateText.split(" ") as [PortState, Reason | undefined];
  const events: ScanEvent[] = [];
  for (let port = first ?? 0; port <= (last ?? 0); port++) {
    events.push({
      type: "port",
      hostId,
      result: {
        protocol: protocol as Protocol,
        port,
        state,
        reason: reason ?? USUAL[state],
        technique: "tcp-syn",
        ttl: 64,
        rttMs: 0.4,
        tries: 1,
        responder: undefined,
      },
    });
  }
  return events;
}
