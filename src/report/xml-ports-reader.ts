// The ports of one host in nmap's XML. nmap.dtd, "ports"; reports of nmap 7.93. Ports that are only counted are listed
// since nmap 7.93's time; before that they are those of "scaninfo" that are not told otherwise, where that is certain.
import type { PortOwner } from "../model/owner-event.js";
import type { PortState } from "../model/port-state.js";
import type { PortResult, Protocol, ServiceFacts } from "../model/scan-event.js";
import { formatAddress, parseAddress } from "../target/address.js";
import { quote } from "../target/fault.js";
import { IP_PROTOCOL_MAX, PORT_MAX, PROTOCOLS } from "../target/port-set.js";
import type { AskedPorts, CountedPorts } from "./asked-ports.js";
import { type HostDraft, plainResult } from "./host-draft.js";
import type { ReadReport } from "./read-report.js";
import { wholeNumber } from "./read-values.js";
import { isProtocol, isReason, leastTries, readReason, readState } from "./read-words.js";
import type { XmlElement } from "./xml-records.js";

/** Longest time to live, and most tries that an evidence may name. */
const BYTE_MAX = 255;

/** All ports that a host can have. */
const ALL_PORTS = PROTOCOLS.length * (PORT_MAX + 1);

/** nmap's confidence goes to 10. */
const CONFIDENCE_MAX = 10;

/** Reads `ports` elements. */
export class XmlPortsReader {
  readonly #report: ReadReport;
  readonly #scan: AskedPorts;

  constructor(report: ReadReport, scan: AskedPorts) {
    this.#report = report;
    this.#scan = scan;
  }

  /** Adds what the element tells to the host. */
  read(element: XmlElement, host: HostDraft): void {
    const counted: CountedPorts[] = [];
    for (const child of element.children) {
      if (child.name === "port") this.#port(child, host);
      else if (child.name === "extraports") counted.push(...this.#extraPorts(child, host));
    }
    if (counted.length > 0) this.#scan.addCounted(counted, host);
  }

  #port(element: XmlElement, host: HostDraft): void {
    const { protocol, portid } = element.attributes;
    const port = wholeNumber(portid, protocol === "ip" ? IP_PROTOCOL_MAX : PORT_MAX);
    const stateElement = element.children.find(({ name }) => name === "state");
    if (!isProtocol(protocol) || port === undefined || stateElement === undefined) {
      const what = `${quote(portid ?? "")} of ${quote(protocol ?? "")}`;
      this.#report.notice("odd-value", `line ${element.line}: the port ${what} is left out: there is none such`);
      return;
    }
    if (!host.addPort(this.#result(protocol, port, element, stateElement.attributes))) {
      this.#report.notice("left-out", `line ${element.line}: port ${port}/${protocol} comes twice, the first counts`);
      return;
    }
    const owner = ownerOf(element);
    if (owner !== undefined) host.owners.push({ protocol, port, owner });
    for (const child of element.children) {
      if (child.name === "service") host.services.push({ protocol, port, service: this.#service(child) });
      if (child.name === "script") host.scripts.push({ port: { protocol, port }, ...scriptOf(child) });
    }
  }

  #result(
    protocol: Protocol,
    port: number,
    element: XmlElement,
    { state = "", reason, reason_ttl: ttl, reason_ip: from }: XmlElement["attributes"],
  ): PortResult {
    const own = element.children.find(({ name }) => name === "?postern-port")?.attributes ?? {};
    const ownReason = own.reason;
    const technique = this.#scan.techniqueOf(protocol);
    const responder = from === undefined ? undefined : parseAddress(from);
    if (from !== undefined && responder === undefined) {
      this.#report.notice("odd-value", `line ${element.line}: ${quote(from)} has answered, which is no address`);
    }
    return {
      protocol,
      port,
      state: readState(state, this.#report),
      reason: ownReason !== undefined && isReason(ownReason) ? ownReason : readReason(reason, this.#report),
      technique,
      ttl: wholeNumber(ttl, BYTE_MAX) || undefined,
      rttMs: undefined,
      tries: wholeNumber(own.tries, BYTE_MAX) || leastTries(technique),
      responder: responder === undefined ? undefined : formatAddress(responder),
    };
  }

  #service({ attributes, children, line }: XmlElement): ServiceFacts {
    const {
      name = "",
      method,
      conf,
      product,
      version,
      extrainfo,
      hostname,
      ostype,
      devicetype,
      tunnel,
      servicefp,
    } = attributes;
    const confidence = wholeNumber(conf, CONFIDENCE_MAX);
    if (confidence === undefined) {
      this.#report.notice("odd-value", `line ${line}: a confidence ${quote(conf ?? "")}: taken as 0`);
    }
    return {
      name,
      method: method === "probed" ? "probed" : "table",
      confidence: confidence ?? 0,
      ...(product === undefined ? {} : { product }),
      ...(version === undefined ? {} : { version }),
      ...(extrainfo === undefined ? {} : { extraInfo: extrainfo }),
      ...(hostname === undefined ? {} : { hostname }),
      ...(ostype === undefined ? {} : { osType: ostype }),
      ...(devicetype === undefined ? {} : { deviceType: devicetype }),
      ...(tunnel === undefined ? {} : { tunnel }),
      ...(servicefp === undefined ? {} : { fingerprint: servicefp }),
      cpes: cpesOf(children),
    };
  }

  /** Adds the ports that are listed. Returns what is only counted. */
  #extraPorts({ attributes, children, line }: XmlElement, host: HostDraft): readonly CountedPorts[] {
    const state = readState(attributes.state ?? "", this.#report);
    // Reasons of ours that nmap has no word for come again in nmap's: ours are the finer ones.
    for (const child of children) if (child.name === "?postern-reasons") this.#listed(child, state, host);
    const reasons: [string | undefined, number][] = [];
    for (const child of children) {
      if (child.name !== "extrareasons" || this.#listed(child, state, host)) continue;
      reasons.push([child.attributes.reason, wholeNumber(child.attributes.count) ?? 0]);
    }
    const isAllListed = reasons.length === 0 && children.some(({ name }) => name === "extrareasons");
    if (isAllListed) return [];
    const count = wholeNumber(attributes.count, ALL_PORTS) ?? 0;
    if (count === 0) this.#report.notice("odd-value", `line ${line}: ${state} ports that are counted, but how many`);
    return [{ state, count, reasons }];
  }

  /** Adds the ports of a reason; false where they are not listed. */
  #listed({ attributes, line }: XmlElement, state: PortState, host: HostDraft): boolean {
    const { reason, ports } = attributes;
    // nmap 7.93 has no name for IP protocols here.
    const proto = attributes.proto === "n/a" ? "ip" : attributes.proto;
    if (ports === undefined || !isProtocol(proto)) return false;
    const numbers = this.#scan.portsOf(ports, proto);
    if (numbers === undefined) {
      this.#report.notice("odd-value", `line ${line}: the ports ${quote(ports)} cannot be understood`);
      return false;
    }
    host.addRun(this.#shared(proto, state, reason), numbers);
    return true;
  }

  #shared(protocol: Protocol, state: PortState, reason: string | undefined): ReturnType<typeof plainResult> {
    return plainResult(protocol, state, readReason(reason, this.#report), this.#scan.techniqueOf(protocol));
  }
}

/** By nmap's element, and by what it has no place for. */
function ownerOf({ children }: XmlElement): PortOwner | undefined {
  const user = children.find(({ name }) => name === "owner")?.attributes.name;
  const own = children.find(({ name }) => name === "?postern-port")?.attributes ?? {};
  const { process, unit, container, kernel } = own;
  const pid = wholeNumber(own.pid);
  const otherCount = wholeNumber(own.others);
  const owner: PortOwner = {
    ...(process === undefined ? {} : { process }),
    ...(pid === undefined ? {} : { pid }),
    ...(user === undefined ? {} : { user }),
    ...(unit === undefined ? {} : { unit }),
    ...(container === undefined ? {} : { container }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(otherCount === undefined ? {} : { otherCount }),
  };
  return Object.keys(owner).length === 0 ? undefined : owner;
}

/** A script's name and what it said. */
export function scriptOf({ attributes }: XmlElement): { readonly id: string; readonly output: string } {
  return { id: attributes.id ?? "", output: attributes.output ?? "" };
}

/** The texts of all `cpe` elements. */
export function cpesOf(children: readonly XmlElement[]): readonly string[] {
  return children.filter(({ name }) => name === "cpe").map(({ text }) => text.trim());
}
