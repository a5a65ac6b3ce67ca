// One host in XML. nmap.dtd, "host", and reports of nmap 7.93. The address comes before the link address, since seven
// clients take the first; an empty list of names has its line end, since node-nmap fails without it.
import type { HostDoneEvent, HostFacts, TraceEvent } from "../model/scan-event.js";
import type { BookedHost, EndedHost } from "./host-book.js";
import { nmapReason } from "./nmap-words.js";
import type { ReportOptions } from "./report-writer.js";
import { epochSeconds } from "./scan-time.js";
import { osElements } from "./xml-os.js";
import { portsElement } from "./xml-ports.js";
import { hostScriptElement } from "./xml-scripts.js";
import { element, instruction, startTag } from "./xml-text.js";

const STATES = { up: "up", down: "down", listed: "unknown" } as const;

/** The whole host, up, down or listed. */
export function hostElement({ host, done }: EndedHost, options: ReportOptions): string {
  const { facts, foundAt } = host;
  const start = startTag("host", {
    starttime: foundAt === undefined ? undefined : epochSeconds(foundAt),
    endtime: endSeconds(host, done),
    timedout: done?.end === "host-timeout" ? "true" : undefined,
  });
  // nmap has no names of hosts that are down.
  const names = facts.status === "down" && host.names.length === 0 ? "" : namesElement(facts, host.names);
  const parts = [
    statusElement(facts),
    addressElements(facts, options),
    names,
    portsElement(host, options),
    osElements(host.os),
    hostScriptElement(host, done),
    traceElement(host.trace),
    timesElement(host, done),
    finerFacts(facts, done),
  ];
  return `${start}${parts.join("")}</host>\n`;
}

/** What is told of a host as soon as it is known to be up. */
export function hostHint(facts: HostFacts, options: ReportOptions): string {
  const parts = [statusElement(facts), addressElements(facts, options), namesElement(facts, [])];
  return `<hosthint>${parts.join("")}</hosthint>\n`;
}

function endSeconds({ foundAt }: BookedHost, done: HostDoneEvent | undefined): number | undefined {
  const at = done?.at ?? foundAt;
  return at === undefined ? undefined : epochSeconds(at);
}

function statusElement({ status, reason, ttl }: HostFacts): string {
  return `${element("status", { state: STATES[status], reason: nmapReason(reason), reason_ttl: ttl ?? 0 })}\n`;
}

function addressElements({ address, family, mac, vendor }: HostFacts, options: ReportOptions): string {
  const own = `${element("address", { addr: address, addrtype: family === 4 ? "ipv4" : "ipv6" })}\n`;
  if (mac === undefined) return own;
  const maker = vendor ?? options.vendorOf?.(mac);
  return `${own}${element("address", { addr: mac.toUpperCase(), addrtype: "mac", vendor: maker })}\n`;
}

function namesElement({ name, address }: HostFacts, names: readonly string[]): string {
  const written = name === undefined || name === address ? [] : [element("hostname", { name, type: "user" })];
  const found = names.map((one) => element("hostname", { name: one, type: "PTR" }));
  return `<hostnames>\n${[...written, ...found].map((line) => `${line}\n`).join("")}</hostnames>\n`;
}

function traceElement(trace: TraceEvent | undefined): string {
  if (trace === undefined || trace.hops.length === 0) return "";
  const hops = trace.hops
    .filter(({ address }) => address !== undefined)
    .map(({ ttl, address, rttMs }) => element("hop", { ttl, ipaddr: address, rtt: rttMs?.toFixed(2) ?? "--" }));
  const port = trace.port === 0 ? undefined : trace.port;
  return `${startTag("trace", { port, proto: trace.protocol })}\n${hops.map((hop) => `${hop}\n`).join("")}</trace>\n`;
}

function timesElement({ roundTrips, facts }: BookedHost, done: HostDoneEvent | undefined): string {
  const rttMs = done?.rttMs ?? facts.rttMs;
  const smoothedUs = rttMs === undefined ? roundTrips.smoothedUs : rttMs * 1000;
  if (smoothedUs === undefined) return "";
  const times = {
    srtt: Math.round(smoothedUs),
    rttvar: Math.round(roundTrips.variationUs),
    to: Math.round(roundTrips.timeoutUs(smoothedUs)),
  };
  return `${element("times", times)}\n`;
}

/** What nmap has no place for; "" for a host of which there is no more to say. */
function finerFacts(facts: HostFacts, done: HostDoneEvent | undefined): string {
  const undecided = done?.undecided.map(({ protocol, count }) => `${protocol} ${count}`) ?? [];
  const attributes = {
    reason: nmapReason(facts.reason) === facts.reason ? undefined : facts.reason,
    "other-addresses": textOf(facts.otherAddresses),
    end: done === undefined || done.end === "done" ? undefined : done.end,
    undecided: textOf(undecided),
    "loss-share": aboveZero(done?.loss.lossShare),
    "missed-estimate": aboveZero(done?.loss.missedEstimate),
  };
  const isOrdinary = Object.values(attributes).every((value) => value === undefined);
  return isOrdinary ? "" : `${instruction("postern-host", attributes)}\n`;
}

function textOf(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join(",");
}

function aboveZero(value: number | undefined): number | undefined {
  return value === undefined || value <= 0 ? undefined : value;
}
