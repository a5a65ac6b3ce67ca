// masscan's results, put together by host: masscan tells each port when it is found, all hosts mixed. What is held is
// bounded; a report with more results tells a host again for each part that it is in.
import type { Reason } from "../model/reason.js";
import type { Protocol } from "../model/scan-event.js";
import { formatAddress, parseAddress } from "../target/address.js";
import { quote } from "../target/fault.js";
import { IP_PROTOCOL_MAX, PORT_MAX } from "../target/port-set.js";
import { HostDraft, plainResult } from "./host-draft.js";
import type { ReadReport } from "./read-report.js";
import { isProtocol, readMasscanReason, readState } from "./read-words.js";

/** So many results take some 100 MB. */
const RESULTS_MAX = 200_000;

/** Characters of banners that are held, in UTF-16 units. */
const BANNER_UNITS_MAX = 64 * 1024 * 1024;

/** One result as masscan writes it, in its own words. */
export interface MasscanResult {
  readonly address: string;
  /** "tcp", "udp", "sctp", "icmp", "arp", "oproto". */
  readonly protocol: string;
  readonly port: number | undefined;
  /** Undefined for a banner. */
  readonly state: string | undefined;
  readonly reason: string | undefined;
  readonly ttl: number | undefined;
  /** ISO 8601. */
  readonly at: string | undefined;
  readonly banner?: { readonly name: string; readonly text: string };
}

/** Banners that are named after what a service speaks; others are parts of one: "title", "X509". */
const SPOKEN: ReadonlySet<string> = new Set([
  "dns",
  "ftp",
  "http",
  "imap",
  "isakmp",
  "memcached",
  "ntp",
  "pop3",
  "rdp",
  "smb",
  "smtp",
  "snmp",
  "ssh",
  "ssl",
  "telnet",
  "vnc",
]);

/** Sure, since it has answered in that protocol; nothing is known of the product. */
const BANNER_CONFIDENCE = 8;

/** masscan asks TCP's ports by SYN alone, UDP's by payloads, SCTP's by INIT. */
const TECHNIQUES: Readonly<Record<Protocol, string>> = {
  tcp: "tcp-syn",
  udp: "udp",
  sctp: "sctp-init",
  ip: "ip-protocol",
};

/** Gathers results, and tells the hosts. */
export class MasscanResults {
  readonly #report: ReadReport;
  readonly #resultsMax: number;
  readonly #hosts: Map<string, HostDraft> = new Map();
  #count = 0;
  #bannerUnits = 0;
  #wasSplit = false;

  /** @param resultsMax How many results are held at once */
  constructor(report: ReadReport, resultsMax: number = RESULTS_MAX) {
    this.#report = report;
    this.#resultsMax = resultsMax;
  }

  /** Takes one result. */
  add(result: MasscanResult): void {
    const address = parseAddress(result.address);
    if (address === undefined) {
      this.#report.notice("odd-value", `a result for ${quote(result.address)}, which is no address, is left out`);
      return;
    }
    const key = formatAddress(address);
    const host = this.#hosts.get(key) ?? this.#newHost(key, address.family, result);
    host.endedAt = result.at ?? host.endedAt;
    if (result.at !== undefined) host.startedAt ??= result.at;
    this.#addTo(host, result);
    this.#count += 1;
    if (this.#count < this.#resultsMax && this.#bannerUnits < BANNER_UNITS_MAX) return;
    if (!this.#wasSplit) {
      this.#report.notice("left-out", "more results than are held at once: a host may be told more than once");
    }
    this.#wasSplit = true;
    this.flush();
  }

  /** Tells all hosts, in the order in which they came first. */
  flush(): void {
    for (const host of this.#hosts.values()) this.#report.host(host);
    this.#hosts.clear();
    this.#count = 0;
    this.#bannerUnits = 0;
  }

  #newHost(address: string, family: 4 | 6, result: MasscanResult): HostDraft {
    const host = new HostDraft({
      address,
      family,
      name: undefined,
      otherAddresses: [],
      status: "up",
      reason: this.#hostReason(result),
      ttl: result.ttl,
      rttMs: undefined,
      mac: undefined,
    });
    this.#hosts.set(address, host);
    return host;
  }

  #hostReason({ protocol, reason }: MasscanResult): Reason {
    if (protocol === "icmp") return "echo-reply";
    if (protocol === "arp") return "arp-response";
    return readMasscanReason(reason, isProtocol(protocol) ? protocol : "ip", this.#report);
  }

  #addTo(host: HostDraft, result: MasscanResult): void {
    const { port, state, ttl } = result;
    if (result.protocol === "icmp" || result.protocol === "arp") return; // says that the host is up, and no more
    const protocol = result.protocol === "oproto" ? "ip" : result.protocol;
    if (!isProtocol(protocol) || port === undefined || port > (protocol === "ip" ? IP_PROTOCOL_MAX : PORT_MAX)) {
      const what = `${port ?? "none"} of ${quote(protocol)}`;
      this.#report.notice("odd-value", `${host.facts.address}: the port ${what} is left out: there is none such`);
      return;
    }
    const readReason = readMasscanReason(result.reason, protocol, this.#report);
    const readPort = readState(state ?? "open", this.#report);
    // A second answer of the same port, or a banner, says nothing new of its state.
    host.addPort({ ...plainResult(protocol, readPort, readReason, TECHNIQUES[protocol]), port, ttl, rttMs: undefined });
    if (result.banner !== undefined) this.#addBanner(host, protocol, port, result.banner);
  }

  #addBanner(host: HostDraft, protocol: Protocol, port: number, { name, text }: { name: string; text: string }): void {
    this.#bannerUnits += name.length + text.length;
    host.scripts.push({ port: { protocol, port }, id: `masscan-${name}`, output: text });
    const isFirst = !host.services.some((known) => known.port === port && known.protocol === protocol);
    if (!SPOKEN.has(name) || !isFirst) return;
    host.services.push({
      protocol,
      port,
      service: { name, method: "probed", confidence: BANNER_CONFIDENCE, cpes: [] },
    });
  }
}
