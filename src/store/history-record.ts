// What a scan told, as records of the history: a line of JSON each. Those of a journal where it has them; the others are
// events as they are. What is read is checked in every part, since the file may be damaged, or somebody else's.
import type { OwnerEvent, PortOwner } from "../model/owner-event.js";
import { PORT_STATES } from "../model/port-state.js";
import {
  type CompactScanEvent,
  type HostDoneEvent,
  NO_RTT_US,
  type OsClass,
  type OsEvent,
  type OsFacts,
  type PortScanFacts,
  type ScanEvent,
  type ScriptEvent,
  type SequenceFacts,
  type ServiceEvent,
  type ServiceFacts,
  type StartEvent,
} from "../model/scan-event.js";
import { type Fault, quote } from "../target/fault.js";
import { PORT_MAX, PROTOCOLS } from "../target/port-set.js";
import { type Check, hasShape, isCount, isListOf, isMaybe, isNumber, isOneOf, isText, isWithin } from "./check.js";
import { isTyped, JOURNAL_CHECKS, type PortsRecord, portsRecord } from "./journal-record.js";
import { numbersOf, parseRanges } from "./ranges.js";

type KeptEvent = Exclude<CompactScanEvent, { type: "port-run" | "silence" | "finished" | "progress" }>;

/** Everything that a line can say. */
type HistoryRecord = KeptEvent | PortsRecord;

const isProtocol = isOneOf(PROTOCOLS);
const isPort = isWithin(0, PORT_MAX);
const isTexts = isListOf(isText);
const isMaybeText = isMaybe(isText);
const isMaybeNumber = isMaybe(isNumber);

const isService: Check<ServiceFacts> = hasShape<ServiceFacts>({
  name: isText,
  method: isOneOf(["table", "probed"]),
  confidence: isNumber,
  product: isMaybeText,
  version: isMaybeText,
  extraInfo: isMaybeText,
  hostname: isMaybeText,
  osType: isMaybeText,
  deviceType: isMaybeText,
  tunnel: isMaybeText,
  fingerprint: isMaybeText,
  cpes: isTexts,
});

const isOwner: Check<PortOwner> = hasShape<PortOwner>({
  process: isMaybeText,
  pid: isMaybe(isCount),
  user: isMaybeText,
  unit: isMaybeText,
  container: isMaybeText,
  kernel: isMaybeText,
  otherCount: isMaybe(isCount),
});

const isOsClass: Check<OsClass> = hasShape<OsClass>({
  type: isMaybeText,
  vendor: isText,
  family: isText,
  generation: isMaybeText,
  accuracy: isNumber,
  cpes: isTexts,
});

const isMaybeSequence: Check<SequenceFacts | undefined> = isMaybe(
  hasShape<SequenceFacts>({ class: isText, index: isMaybeNumber, values: isText }),
);

const isOs: Check<OsFacts> = hasShape<OsFacts>({
  portsUsed: isListOf(
    hasShape<OsFacts["portsUsed"][number]>({ state: isOneOf(PORT_STATES), protocol: isProtocol, port: isPort }),
  ),
  matches: isListOf(
    hasShape<OsFacts["matches"][number]>({
      name: isText,
      accuracy: isNumber,
      line: isCount,
      classes: isListOf(isOsClass),
    }),
  ),
  fingerprint: isMaybeText,
  uptimeSeconds: isMaybeNumber,
  lastBoot: isMaybeText,
  distance: isMaybe(isCount),
  tcpSequence: isMaybeSequence,
  ipIdSequence: isMaybeSequence,
  tcpTimestamps: isMaybeSequence,
});

const CHECKS: { readonly [Type in HistoryRecord["type"]]: Check<Extract<HistoryRecord, { type: Type }>> } = {
  technique: JOURNAL_CHECKS.technique,
  host: JOURNAL_CHECKS.host,
  "host-names": JOURNAL_CHECKS["host-names"],
  ports: JOURNAL_CHECKS.ports,
  trace: JOURNAL_CHECKS.trace,
  notice: JOURNAL_CHECKS.notice,
  done: JOURNAL_CHECKS.done,
  start: hasShape<StartEvent>({
    type: isTyped("start"),
    version: isText,
    scanner: isMaybeText,
    commandLine: isMaybeText,
    startedAt: isText,
    targets: isTexts,
    addressCount: isNumber,
    portCount: isMaybe(isCount),
    portScans: isListOf(
      hasShape<PortScanFacts>({
        technique: isText,
        protocol: isProtocol,
        portCount: isWithin(0, PORT_MAX + 1),
        ports: isText,
        tcpFlags: isMaybe(isWithin(0, 255)),
      }),
    ),
    seed: isCount,
  }),
  service: hasShape<ServiceEvent>({
    type: isTyped("service"),
    hostId: isCount,
    protocol: isProtocol,
    port: isPort,
    service: isService,
  }),
  owner: hasShape<OwnerEvent>({
    type: isTyped("owner"),
    hostId: isCount,
    protocol: isProtocol,
    port: isPort,
    owner: isOwner,
  }),
  os: hasShape<OsEvent>({ type: isTyped("os"), hostId: isCount, os: isOs }),
  script: hasShape<ScriptEvent>({
    type: isTyped("script"),
    hostId: isMaybe(isCount),
    port: isMaybe(hasShape<NonNullable<ScriptEvent["port"]>>({ protocol: isProtocol, port: isPort })),
    id: isText,
    output: isText,
  }),
  "host-done": (value): value is HostDoneEvent => JOURNAL_CHECKS["host-done"](withCounts(value)),
};

const CHECK_BY_TYPE: ReadonlyMap<unknown, Check<HistoryRecord>> = new Map(Object.entries(CHECKS));

/** A journal's end of a host says how much was told of it; here a transaction sees to it that all of it is there. */
function withCounts(value: unknown): unknown {
  const isObject = typeof value === "object" && value !== null;
  return isObject ? { ...value, told: { ports: 0, names: 0, hops: 0 } } : value;
}

/** The event as a line with its line feed; undefined for what no report of the past shows. */
export function historyLine(event: ScanEvent | CompactScanEvent): string | undefined {
  const record = recordOf(event);
  return record === undefined ? undefined : `${JSON.stringify(record)}\n`;
}

function recordOf(event: ScanEvent | CompactScanEvent): HistoryRecord | undefined {
  switch (event.type) {
    case "progress":
    case "silence":
    case "finished":
      return undefined;
    case "port-run":
      return portsRecord(event);
    case "port": {
      const { port, rttMs, ...result } = event.result;
      const rttUs = rttMs === undefined ? NO_RTT_US : Math.round(rttMs * 1000);
      const run = { ports: Uint16Array.of(port), rttsUs: Uint32Array.of(rttUs) };
      return portsRecord({ type: "port-run", hostId: event.hostId, result, ...run });
    }
    default:
      return event;
  }
}

/** Reads a line without its line feed. */
export function historyEvent(line: string): CompactScanEvent | Fault {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: "no JSON" };
    throw error;
  }
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  const check = CHECK_BY_TYPE.get(type);
  if (check === undefined) return { fault: typeof type === "string" ? `a record ${quote(type)}` : "no record" };
  if (!check(value)) return { fault: `a record ${quote(String(type))} with something in it that cannot be` };
  return value.type === "ports" ? runOf(value) : value;
}

function runOf({ hostId, result, ports, rttsUs }: PortsRecord): CompactScanEvent {
  const numbers = Uint16Array.from(numbersOf(parseRanges(ports, PORT_MAX) ?? []));
  const rtts = Uint32Array.from(numbers, (_port, at) => rttsUs?.[at] ?? NO_RTT_US);
  return { type: "port-run", hostId, result, ports: numbers, rttsUs: rtts };
}
