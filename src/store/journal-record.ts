// The records of a journal (docs/journal.md), one a line: events as they are, but ports and hosts as ranges in text. What
// is read is checked here, since a journal may be damaged or made by somebody else.
import { PORT_STATES } from "../model/port-state.js";
import { REASON_NAMES } from "../model/reason.js";
import type {
  DoneEvent,
  HostDoneEvent,
  HostEvent,
  HostFacts,
  HostNamesEvent,
  NoticeEvent,
  PortRunEvent,
  Protocol,
  TechniqueChoice,
  TechniqueEvent,
  TraceEvent,
} from "../model/scan-event.js";
import { type Fault, quote } from "../target/fault.js";
import { PORT_MAX, PROTOCOLS } from "../target/port-set.js";
import {
  type Check,
  hasShape,
  isBoolean,
  isCount,
  isListOf,
  isMaybe,
  isNumber,
  isOneOf,
  isText,
  isWithin,
} from "./check.js";
import { TRIES_MAX } from "./port-marks.js";
import { parseRanges, rangesOf, rangesText } from "./ranges.js";

/** The format that is written, and the only one that is read so far. */
export const JOURNAL_FORMAT = 1;

/** Hosts are numbered up to here. */
export const HOST_MAX: number = Number.MAX_SAFE_INTEGER;

/** Who runs, and how it was started: the first run in the journal's first record, each later one in one of its own. */
export interface RunFacts {
  /** postern's version. */
  readonly version: string;
  /** ISO 8601 with zone. */
  readonly startedAt: string;
  /** The words of the command line behind the program's name. */
  readonly words: readonly string[];
}

/** The first line. */
export interface HeaderRecord extends RunFacts {
  readonly type: "journal";
  readonly format: number;
  /** The plan, as `toJson` makes it. */
  readonly plan: unknown;
}

/** Another run begins. */
export interface SegmentRecord extends RunFacts {
  readonly type: "segment";
}

/** Ports of one host that were decided with the same evidence. */
export interface PortsRecord {
  readonly type: "ports";
  readonly hostId: number;
  readonly result: PortRunEvent["result"];
  /** `1-5,7`. */
  readonly ports: string;
  /** Round trips in µs, in ascending order of the ports; only of open ones. */
  readonly rttsUs?: readonly number[] | undefined;
}

/** Ports that were silent in so many tries. */
export interface SilenceRecord {
  readonly type: "silence";
  readonly hostId: number;
  readonly protocol: Protocol;
  readonly tries: number;
  readonly ports: string;
}

/** How much was told of a host over all runs: what is missing can be seen. */
export interface ToldCounts {
  readonly ports: number;
  readonly names: number;
  readonly hops: number;
}

/** A host is done. */
export interface HostDoneRecord extends HostDoneEvent {
  readonly told: ToldCounts;
}

/** Hosts of which nothing more will come. */
export interface FinishedRecord {
  readonly type: "finished";
  /** All of them: `0-99`. */
  readonly hosts: string;
  /** Those of them whose end has a record of its own: they are done, or were told as down or listed. */
  readonly ended: string;
  /** Those of them that were told as up and have no such record, for nobody asked for ports. */
  readonly up: string;
}

/** Everything that a line can say. */
export type JournalRecord =
  | HeaderRecord
  | SegmentRecord
  | TechniqueEvent
  | HostEvent
  | HostNamesEvent
  | PortsRecord
  | SilenceRecord
  | TraceEvent
  | HostDoneRecord
  | FinishedRecord
  | NoticeEvent
  | DoneEvent;

type RecordType = JournalRecord["type"];

/** What kind of record a line claims to be. */
export function isTyped<const Type extends string>(type: Type): Check<Type> {
  return isOneOf([type]);
}

/** True for ranges of numbers up to `max`. */
function isRanges(max: number): Check<string> {
  return (value): value is string => isText(value) && parseRanges(value, max) !== undefined;
}

const isProtocol: Check<Protocol> = isOneOf(PROTOCOLS);
const isPorts = isRanges(PORT_MAX);
const isHosts = isRanges(HOST_MAX);
const isTexts = isListOf(isText);
const isPort = isWithin(0, PORT_MAX);
const isTtl = isWithin(0, 255);
const isMaybeNumber = isMaybe(isNumber);
const isMaybeText = isMaybe(isText);

const isHostFacts: Check<HostFacts> = hasShape<HostFacts>({
  id: isCount,
  address: isText,
  family: isOneOf([4, 6]),
  name: isMaybeText,
  otherAddresses: isTexts,
  status: isOneOf(["up", "down", "listed"]),
  reason: isOneOf(REASON_NAMES),
  ttl: isMaybe(isTtl),
  rttMs: isMaybeNumber,
  mac: isMaybeText,
  vendor: isMaybeText,
});

const isResult: Check<PortRunEvent["result"]> = hasShape<PortRunEvent["result"]>({
  protocol: isProtocol,
  state: isOneOf(PORT_STATES),
  reason: isOneOf(REASON_NAMES),
  technique: isText,
  ttl: isMaybe(isTtl),
  tries: isCount,
  responder: isMaybeText,
});

const isLoss: Check<DoneEvent["loss"]> = hasShape<DoneEvent["loss"]>({ lossShare: isNumber, missedEstimate: isNumber });

/** What each kind of record must be. */
export const JOURNAL_CHECKS: { readonly [Type in RecordType]: Check<Extract<JournalRecord, { type: Type }>> } = {
  journal: hasShape<HeaderRecord>({
    type: isTyped("journal"),
    format: isCount,
    version: isText,
    startedAt: isText,
    words: isTexts,
    plan: (value): value is unknown => typeof value === "object" && value !== null,
  }),
  segment: hasShape<SegmentRecord>({ type: isTyped("segment"), version: isText, startedAt: isText, words: isTexts }),
  technique: hasShape<TechniqueEvent>({
    type: isTyped("technique"),
    choice: hasShape<TechniqueChoice>({
      role: isOneOf(["ports", "discovery", "trace"]),
      technique: isText,
      transport: isText,
      because: isText,
    }),
  }),
  host: hasShape<HostEvent>({ type: isTyped("host"), at: isMaybeText, host: isHostFacts }),
  "host-names": hasShape<HostNamesEvent>({ type: isTyped("host-names"), hostId: isCount, names: isTexts }),
  ports: hasShape<PortsRecord>({
    type: isTyped("ports"),
    hostId: isCount,
    result: isResult,
    ports: isPorts,
    rttsUs: isMaybe(isListOf(isWithin(0, 0xffffffff))),
  }),
  silence: hasShape<SilenceRecord>({
    type: isTyped("silence"),
    hostId: isCount,
    protocol: isProtocol,
    tries: isWithin(1, TRIES_MAX),
    ports: isPorts,
  }),
  trace: hasShape<TraceEvent>({
    type: isTyped("trace"),
    hostId: isCount,
    technique: isText,
    protocol: isOneOf([...PROTOCOLS, "icmp"]),
    port: isPort,
    hops: isListOf(hasShape<TraceEvent["hops"][number]>({ ttl: isTtl, address: isMaybeText, rttMs: isMaybeNumber })),
  }),
  "host-done": hasShape<HostDoneRecord>({
    type: isTyped("host-done"),
    at: isMaybeText,
    hostId: isCount,
    rttMs: isMaybeNumber,
    loss: isLoss,
    end: isOneOf(["done", "stopped", "host-timeout", "skipped"]),
    undecided: isListOf(hasShape<HostDoneEvent["undecided"][number]>({ protocol: isProtocol, count: isCount })),
    marks: isListOf(
      hasShape<HostDoneEvent["marks"][number]>({
        code: isOneOf(["answers-everything", "reset-by-other", "resets-differ", "rationed"]),
        text: isText,
      }),
    ),
    told: hasShape<ToldCounts>({ ports: isCount, names: isCount, hops: isCount }),
  }),
  finished: hasShape<FinishedRecord>({ type: isTyped("finished"), hosts: isHosts, ended: isHosts, up: isHosts }),
  notice: hasShape<NoticeEvent>({
    type: isTyped("notice"),
    level: isOneOf(["info", "warning"]),
    code: isText,
    text: isText,
  }),
  done: hasShape<DoneEvent>({
    type: isTyped("done"),
    finishedAt: isText,
    elapsedMs: isNumber,
    counts: hasShape<DoneEvent["counts"]>({
      hosts: isCount,
      unreachable: isCount,
      hostsUp: isCount,
      ports: isCount,
      sent: isCount,
      answered: isCount,
      resent: isCount,
      late: isCount,
      kernelDrops: isCount,
      ignored: isCount,
    }),
    loss: isLoss,
    isAborted: isBoolean,
  }),
};

const CHECK_BY_TYPE: ReadonlyMap<unknown, Check<JournalRecord>> = new Map(Object.entries(JOURNAL_CHECKS));

/** Takes a value for a record if it is one in every part. */
export function readRecord(value: unknown): JournalRecord | Fault {
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  const check = CHECK_BY_TYPE.get(type);
  if (check === undefined) return { fault: typeof type === "string" ? `a record ${quote(type)}` : "no record" };
  return check(value) ? value : { fault: `a record ${quote(String(type))} with something in it that cannot be` };
}

/** A run of ports as a record: ports in ascending order. */
export function portsRecord({ hostId, result, ports, rttsUs }: PortRunEvent): PortsRecord {
  const record: PortsRecord = { type: "ports", hostId, result, ports: rangesText(rangesOf(ports)) };
  if (result.state !== "open") return record;
  const order = Array.from(ports.keys()).sort((one, other) => (ports[one] ?? 0) - (ports[other] ?? 0));
  return { ...record, rttsUs: order.map((at) => rttsUs[at] ?? 0) };
}
