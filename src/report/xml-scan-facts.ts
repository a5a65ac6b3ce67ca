// What nmap's XML says about a scan before its hosts: which ports were asked, and how. nmap.dtd, "scaninfo".
import type { PortScanFacts, Protocol } from "../model/scan-event.js";
import { IP_PROTOCOL_MAX, PORT_MAX, PortSet } from "../target/port-set.js";
import type { ReadReport } from "./read-report.js";
import { numberRanges } from "./read-values.js";
import { isProtocol, readTechnique, UNKNOWN_TECHNIQUE } from "./read-words.js";
import type { XmlElement } from "./xml-records.js";

/** So many lists of ports are kept taken apart: most hosts of a report have the same ones. */
const LISTS_MAX = 16;

/** No report has more: nmap has one for each protocol. */
const SCANS_MAX = 16;

/** The kinds of scan of one report. */
export class XmlScanFacts {
  readonly #report: ReadReport;
  readonly #scans: PortScanFacts[] = [];
  readonly #techniques: Map<Protocol, string> = new Map();
  readonly #lists: Map<string, Uint16Array | undefined> = new Map();
  readonly #asked: Map<Protocol, Uint16Array> = new Map();

  constructor(report: ReadReport) {
    this.#report = report;
  }

  /** One a kind of scan. */
  get scans(): readonly PortScanFacts[] {
    return this.#scans;
  }

  /** The ports that every host was asked for, ascending; none where the report does not say. */
  asked(): readonly { readonly protocol: Protocol; readonly ports: Uint16Array }[] {
    return [...this.#asked].map(([protocol, ports]) => ({ protocol, ports }));
  }

  /** How ports of a protocol were asked. */
  techniqueOf(protocol: Protocol): string {
    return this.#techniques.get(protocol) ?? UNKNOWN_TECHNIQUE;
  }

  /** Takes the element `scaninfo`. masscan's has no ports in it. */
  add({ attributes, line }: XmlElement): void {
    const { type, protocol, services = "" } = attributes;
    const ports = isProtocol(protocol) ? this.portsOf(services, protocol) : undefined;
    if (!isProtocol(protocol) || ports === undefined || this.#scans.length >= SCANS_MAX) {
      this.#report.notice("odd-value", `line ${line}: a scaninfo that cannot be understood is left out`);
      return;
    }
    const technique = readTechnique(type);
    if (!this.#techniques.has(protocol)) this.#techniques.set(protocol, technique);
    const known = this.#asked.get(protocol) ?? new Uint16Array();
    this.#asked.set(protocol, Uint16Array.from(new Set([...known, ...ports])).sort());
    if (ports.length > 0) this.#scans.push({ technique, protocol, portCount: ports.length, ports: services });
  }

  /** A list as nmap writes it, "1-20,8931"; `undefined` for one that cannot be. Not to be changed: it is kept. */
  portsOf(list: string, protocol: Protocol): Uint16Array | undefined {
    const max = protocol === "ip" ? IP_PROTOCOL_MAX : PORT_MAX;
    const key = `${max} ${list}`;
    if (this.#lists.has(key)) return this.#lists.get(key);
    const ranges = numberRanges(list, max);
    const ports = ranges === undefined ? undefined : Uint16Array.from(PortSet.of({ tcp: ranges }).ports("tcp"));
    if (this.#lists.size >= LISTS_MAX) this.#lists.clear();
    this.#lists.set(key, ports);
    return ports;
  }
}
