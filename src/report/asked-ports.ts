// Which ports a scan has asked of every host, as reports of others say it, and which of them are those that a host's report
// only counts. nmap.dtd, "scaninfo" and "extraports"; nmap reference guide, "Grepable Output".
import type { PortState } from "../model/port-state.js";
import type { PortScanFacts, Protocol } from "../model/scan-event.js";
import { IP_PROTOCOL_MAX, PORT_MAX } from "../target/port-set.js";
import { type HostDraft, plainResult } from "./host-draft.js";
import type { NoticeTaker } from "./read-notices.js";
import { numberRanges } from "./read-values.js";
import { readReason, UNKNOWN_TECHNIQUE } from "./read-words.js";

/** Ports of one state that are counted and not listed. */
export interface CountedPorts {
  readonly state: PortState;
  readonly count: number;
  /** In the report's own words; none where it does not say. */
  readonly reasons: readonly (readonly [reason: string | undefined, count: number])[];
}

/** So many lists of ports are kept taken apart: most hosts of a report have the same ones. */
const LISTS_MAX = 16;

/** No report has more: nmap has one for each protocol. */
const SCANS_MAX = 16;

/** The kinds of scan of one report. */
export class AskedPorts {
  readonly #notices: NoticeTaker;
  readonly #scans: PortScanFacts[] = [];
  readonly #techniques: Map<Protocol, string> = new Map();
  readonly #asked: Map<Protocol, Uint16Array> = new Map();
  readonly #lists: Map<string, Uint16Array | undefined> = new Map();

  constructor(notices: NoticeTaker) {
    this.#notices = notices;
  }

  /** One a kind of scan. */
  get scans(): readonly PortScanFacts[] {
    return this.#scans;
  }

  /** Ports of each host; undefined where the report does not say. */
  get count(): number | undefined {
    return this.#scans.length === 0 ? undefined : this.#scans.reduce((sum, { portCount }) => sum + portCount, 0);
  }

  /** How ports of a protocol were asked. */
  techniqueOf(protocol: Protocol): string {
    return this.#techniques.get(protocol) ?? UNKNOWN_TECHNIQUE;
  }

  /** Takes a kind of scan with its ports, "1-20,8931"; false for a list that cannot be, or too many kinds. */
  add(technique: string, protocol: Protocol, list: string): boolean {
    const ports = this.portsOf(list, protocol);
    if (ports === undefined || this.#scans.length >= SCANS_MAX) return false;
    if (!this.#techniques.has(protocol)) this.#techniques.set(protocol, technique);
    const known = this.#asked.get(protocol) ?? [];
    this.#asked.set(protocol, Uint16Array.from(new Set([...known, ...ports])).sort());
    if (ports.length > 0) this.#scans.push({ technique, protocol, portCount: ports.length, ports: list });
    return true;
  }

  /**
   * A list as nmap writes it, "1-20,8931", with each port once, ascending; `undefined` for one that cannot be. Not to be
   * changed: it is kept.
   */
  portsOf(list: string, protocol: Protocol): Uint16Array | undefined {
    const max = protocol === "ip" ? IP_PROTOCOL_MAX : PORT_MAX;
    const key = `${max} ${list}`;
    if (this.#lists.has(key)) return this.#lists.get(key);
    const ranges = numberRanges(list, max);
    const ports = ranges === undefined ? undefined : expanded(ranges);
    if (this.#lists.size >= LISTS_MAX) this.#lists.clear();
    this.#lists.set(key, ports);
    return ports;
  }

  /** Takes what was asked and the host does not list for those that are counted, if there are so many of them. */
  addCounted(counted: readonly CountedPorts[], host: HostDraft): void {
    const rest = [...this.#asked].map(([protocol, ports]) => ({ protocol, ports: host.untold(protocol, ports) }));
    const restCount = rest.reduce((sum, { ports }) => sum + ports.length, 0);
    const [only] = counted;
    if (only === undefined) return;
    if (counted.length > 1 || only.count !== restCount) {
      this.#tellUnknown(counted, host);
      return;
    }
    const { state, reasons } = only;
    const word = [...reasons].sort((one, other) => other[1] - one[1])[0]?.[0];
    if (reasons.length > 1) {
      const text = `${host.facts.address}: ${only.count} ${state} ports have several reasons, and the report does not say`;
      this.#notices.notice("unknown-ports", `${text} which has which: all are given the most frequent`);
    }
    const reason = readReason(word, this.#notices);
    for (const { protocol, ports } of rest) {
      host.addRun(plainResult(protocol, state, reason, this.techniqueOf(protocol)), ports);
    }
  }

  #tellUnknown(counted: readonly CountedPorts[], host: HostDraft): void {
    const states = counted.map(({ state, count }) => `${count} ${state}`).join(" and ");
    this.#notices.notice(
      "unknown-ports",
      `${host.facts.address} has ${states} ports, and the report does not say which they are: they are left out`,
    );
    const protocols = new Set(this.#scans.map(({ protocol }) => protocol));
    const [protocol] = protocols;
    const count = counted.reduce((sum, one) => sum + one.count, 0);
    if (protocol !== undefined && protocols.size === 1 && count > 0) host.undecided.push({ protocol, count });
  }
}

function expanded(ranges: readonly (readonly [first: number, last: number])[]): Uint16Array {
  const ports = new Set<number>();
  for (const [first, last] of ranges) for (let port = first; port <= last; port += 1) ports.add(port);
  return Uint16Array.from(ports).sort();
}
