// Hosts that exist in memory only: they read real probes and answer with real packets, each after its own manners.
import { ARP_REQUEST, createArpView, readArp } from "../packet/arp.js";
import { sumBytes } from "../packet/checksum.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import {
  createIcmpv4View,
  ICMP_ECHO,
  ICMP_HOST_UNREACHABLE,
  ICMP_TIMESTAMP,
  ICMP_UNREACHABLE,
  readIcmpv4,
} from "../packet/icmpv4.js";
import { createIpv4View, PROTOCOL_TCP, readIpv4 } from "../packet/ipv4.js";
import { READ_OK } from "../packet/read-fault.js";
import { createTcpView, isTcpChecksumGood, readTcp, TCP_ACK, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import {
  arpReplyFrame,
  echoReplyFrame,
  icmpErrorFrame,
  tcpFrame,
  timestampReplyFrame,
} from "../technique/frames.test.data.js";

/** ICMP unreachable with this code instead of an answer, from a router when `by` names one. */
export interface Rejection {
  readonly code: number;
  readonly by?: number;
}

/** What a port does with a probe. */
export type PortBehaviour = "open" | "closed" | "dropped" | Rejection;

/** One host's manners. */
export interface FakeHost {
  readonly ports?: ReadonlyMap<number, PortBehaviour>;
  /** All ports that are not named; closed when undefined. */
  readonly otherPorts?: PortBehaviour;
  readonly isPingSilent?: boolean;
  readonly isArpSilent?: boolean;
  /** Beyond what the link takes. */
  readonly delayMs?: (port: number) => number;
  /** Further RSTs within a second are not sent. */
  readonly resetsPerSec?: number;
  /** Linux: one ICMP error a second, after a burst of 6 (net.ipv4.icmp_ratelimit). */
  readonly errorsPerSec?: number;
  /** This router says host unreachable to all that is sent to the host. */
  readonly unreachableBy?: number;
}

/** What was asked of a host. */
export type ProbeKind = "syn" | "ack" | "echo" | "timestamp" | "arp" | "connect";

/** A probe as the wire saw it. */
export interface SeenProbe {
  readonly kind: ProbeKind;
  readonly address: number;
  readonly port: number;
  readonly atMs: number;
}

/** A probe that has been read: what it was, and how its target answers if it does. */
export interface Reception {
  readonly kind: ProbeKind;
  readonly address: number;
  readonly port: number;
  readonly answer: (() => Answering | undefined) | undefined;
}

/** A packet that comes back, and how long its sender thinks about it. */
export interface Answering {
  readonly frame: Uint8Array;
  readonly etherType: number;
  readonly delayMs: number;
}

const ERROR_BURST = 6;

/** So many tokens a second, a burst at once. */
class Ration {
  readonly #perSec: number;
  readonly #burst: number;
  #tokens: number;
  #atMs = 0;

  constructor(perSec: number, burst: number) {
    this.#perSec = perSec;
    this.#burst = burst;
    this.#tokens = burst;
  }

  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#perSec) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** The link address of an IPv4 address in these tests. */
export function macOf(address: number): Uint8Array {
  return Uint8Array.of(2, 0, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255);
}

/** All hosts behind one link. */
export class FakeHosts {
  readonly #hostAt: (address: number) => FakeHost | undefined;
  readonly #rations = new Map<string, Ration>();
  readonly #ip = createIpv4View();
  readonly #tcp = createTcpView();
  readonly #icmp = createIcmpv4View();
  readonly #arp = createArpView();

  constructor(hostAt: (address: number) => FakeHost | undefined) {
    this.#hostAt = hostAt;
  }

  /** What a port does, for those who connect. */
  behaviourOf(address: number, port: number): PortBehaviour {
    const host = this.#hostAt(address);
    if (host === undefined) return "dropped";
    if (host.unreachableBy !== undefined) return { code: ICMP_HOST_UNREACHABLE, by: host.unreachableBy };
    return host.ports?.get(port) ?? host.otherPorts ?? "closed";
  }

  delayMs(address: number, port: number): number {
    return this.#hostAt(address)?.delayMs?.(port) ?? 0;
  }

  /** Reads a probe; throws when it is not one that any host on the Internet would take for a packet. */
  receive(frame: Uint8Array, etherType: number, nowMs: number): Reception {
    if (etherType === ETHER_TYPE_ARP) return this.#receiveArp(frame);
    mustBeOk(readIpv4(frame, 0, frame.length, this.#ip), "IPv4");
    return this.#ip.protocol === PROTOCOL_TCP ? this.#receiveTcp(frame, nowMs) : this.#receiveIcmp(frame, nowMs);
  }

  #receiveArp(frame: Uint8Array): Reception {
    const arp = this.#arp;
    mustBeOk(readArp(frame, 0, frame.length, arp), "ARP");
    if (arp.operation !== ARP_REQUEST) throw new Error("an ARP probe that is no request");
    const { targetAddress, senderAddress } = arp;
    const senderMac = arp.senderMac.slice();
    const host = this.#hostAt(targetAddress);
    const answer = (): Answering => ({
      frame: arpReplyFrame(macOf(targetAddress), targetAddress, senderMac, senderAddress),
      etherType: ETHER_TYPE_ARP,
      delayMs: 0,
    });
    const isSilent = host === undefined || host.isArpSilent === true;
    return { kind: "arp", address: targetAddress, port: 0, answer: isSilent ? undefined : answer };
  }

  #receiveTcp(frame: Uint8Array, nowMs: number): Reception {
    const { payloadAt, payloadEnd, source, target } = this.#ip;
    mustBeOk(readTcp(frame, payloadAt, payloadEnd, this.#tcp), "TCP");
    if (!isTcpChecksumGood(frame, payloadAt, payloadEnd, sumBytes(frame, 12, 20)))
      throw new Error("a bad TCP checksum");
    const { sourcePort, targetPort, sequence, acknowledgment, flags } = this.#tcp;
    const kind = flags === TCP_SYN ? "syn" : flags === TCP_ACK ? "ack" : undefined;
    if (kind === undefined) throw new Error(`a segment with flags ${flags}`);
    const behaviour = this.behaviourOf(target, targetPort);
    const ends = { source: target, target: source, sourcePort: targetPort, targetPort: sourcePort };
    const answer = (): Answering | undefined => {
      if (behaviour === "dropped") return undefined;
      if (typeof behaviour === "object") return this.#reject(behaviour, frame, source, target, targetPort, nowMs);
      const isOpen = kind === "syn" && behaviour === "open";
      if (!isOpen && !this.#mayReset(target, nowMs)) return undefined;
      const reply = isOpen
        ? { ...ends, flags: TCP_SYN | TCP_ACK, sequence: 0x1234_5678, acknowledgment: (sequence + 1) >>> 0 }
        : kind === "syn"
          ? { ...ends, flags: TCP_RST | TCP_ACK, sequence: 0, acknowledgment: (sequence + 1) >>> 0 }
          : { ...ends, flags: TCP_RST, sequence: acknowledgment };
      return { frame: tcpFrame(reply), etherType: ETHER_TYPE_IPV4, delayMs: this.delayMs(target, targetPort) };
    };
    return { kind, address: target, port: targetPort, answer };
  }

  #receiveIcmp(frame: Uint8Array, nowMs: number): Reception {
    const { payloadAt, payloadEnd, source, target } = this.#ip;
    mustBeOk(readIcmpv4(frame, payloadAt, payloadEnd, this.#icmp), "ICMP");
    const { type, identifier, sequence } = this.#icmp;
    if (type !== ICMP_ECHO && type !== ICMP_TIMESTAMP) throw new Error(`an ICMP probe of type ${type}`);
    const reply = { source: target, target: source, identifier, sequence };
    const host = this.#hostAt(target);
    const router = host?.unreachableBy;
    const answer = (): Answering | undefined => {
      if (router !== undefined) {
        return this.#reject({ code: ICMP_HOST_UNREACHABLE, by: router }, frame, source, target, 0, nowMs);
      }
      const bytes = type === ICMP_ECHO ? echoReplyFrame(reply) : timestampReplyFrame(reply);
      return { frame: bytes, etherType: ETHER_TYPE_IPV4, delayMs: this.delayMs(target, 0) };
    };
    const isSilent = host === undefined || (host.isPingSilent === true && router === undefined);
    const kind = type === ICMP_ECHO ? "echo" : "timestamp";
    return { kind, address: target, port: 0, answer: isSilent ? undefined : answer };
  }

  #reject(
    rejection: Rejection,
    probe: Uint8Array,
    source: number,
    target: number,
    port: number,
    nowMs: number,
  ): Answering | undefined {
    const perSec = this.#hostAt(target)?.errorsPerSec;
    if (perSec !== undefined && !this.#ration(`error ${target}`, perSec, ERROR_BURST).take(nowMs)) return undefined;
    const ends = { source: rejection.by ?? target, target: source };
    const frame = icmpErrorFrame(ends, ICMP_UNREACHABLE, rejection.code, probe);
    return { frame, etherType: ETHER_TYPE_IPV4, delayMs: this.delayMs(target, port) };
  }

  #mayReset(address: number, nowMs: number): boolean {
    const perSec = this.#hostAt(address)?.resetsPerSec;
    return perSec === undefined || this.#ration(`reset ${address}`, perSec, perSec).take(nowMs);
  }

  #ration(key: string, perSec: number, burst: number): Ration {
    let ration = this.#rations.get(key);
    if (ration === undefined) {
      ration = new Ration(perSec, burst);
      this.#rations.set(key, ration);
    }
    return ration;
  }
}

function mustBeOk(result: number, what: string): void {
  if (result !== READ_OK) throw new Error(`a probe that is no good ${what}: fault ${result}`);
}
