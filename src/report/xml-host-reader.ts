// One host of nmap's XML, and what postern writes into it beside. nmap.dtd, "host"; docs/reports.md.
import type { HostDoneEvent, HostFacts, TraceEvent, TraceHop } from "../model/scan-event.js";
import { formatAddress, parseAddress } from "../target/address.js";
import { quote } from "../target/fault.js";
import { PORT_MAX } from "../target/port-set.js";
import type { AskedPorts } from "./asked-ports.js";
import { HostDraft } from "./host-draft.js";
import type { ReadReport } from "./read-report.js";
import { positiveNumber, timeOfSeconds, wholeNumber } from "./read-values.js";
import { HOST_ENDS, isProtocol, isReason, MARK_CODES, readReason } from "./read-words.js";
import { readOs } from "./xml-os-reader.js";
import { scriptOf, XmlPortsReader } from "./xml-ports-reader.js";
import type { XmlElement } from "./xml-records.js";

const STATUSES: ReadonlyMap<string | undefined, HostFacts["status"]> = new Map([
  ["up", "up"],
  ["down", "down"],
  // With -sL: nobody asked.
  ["unknown", "listed"],
  ["skipped", "down"],
]);

const OWN_SCRIPT = "postern-";

/** Reads `host` elements. */
export class XmlHostReader {
  readonly #report: ReadReport;
  readonly #scan: AskedPorts;
  readonly #ports: XmlPortsReader;

  constructor(report: ReadReport, scan: AskedPorts) {
    this.#report = report;
    this.#scan = scan;
    this.#ports = new XmlPortsReader(report, scan);
  }

  /**
   * The host; `undefined` for one without an address, of which a notice tells.
   *
   * @param isOwn Whether postern has written the report: then some scripts are none
   */
  read(element: XmlElement, isOwn: boolean): HostDraft | undefined {
    const facts = this.#facts(element);
    if (facts === undefined) return undefined;
    const { attributes, children } = element;
    const host = new HostDraft(facts);
    host.startedAt = timeOfSeconds(attributes.starttime);
    host.endedAt = timeOfSeconds(attributes.endtime);
    if (attributes.timedout === "true") host.end = "host-timeout";
    host.names = namesOf(children, (type) => type !== "user");
    for (const child of children) this.#child(child, host, isOwn);
    host.os = readOs(children, this.#report);
    return host;
  }

  #child(child: XmlElement, host: HostDraft, isOwn: boolean): void {
    switch (child.name) {
      case "ports":
        this.#ports.read(child, host);
        break;
      case "hostscript":
        this.#scripts(child, host, isOwn);
        break;
      case "trace":
        host.trace = this.#trace(child);
        break;
      case "times":
        host.rttMs = millisecondsOf(child.attributes.srtt);
        break;
      case "smurf":
        this.#report.notice("left-out", `${host.facts.address}: that many hosts answer for it (smurf) is left out`);
        break;
      case "?postern-host":
        ownFacts(child.attributes, host);
        break;
    }
  }

  #facts({ children, line }: XmlElement): HostDraft["facts"] | undefined {
    const status = children.find(({ name }) => name === "status")?.attributes;
    const addresses = children.filter(({ name }) => name === "address").map(({ attributes }) => attributes);
    const ip = addresses.filter(({ addrtype }) => addrtype !== "mac").map(({ addr = "" }) => parseAddress(addr));
    const [address, ...others] = ip;
    if (address === undefined) {
      const shown = quote(addresses[0]?.addr ?? "");
      this.#report.notice("odd-value", `line ${line}: a host with the address ${shown} is left out`);
      return undefined;
    }
    const link = addresses.find(({ addrtype }) => addrtype === "mac");
    const mac = macOf(link?.addr);
    const vendor = mac === undefined ? undefined : link?.vendor;
    return {
      address: formatAddress(address),
      family: address.family,
      name: namesOf(children, (type) => type === "user")[0],
      otherAddresses: others.flatMap((other) => (other === undefined ? [] : [formatAddress(other)])),
      status: this.#status(status, children),
      reason: readReason(status?.reason, this.#report),
      ttl: wholeNumber(status?.reason_ttl, 255) || undefined,
      rttMs: undefined,
      mac,
      ...(vendor === undefined ? {} : { vendor }),
    };
  }

  /** Hosts of masscan's have no status: their ports show that they are up. */
  #status(status: XmlElement["attributes"] | undefined, children: readonly XmlElement[]): HostFacts["status"] {
    const word = status?.state ?? (children.some(({ name }) => name === "ports") ? "up" : "unknown");
    const known = STATUSES.get(word);
    if (known !== undefined) return known;
    this.#report.notice("unknown-word", `a host's state ${quote(word)}: taken as up`);
    return "up";
  }

  #scripts({ children }: XmlElement, host: HostDraft, isOwn: boolean): void {
    for (const child of children) {
      if (child.name !== "script") continue;
      const script = scriptOf(child);
      if (!isOwn || !script.id.startsWith(OWN_SCRIPT)) {
        host.scripts.push({ port: undefined, ...script });
        continue;
      }
      // What else postern says so is told by its own instructions, in numbers.
      const code = MARK_CODES.find((known) => script.id === OWN_SCRIPT + known);
      if (code !== undefined) host.marks.push({ code, text: script.output });
    }
  }

  #trace({ attributes, children }: XmlElement): Omit<TraceEvent, "type" | "hostId"> {
    const { proto, port } = attributes;
    const protocol = isProtocol(proto) ? proto : "icmp";
    return {
      technique: protocol === "icmp" ? "icmp-echo" : this.#scan.techniqueOf(protocol),
      protocol,
      port: wholeNumber(port, PORT_MAX) ?? 0,
      hops: children.flatMap((child) => this.#hop(child)),
    };
  }

  #hop({ name, attributes, line }: XmlElement): readonly TraceHop[] {
    if (name !== "hop") return [];
    const ttl = wholeNumber(attributes.ttl, 255);
    const address = parseAddress(attributes.ipaddr ?? "");
    if (ttl === undefined) {
      this.#report.notice("odd-value", `line ${line}: a hop without a time to live is left out`);
      return [];
    }
    const rttMs = positiveNumber(attributes.rtt);
    return [{ ttl, address: address === undefined ? undefined : formatAddress(address), rttMs }];
  }
}

function namesOf(children: readonly XmlElement[], isWanted: (type: string | undefined) => boolean): readonly string[] {
  return children
    .filter(({ name }) => name === "hostnames")
    .flatMap((names) => names.children)
    .filter(({ name, attributes }) => name === "hostname" && isWanted(attributes.type))
    .flatMap(({ attributes }) => attributes.name ?? []);
}

function macOf(text: string | undefined): string | undefined {
  const mac = text?.toLowerCase();
  return mac !== undefined && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac) ? mac : undefined;
}

/** nmap's times are in µs; a negative one is none. */
function millisecondsOf(microseconds: string | undefined): number | undefined {
  const value = positiveNumber(microseconds);
  return value === undefined ? undefined : value / 1000;
}

/** What nmap's elements have no place for. */
function ownFacts(attributes: XmlElement["attributes"], host: HostDraft): void {
  const { reason, end, undecided = "" } = attributes;
  const others = attributes["other-addresses"]?.split(",").map((text) => parseAddress(text)) ?? [];
  const otherAddresses = others.flatMap((other) => (other === undefined ? [] : [formatAddress(other)]));
  const finer = reason !== undefined && isReason(reason) ? { reason } : {};
  host.facts = { ...host.facts, otherAddresses: [...host.facts.otherAddresses, ...otherAddresses], ...finer };
  host.end = HOST_ENDS.find((known) => known === end) ?? host.end;
  host.loss = lossOf(attributes);
  for (const [, protocol, count] of undecided.matchAll(/(\w+) (\d+)/g)) {
    const ports = wholeNumber(count);
    if (isProtocol(protocol) && ports !== undefined) host.undecided.push({ protocol, count: ports });
  }
}

/** Loss as postern writes it down, of a host or of a whole run. */
export function lossOf(attributes: XmlElement["attributes"]): HostDoneEvent["loss"] {
  return {
    lossShare: Math.min(1, numberOf(attributes["loss-share"])),
    missedEstimate: numberOf(attributes["missed-estimate"]),
  };
}

/** Estimates may be small enough to have an exponent. */
function numberOf(text: string | undefined): number {
  const value = text !== undefined && /^[\d.]+(e-\d+)?$/.test(text) ? Number(text) : 0;
  return Number.isFinite(value) ? value : 0;
}
