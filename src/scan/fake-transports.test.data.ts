// How the hosts of these tests answer TCP (RFC 9293 §3.10.7), UDP (RFC 1122 §4.1.3) and SCTP (RFC 9260 §8.4).
import { ICMP_PORT_UNREACHABLE, ICMP_UNREACHABLE } from "../packet/icmpv4.js";
import { ICMPV6_PORT_UNREACHABLE, ICMPV6_UNREACHABLE } from "../packet/icmpv6.js";
import { createSctpView, readSctp, SCTP_COOKIE_ECHO, SCTP_INIT, SCTP_TAG_REFLECTED } from "../packet/sctp.js";
import { createTcpView, isTcpChecksumGood, readTcp, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { createUdpView, isUdpChecksumGood, readUdp } from "../packet/udp.js";
import { type PortEnds, sctpAbortFrame, sctpInitAckFrame, tcpFrame, udpFrame } from "../technique/frames.test.data.js";
import { type Datagram, mustBeGood, mustBeOk } from "./fake-datagram.test.data.js";
import type { FakeHost, Make, PortBehaviour, ProbeKind, Reply } from "./fake-host.test.data.js";

/** A probe to a port: what it was, and what the host does when it comes through. */
export interface PortProbe {
  readonly kind: ProbeKind;
  readonly port: number;
  readonly flags?: number;
  readonly reply: Reply;
}

/** Where the host's own packets begin to count. */
const OWN_TTL = 57;
const INITIAL_SEQUENCE = 0x1234_5678;

/** What a rejection is in the datagram's family. */
function rejected(datagram: Datagram, code: number, by: number | undefined): Reply {
  return { type: datagram.family === 4 ? ICMP_UNREACHABLE : ICMPV6_UNREACHABLE, code, by };
}

/** The reply of behaviours that are the same for all transports; "listen" when the transport itself has to answer. */
export function commonReply(datagram: Datagram, behaviour: PortBehaviour): Reply | "listen" {
  if (behaviour === "dropped") return undefined;
  if (typeof behaviour === "object" && "code" in behaviour) return rejected(datagram, behaviour.code, behaviour.by);
  return "listen";
}

function endsBack(datagram: Datagram, sourcePort: number, targetPort: number, ttl: number): PortEnds {
  return { source: datagram.target, target: datagram.source, sourcePort: targetPort, targetPort: sourcePort, ttl };
}

/** Reads a segment and answers it. */
export function answerTcp(datagram: Datagram, host: FakeHost | undefined): PortProbe {
  const { frame, at, end, addressSum } = datagram;
  const tcp = createTcpView();
  mustBeOk(readTcp(frame, at, end, tcp), "TCP");
  mustBeGood(isTcpChecksumGood(frame, at, end, addressSum), "TCP");
  const { sourcePort, targetPort: port, flags } = tcp;
  const kind = flags === TCP_SYN ? "syn" : flags === TCP_ACK ? "ack" : "segment";
  const behaviour = host === undefined ? "dropped" : (host.ports?.get(port) ?? host.otherPorts ?? "closed");
  const common = commonReply(datagram, behaviour);
  if (common !== "listen") return { kind, port, flags, reply: common };
  const isForged = typeof behaviour === "object" && "resetTtl" in behaviour;
  const ends = endsBack(datagram, sourcePort, port, isForged ? behaviour.resetTtl : (host?.ttl ?? OWN_TTL));
  const resets = isForged ? behaviour.make : host?.resets;
  return { kind, port, flags, reply: replyOfTcp(ends, tcp, behaviour === "open", host, resets) };
}

/** RFC 9293 §3.10.7.1 for a port where nobody listens, §3.10.7.2 for the others. */
function replyOfTcp(
  ends: PortEnds,
  { flags, sequence, acknowledgment }: ReturnType<typeof createTcpView>,
  isOpen: boolean,
  host: FakeHost | undefined,
  resets: FakeHost["resets"] | Make,
): Reply {
  if ((flags & TCP_RST) !== 0) return undefined;
  const window = host?.resetWindow?.[isOpen ? "open" : "closed"] ?? 0;
  if ((flags & TCP_ACK) !== 0) {
    const frame = tcpFrame({ ...ends, flags: TCP_RST, sequence: acknowledgment, window, ...resets });
    return { frame, isReset: true };
  }
  const counted = ((flags & TCP_SYN) === 0 ? 0 : 1) + ((flags & TCP_FIN) === 0 ? 0 : 1);
  const answer = { ...ends, acknowledgment: (sequence + counted) >>> 0 };
  if (!isOpen) {
    return { frame: tcpFrame({ ...answer, flags: TCP_RST | TCP_ACK, window, ...resets }), isReset: true };
  }
  if ((flags & TCP_SYN) === 0) return undefined;
  const flagsBack = TCP_SYN | TCP_ACK;
  return { frame: tcpFrame({ ...answer, flags: flagsBack, sequence: INITIAL_SEQUENCE, ...host?.synAcks }) };
}

/** Reads a datagram; an open port answers whatever it is, a closed one by an error. */
export function answerUdp(datagram: Datagram, host: FakeHost | undefined): PortProbe {
  const { frame, at, end, addressSum, family } = datagram;
  const udp = createUdpView();
  mustBeOk(readUdp(frame, at, end, udp), "UDP");
  mustBeGood(isUdpChecksumGood(frame, at, udp.payloadEnd, addressSum, false), "UDP");
  const { sourcePort, targetPort: port } = udp;
  const behaviour = host === undefined ? "dropped" : (host.udpPorts?.get(port) ?? host.otherUdpPorts ?? "closed");
  const common = commonReply(datagram, behaviour);
  if (common !== "listen") return { kind: "udp", port, reply: common };
  if (behaviour === "open") {
    return {
      kind: "udp",
      port,
      reply: { frame: udpFrame(endsBack(datagram, sourcePort, port, host?.ttl ?? OWN_TTL)) },
    };
  }
  const code = family === 4 ? ICMP_PORT_UNREACHABLE : ICMPV6_PORT_UNREACHABLE;
  return { kind: "udp", port, reply: rejected(datagram, code, undefined) };
}

/** An INIT gets an INIT ACK or an ABORT, a COOKIE ECHO that nobody has made nothing or an ABORT. */
export function answerSctp(datagram: Datagram, host: FakeHost | undefined): PortProbe {
  const { frame, at, end } = datagram;
  const sctp = createSctpView();
  mustBeOk(readSctp(frame, at, end, false, sctp), "SCTP");
  const { sourcePort, targetPort: port, chunkType, initiateTag, verificationTag } = sctp;
  const behaviour = host === undefined ? "dropped" : (host.sctpPorts?.get(port) ?? host.otherSctpPorts ?? "closed");
  const common = commonReply(datagram, behaviour);
  if (common !== "listen") return { kind: "sctp", port, reply: common };
  const ends = endsBack(datagram, sourcePort, port, host?.ttl ?? OWN_TTL);
  if (chunkType === SCTP_INIT) {
    if (verificationTag !== 0 || initiateTag === 0) throw new Error("an INIT that no host would take");
    const packet = { ...ends, verificationTag: initiateTag };
    return {
      kind: "sctp",
      port,
      reply: { frame: behaviour === "open" ? sctpInitAckFrame(packet) : sctpAbortFrame(packet, 0) },
    };
  }
  if (chunkType !== SCTP_COOKIE_ECHO) throw new Error(`an SCTP chunk of type ${chunkType}`);
  const abort = { frame: sctpAbortFrame({ ...ends, verificationTag }, SCTP_TAG_REFLECTED) };
  return { kind: "sctp", port, reply: behaviour === "open" ? undefined : abort };
}
