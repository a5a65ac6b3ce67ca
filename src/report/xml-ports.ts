// The ports of one host in XML: those that are only counted, with their reasons, then the others one by one.
// nmap.dtd, "ports", and reports of nmap 7.93.

import type { PortOwner } from "../model/owner-event.js";
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { Protocol, ServiceFacts } from "../model/scan-event.js";
import type { PortGroup, PortRow } from "./host-accumulator.js";
import { type BookedHost, portKey } from "./host-book.js";
import { nmapReason } from "./nmap-words.js";
import { unfoldedGroups } from "./port-folding.js";
import { formatNumbers } from "./port-numbers.js";
import type { ReportOptions } from "./report-writer.js";
import { scriptElement } from "./xml-scripts.js";
import { element, instruction, xmlText } from "./xml-text.js";

/** How sure nmap calls a name that is only registered for the port, and one of an IP protocol. */
const TABLE_CONFIDENCE = 3;
const PROTOCOL_CONFIDENCE = 8;

/** The element with a line for each port; "" for a host of which no port is known. */
export function portsElement(host: BookedHost, options: ReportOptions): string {
  const groups = host.ports.groups();
  if (groups.length === 0) return "";
  const isListed = unfoldedGroups(groups, options);
  const folded = groups.filter((group) => !isListed(group));
  const states = [...new Set(folded.map(({ state }) => state))];
  const counted = states.map((state) => extraPorts(host, state, folded));
  const listed = host.ports.rows(isListed).map((row) => portElement(host, row, options));
  return `<ports>${counted.join("")}${listed.join("")}</ports>\n`;
}

/** What is only counted of one state. */
function extraPorts(host: BookedHost, state: PortState, folded: readonly PortGroup[]): string {
  const groups = folded.filter((group) => group.state === state);
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const seen = new Set<string>();
  let lines = "";
  for (const { protocol, reason } of groups) {
    const word = nmapReason(reason);
    const key = `${protocol} ${word}`;
    if (seen.has(key)) continue; // nmap's word stands for several of ours: clients take the last of equal ones
    seen.add(key);
    const alike = (group: PortGroup): boolean =>
      group.state === state && group.protocol === protocol && nmapReason(group.reason) === word;
    lines += `${element("extrareasons", { reason: word, ...numbersOf(host, protocol, alike) })}\n`;
  }
  const finer = groups.filter(({ reason }) => nmapReason(reason) !== reason);
  for (const one of finer) lines += `${finerReasons(host, one)}\n`;
  return `<extraports state="${state}" count="${count}">\n${lines}</extraports>\n`;
}

/** Which ports have a reason that nmap has no word for. */
function finerReasons(host: BookedHost, { protocol, state, reason }: PortGroup): string {
  const isOne = (group: PortGroup): boolean =>
    group.protocol === protocol && group.state === state && group.reason === reason;
  return instruction("postern-reasons", { reason, ...numbersOf(host, protocol, isOne) });
}

function numbersOf(
  host: BookedHost,
  protocol: Protocol,
  isWanted: (group: PortGroup) => boolean,
): Record<"count" | "proto" | "ports", string | number> {
  const numbers = host.ports.numbers(isWanted);
  return { count: numbers.length, proto: protocol, ports: formatNumbers(numbers) };
}

function portElement(host: BookedHost, row: PortRow, options: ReportOptions): string {
  const { protocol, port, state, reason, detail } = row;
  const scripts = host.scripts.filter((script) => script.port?.protocol === protocol && script.port.port === port);
  const owner = host.owners.get(portKey(protocol, port));
  const content = [
    element("state", {
      state,
      reason: nmapReason(reason),
      reason_ttl: detail?.ttl ?? 0,
      reason_ip: detail?.responder,
    }),
    ownerElement(owner),
    serviceElement(row, host.services.get(portKey(protocol, port)), options),
    ...scripts.map(scriptElement),
    finerEvidence(reason, detail?.tries, owner),
  ];
  return `${element("port", { protocol, portid: port }, content.join(""))}\n`;
}

/** nmap has the user there, by identd. */
function ownerElement(owner: PortOwner | undefined): string {
  return owner?.user === undefined ? "" : element("owner", { name: owner.user });
}

/** What nmap has no place for; "" for what is ordinary. */
function finerEvidence(reason: Reason, tries = 1, owner: PortOwner = {}): string {
  const attributes = {
    reason: nmapReason(reason) === reason ? undefined : reason,
    tries: tries > 1 ? tries : undefined,
    process: owner.process,
    pid: owner.pid,
    unit: owner.unit,
    container: owner.container,
    kernel: owner.kernel,
    others: owner.otherCount,
  };
  const isOrdinary = Object.values(attributes).every((value) => value === undefined);
  return isOrdinary ? "" : instruction("postern-port", attributes);
}

/** nmap has no element for a port without a name; but an open one must have it, or node-nmap fails. */
function serviceElement(row: PortRow, found: ServiceFacts | undefined, options: ReportOptions): string {
  if (found !== undefined) return foundService(found);
  const { protocol, port, state } = row;
  const name = options.serviceName(port, protocol) ?? (state.startsWith("open") ? "unknown" : undefined);
  if (name === undefined) return "";
  return element("service", {
    name,
    method: "table",
    conf: protocol === "ip" ? PROTOCOL_CONFIDENCE : TABLE_CONFIDENCE,
  });
}

function foundService(service: ServiceFacts): string {
  const cpes = service.cpes.map((cpe) => element("cpe", {}, xmlText(cpe)));
  const attributes = {
    name: service.name,
    product: service.product,
    version: service.version,
    extrainfo: service.extraInfo,
    hostname: service.hostname,
    ostype: service.osType,
    devicetype: service.deviceType,
    servicefp: service.fingerprint,
    // The only tunnel that the DTD knows.
    tunnel: service.tunnel === "ssl" ? "ssl" : undefined,
    method: service.method,
    conf: confidence(service.confidence),
  };
  return cpes.length === 0 ? element("service", attributes) : element("service", attributes, cpes.join(""));
}

/** The DTD has whole numbers from 0 to 10. */
function confidence(value: number): number {
  return Math.min(10, Math.max(0, Math.round(value)));
}
