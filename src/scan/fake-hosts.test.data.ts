// Hosts that exist in memory only: they read real probes and answer with real packets, each after its own manners, and so
// do the routers before them.
import { ETHER_TYPE_ARP } from "../packet/ethernet.js";
import {
  ICMP_HOST_UNREACHABLE,
  ICMP_PROTOCOL_UNREACHABLE,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
} from "../packet/icmpv4.js";
import { ICMPV6_PARAMETER_PROBLEM, ICMPV6_TIME_EXCEEDED, ICMPV6_UNKNOWN_NEXT_HEADER } from "../packet/icmpv6.js";
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from "../packet/ipv4.js";
import { PROTOCOL_ICMPV6 } from "../packet/ipv6.js";
import { PROTOCOL_SCTP } from "../packet/sctp.js";
import { emptyFrame, icmpErrorFrame } from "../technique/frames.test.data.js";
import { addressLike, type Datagram, readDatagram } from "./fake-datagram.test.data.js";
import type { Answering, FakeHost, PortBehaviour, Reception, Reply } from "./fake-host.test.data.js";
import { answerArp, answerQuery, answerSolicitation, hostUnreachable } from "./fake-link.test.data.js";
import { answerSctp, answerTcp, answerUdp, commonReply, type PortProbe } from "./fake-transports.test.data.js";

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

/** All hosts behind one link. */
export class FakeHosts {
  readonly #hostAt: (address: number) => FakeHost | undefined;
  readonly #rations = new Map<string, Ration>();
  /** How many probes have ended with each router. */
  readonly #expired = new Map<number, number>();

  constructor(hostAt: (address: number) => FakeHost | undefined) {
    this.#hostAt = hostAt;
  }

  /** What a TCP port does, for those who connect. */
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
    if (etherType === ETHER_TYPE_ARP) return answerArp(frame, this.#hostAt);
    const datagram = readDatagram(frame, etherType);
    if (datagram.protocol === PROTOCOL_ICMPV6 && datagram.family === 6) {
      const reception = answerSolicitation(datagram, this.#hostAt);
      if (reception !== undefined) return reception;
    }
    const { hostNumber: address, ownNumber: source, ttl } = datagram;
    const host = this.#hostAt(address);
    const { kind, port, flags, reply } = probeOf(datagram, host);
    const answer = (): Answering | undefined => {
      const said = this.#onTheWay(datagram, host) ?? { reply };
      return this.#sent(datagram, said.reply, port, nowMs);
    };
    const seen = { kind, address, port, source, ttl, answer };
    return flags === undefined ? seen : { ...seen, flags };
  }

  /** What a router makes of a probe that does not reach the host: nothing, or an error. Undefined when it passes. */
  #onTheWay({ family, ttl }: Datagram, host: FakeHost | undefined): { readonly reply: Reply } | undefined {
    const router = host?.routers?.[ttl - 1];
    if (router === undefined) return undefined;
    const count = (this.#expired.get(router.address) ?? 0) + 1;
    this.#expired.set(router.address, count);
    if (router.isSilent === true || count % (router.answersEach ?? 1) !== 0) return { reply: undefined };
    return { reply: { type: family === 4 ? ICMP_TIME_EXCEEDED : ICMPV6_TIME_EXCEEDED, code: 0, by: router.address } };
  }

  #sent(datagram: Datagram, reply: Reply, port: number, nowMs: number): Answering | undefined {
    if (reply === undefined) return undefined;
    const { etherType, hostNumber, ownNumber } = datagram;
    const host = this.#hostAt(hostNumber);
    const delayMs = host?.delayMs?.(port) ?? 0;
    if ("frame" in reply) {
      const { resetsPerSec } = host ?? {};
      const isLimited = reply.isReset === true && resetsPerSec !== undefined;
      if (isLimited && !this.#ration(`reset ${hostNumber}`, resetsPerSec, resetsPerSec).take(nowMs)) return undefined;
      return { frame: reply.frame, etherType, delayMs };
    }
    const { errorsPerSec } = host ?? {};
    const key = `error ${hostNumber} ${ownNumber}`;
    if (errorsPerSec !== undefined && !this.#ration(key, errorsPerSec, ERROR_BURST).take(nowMs)) return undefined;
    const source = reply.by === undefined ? datagram.target : addressLike(datagram, reply.by);
    const ends = { source, target: datagram.source };
    return { frame: icmpErrorFrame(ends, reply.type, reply.code, datagram.frame), etherType, delayMs };
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

/** What a probe is, and what its host does with it. */
function probeOf(datagram: Datagram, host: FakeHost | undefined): PortProbe {
  const { protocol, family } = datagram;
  const probe = probeOfTransport(datagram, host);
  if (host?.unreachableBy !== undefined) return { ...probe, reply: hostUnreachable(family, host.unreachableBy) };
  const behaviour = host?.protocols?.get(protocol);
  const isNamed = behaviour !== undefined && behaviour !== "open";
  return isNamed ? { ...probe, reply: replyOfProtocol(datagram, behaviour) } : probe;
}

function probeOfTransport(datagram: Datagram, host: FakeHost | undefined): PortProbe {
  const { protocol, family } = datagram;
  switch (protocol) {
    case PROTOCOL_TCP:
      return answerTcp(datagram, host);
    case PROTOCOL_UDP:
      return answerUdp(datagram, host);
    case PROTOCOL_SCTP:
      return answerSctp(datagram, host);
    case family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6:
      return { port: 0, ...answerQuery(datagram, host) };
    default: {
      const behaviour = host === undefined ? "dropped" : (host.protocols?.get(protocol) ?? "closed");
      return { kind: "protocol", port: protocol, reply: replyOfProtocol(datagram, behaviour) };
    }
  }
}

/** RFC 1122 §3.2.2.1, RFC 4443 §3.4. */
function replyOfProtocol(datagram: Datagram, behaviour: PortBehaviour): Reply {
  const common = commonReply(datagram, behaviour);
  if (common !== "listen") return common;
  const { source, target, protocol } = datagram;
  if (behaviour === "open") return { frame: emptyFrame({ source: target, target: source }, protocol) };
  return datagram.family === 4
    ? { type: ICMP_UNREACHABLE, code: ICMP_PROTOCOL_UNREACHABLE, by: undefined }
    : { type: ICMPV6_PARAMETER_PROBLEM, code: ICMPV6_UNKNOWN_NEXT_HEADER, by: undefined };
}
