// One line of JSON Lines as the event that it tells. docs/json-lines.md; written by json-lines.ts.
import { InputError, type InputPlace } from "../model/errors.js";
import type { PortOwner } from "../model/owner-event.js";
import {
  type DoneEvent,
  type HostDoneEvent,
  type HostFacts,
  NO_RTT_US,
  type OsFacts,
  type PortResult,
  type PortScanFacts,
  type Protocol,
  type RunCounts,
  type SequenceFacts,
  type ServiceFacts,
  type StartEvent,
  type TraceEvent,
} from "../model/scan-event.js";
import { IP_PROTOCOL_MAX, PORT_MAX, PROTOCOLS } from "../target/port-set.js";
import type { JsonFields } from "./json-fields.js";
import type { NoticeTaker } from "./read-notices.js";
import { numberRanges } from "./read-values.js";
import { HOST_ENDS, MARK_CODES, readReason, readState } from "./read-words.js";
import type { ReadEvent } from "./report-reader.js";

const TTL_MAX = 255;
const TRIES_MAX = 255;

/** Reads lines by their type. */
export class JsonLineEvents {
  readonly #notices: NoticeTaker;

  /** @param notices Told of words that are not known */
  constructor(notices: NoticeTaker) {
    this.#notices = notices;
  }

  /**
   * The event; `undefined` for a type that is not known.
   *
   * @throws InputError when a field is not what it must be
   */
  read(type: string, line: JsonFields, place: InputPlace): ReadEvent | undefined {
    switch (type) {
      case "start":
        return startEvent(line);
      case "technique":
        return { type, choice: choiceOf(line) };
      case "host":
        return { type, ...maybe("at", line.maybeTime("at")), host: this.#host(line) };
      case "host-names":
        return { type, hostId: line.count("hostId"), names: line.texts("names") };
      case "port":
        return { type, hostId: line.count("hostId"), result: this.#port(line) };
      case "ports":
        return this.#run(line, place);
      case "service":
        return { type, hostId: line.count("hostId"), ...portOf(line), service: serviceOf(line.object("service")) };
      case "owner":
        return { type, hostId: line.count("hostId"), ...portOf(line), owner: ownerOf(line.object("owner")) };
      case "os":
        return { type, hostId: line.count("hostId"), os: this.#os(line.object("os")) };
      case "script":
        return scriptEvent(line);
      case "trace":
        return traceEvent(line);
      case "host-done":
        return hostDone(line);
      case "progress":
        return progressEvent(line);
      case "notice":
        return {
          type,
          level: line.oneOf("level", ["info", "warning"]),
          code: line.text("code"),
          text: line.text("text"),
        };
      case "done":
        return doneEvent(line);
      default:
        return undefined;
    }
  }

  #host(line: JsonFields): HostFacts {
    return {
      id: line.count("hostId"),
      address: line.text("address"),
      family: line.oneOf("family", [4, 6]),
      name: line.maybeText("name"),
      otherAddresses: line.texts("otherAddresses"),
      status: line.oneOf("status", ["up", "down", "listed"]),
      reason: readReason(line.text("reason"), this.#notices),
      ttl: line.maybeCount("ttl", TTL_MAX),
      rttMs: line.maybeNumber("rttMs"),
      mac: line.maybeText("mac"),
      ...maybe("vendor", line.maybeText("vendor")),
    };
  }

  #port(line: JsonFields): PortResult {
    return { ...portOf(line), ...this.#shared(line), rttMs: line.maybeNumber("rttMs") };
  }

  #shared(line: JsonFields): Omit<PortResult, "protocol" | "port" | "rttMs"> {
    return {
      state: readState(line.text("state"), this.#notices),
      reason: readReason(line.text("reason"), this.#notices),
      technique: line.text("technique"),
      ttl: line.maybeCount("ttl", TTL_MAX),
      tries: line.count("tries", TRIES_MAX),
      responder: line.maybeText("responder"),
    };
  }

  #run(line: JsonFields, place: InputPlace): ReadEvent {
    const protocol = line.oneOf("protocol", PROTOCOLS);
    const ports = portNumbers(line.text("ports"), protocol);
    if (ports === undefined) throw new InputError('"ports" must be ascending ports and ranges of them', place);
    return {
      type: "port-run",
      hostId: line.count("hostId"),
      result: { protocol, ...this.#shared(line) },
      ports,
      rttsUs: new Uint32Array(ports.length).fill(NO_RTT_US),
    };
  }

  #os(os: JsonFields): OsFacts {
    return {
      portsUsed: os
        .objects("portsUsed")
        .map((used) => ({ state: readState(used.text("state"), this.#notices), ...portOf(used) })),
      matches: os.objects("matches").map((match) => ({
        name: match.text("name"),
        accuracy: match.number("accuracy"),
        line: match.count("line"),
        classes: match.objects("classes").map((one) => ({
          ...maybe("type", one.maybeText("type")),
          vendor: one.text("vendor"),
          family: one.text("family"),
          ...maybe("generation", one.maybeText("generation")),
          accuracy: one.number("accuracy"),
          cpes: one.texts("cpes"),
        })),
      })),
      ...maybe("fingerprint", os.maybeText("fingerprint")),
      ...maybe("uptimeSeconds", os.maybeNumber("uptimeSeconds")),
      ...maybe("lastBoot", os.maybeText("lastBoot")),
      ...maybe("distance", os.maybeCount("distance")),
      ...maybe("tcpSequence", sequenceOf(os.maybeObject("tcpSequence"))),
      ...maybe("ipIdSequence", sequenceOf(os.maybeObject("ipIdSequence"))),
      ...maybe("tcpTimestamps", sequenceOf(os.maybeObject("tcpTimestamps"))),
    };
  }
}

/** A property that is left out when it is undefined. */
function maybe<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [Name in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [Name in Key]?: Value });
}

function portOf(line: JsonFields): { readonly protocol: Protocol; readonly port: number } {
  const protocol = line.oneOf("protocol", PROTOCOLS);
  return { protocol, port: line.count("port", maxPort(protocol)) };
}

function maxPort(protocol: Protocol): number {
  return protocol === "ip" ? IP_PROTOCOL_MAX : PORT_MAX;
}

/** Each port once, ascending: what is not so was not written by postern. */
function portNumbers(text: string, protocol: Protocol): Uint16Array | undefined {
  const ranges = numberRanges(text, maxPort(protocol));
  if (ranges === undefined) return undefined;
  const isAscending = ranges.every(([first], index) => first > (ranges[index - 1]?.[1] ?? -1));
  if (!isAscending) return undefined;
  const ports = new Uint16Array(ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0));
  let at = 0;
  for (const [first, last] of ranges) for (let port = first; port <= last; port += 1) ports[at++] = port;
  return ports;
}

function startEvent(line: JsonFields): StartEvent {
  return {
    type: "start",
    version: line.text("version"),
    ...maybe("scanner", line.maybeText("scanner")),
    ...maybe("commandLine", line.maybeText("commandLine")),
    startedAt: line.time("startedAt"),
    targets: line.texts("targets"),
    addressCount: line.number("addressCount"),
    portCount: line.maybeCount("portCount"),
    portScans: line.objects("portScans").map(
      (scan): PortScanFacts => ({
        technique: scan.text("technique"),
        protocol: scan.oneOf("protocol", PROTOCOLS),
        portCount: scan.count("portCount", PORT_MAX + 1),
        ports: scan.text("ports"),
      }),
    ),
    seed: line.count("seed"),
  };
}

function choiceOf(line: JsonFields): Extract<ReadEvent, { type: "technique" }>["choice"] {
  return {
    role: line.oneOf("role", ["ports", "discovery", "trace"]),
    technique: line.text("technique"),
    transport: line.text("transport"),
    because: line.text("because"),
  };
}

function serviceOf(service: JsonFields): ServiceFacts {
  return {
    name: service.text("name"),
    method: service.oneOf("method", ["table", "probed"]),
    confidence: service.number("confidence"),
    ...maybe("product", service.maybeText("product")),
    ...maybe("version", service.maybeText("version")),
    ...maybe("extraInfo", service.maybeText("extraInfo")),
    ...maybe("hostname", service.maybeText("hostname")),
    ...maybe("osType", service.maybeText("osType")),
    ...maybe("deviceType", service.maybeText("deviceType")),
    ...maybe("tunnel", service.maybeText("tunnel")),
    ...maybe("fingerprint", service.maybeText("fingerprint")),
    cpes: service.texts("cpes"),
  };
}

function ownerOf(owner: JsonFields): PortOwner {
  return {
    ...maybe("process", owner.maybeText("process")),
    ...maybe("pid", owner.maybeCount("pid")),
    ...maybe("user", owner.maybeText("user")),
    ...maybe("unit", owner.maybeText("unit")),
    ...maybe("container", owner.maybeText("container")),
    ...maybe("kernel", owner.maybeText("kernel")),
    ...maybe("otherCount", owner.maybeCount("otherCount")),
  };
}

function sequenceOf(sequence: JsonFields | undefined): SequenceFacts | undefined {
  if (sequence === undefined) return undefined;
  return {
    class: sequence.text("class"),
    ...maybe("index", sequence.maybeCount("index")),
    values: sequence.text("values"),
  };
}

function scriptEvent(line: JsonFields): ReadEvent {
  return {
    type: "script",
    hostId: line.maybeCount("hostId"),
    port: line.has("port") ? portOf(line) : undefined,
    id: line.text("id"),
    output: line.text("output"),
  };
}

function traceEvent(line: JsonFields): TraceEvent {
  return {
    type: "trace",
    hostId: line.count("hostId"),
    technique: line.text("technique"),
    protocol: line.oneOf("protocol", [...PROTOCOLS, "icmp"]),
    port: line.count("port", PORT_MAX),
    hops: line.objects("hops").map((hop) => ({
      ttl: hop.count("ttl", TTL_MAX),
      address: hop.maybeText("address"),
      rttMs: hop.maybeNumber("rttMs"),
    })),
  };
}

function hostDone(line: JsonFields): HostDoneEvent {
  return {
    type: "host-done",
    ...maybe("at", line.maybeTime("at")),
    hostId: line.count("hostId"),
    rttMs: line.maybeNumber("rttMs"),
    loss: lossOf(line),
    end: line.oneOf("end", HOST_ENDS),
    undecided: line
      .objects("undecided")
      .map((one) => ({ protocol: one.oneOf("protocol", PROTOCOLS), count: one.count("count") })),
    marks: line.objects("marks").map((mark) => ({ code: mark.oneOf("code", MARK_CODES), text: mark.text("text") })),
  };
}

function lossOf(line: JsonFields): HostDoneEvent["loss"] {
  const loss = line.object("loss");
  return { lossShare: loss.number("lossShare"), missedEstimate: loss.number("missedEstimate") };
}

function progressEvent(line: JsonFields): ReadEvent {
  return {
    type: "progress",
    phase: line.oneOf("phase", ["discovery", "ports"]),
    shareDone: line.number("shareDone"),
    ratePps: line.number("ratePps"),
    elapsedMs: line.number("elapsedMs"),
    leftMs: line.maybeNumber("leftMs"),
    counts: countsOf(line),
  };
}

function doneEvent(line: JsonFields): DoneEvent {
  return {
    type: "done",
    finishedAt: line.time("finishedAt"),
    elapsedMs: line.number("elapsedMs"),
    counts: countsOf(line),
    loss: lossOf(line),
    isAborted: line.isTrue("isAborted"),
  };
}

function countsOf(line: JsonFields): RunCounts {
  const counts = line.object("counts");
  return {
    hosts: counts.count("hosts"),
    unreachable: counts.count("unreachable"),
    hostsUp: counts.count("hostsUp"),
    ports: counts.count("ports"),
    sent: counts.count("sent"),
    answered: counts.count("answered"),
    resent: counts.count("resent"),
    late: counts.count("late"),
    kernelDrops: counts.count("kernelDrops"),
    ignored: counts.count("ignored"),
  };
}
