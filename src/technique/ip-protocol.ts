// IP protocol: which protocols a host speaks at all. An ICMP protocol unreachable means closed (RFC 1122 §3.2.2.1; over IPv6
// a parameter problem, RFC 4443 §3.4); any packet of the protocol, or a port unreachable, means open (nmap reference
// guide, -sO). Protocols that postern knows get a proper header, all others an empty datagram.
import { ICMP_ECHO, ICMP_HEADER_BYTES, writeIcmpEcho } from "../packet/icmpv4.js";
import { ICMPV6_ECHO, writeIcmpv6Echo } from "../packet/icmpv6.js";
import { IGMP_BYTES, PROTOCOL_IGMP, writeIgmpQuery } from "../packet/igmp.js";
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from "../packet/ipv4.js";
import { PROTOCOL_ICMPV6 } from "../packet/ipv6.js";
import { PROTOCOL_SCTP, SCTP_INIT_PACKET_BYTES, writeSctpInit } from "../packet/sctp.js";
import { TCP_ACK, TCP_HEADER_BYTES, writeTcp } from "../packet/tcp.js";
import { UDP_HEADER_BYTES, writeUdp } from "../packet/udp.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import { addressSumAt, HEADER_BYTES_MAX, isMarkQuoted, markOf, tryOfMark, writeHeader } from "./datagram.js";
import type { FrameView } from "./frame-view.js";
import { sctpTag } from "./sctp-probe.js";
import type { Answer, FrameTechnique, ProbeSlot } from "./technique.js";
import { answerFromError } from "./unreachable.js";

const LANE = 10;
/** Ports that hardly anybody listens on: what answers from there answers for the protocol. */
const TARGET_PORT = 40_125;
const NO_PAYLOAD = new Uint8Array(0);

const ports = { sourcePort: 0, targetPort: TARGET_PORT };
const tcpFields = { ...ports, sequence: 0, acknowledgment: 0, flags: TCP_ACK, window: 1024, maximumSegmentBytes: 0 };
const sctpFields = { ...ports, initiateTag: 0, initialSequence: 0 };
const icmpFields = { identifier: 0, sequence: 0 };

function saltOf(tryIndex: number): number {
  return (LANE << 8) | tryIndex;
}

/** How many bytes of its own header a probe of this protocol carries. */
function bodyBytesOf(protocol: number, family: 4 | 6): number {
  if (protocol === PROTOCOL_TCP) return TCP_HEADER_BYTES;
  if (protocol === PROTOCOL_UDP) return UDP_HEADER_BYTES;
  if (protocol === PROTOCOL_SCTP) return SCTP_INIT_PACKET_BYTES;
  if (protocol === (family === 6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP)) return ICMP_HEADER_BYTES;
  return protocol === PROTOCOL_IGMP && family === 4 ? IGMP_BYTES : 0;
}

/** Asks with each protocol number; a port of it is that number. */
export const ipProtocol: FrameTechnique = {
  kind: "frame",
  name: "ip-protocol",
  summary: "IP protocols: which of them the host speaks",
  sources: ["RFC 1122 §3.2.2.1", "RFC 4443 §3.4", "nmap reference guide, -sO"],
  option: "-sO",
  protocol: "ip",
  families: [4, 6],
  outcomes: ["open", "closed", "filtered", "open|filtered"],
  silence: "open|filtered",
  layer: "network",
  lane: LANE,
  probeBytesMax: HEADER_BYTES_MAX + SCTP_INIT_PACKET_BYTES,

  wants: () => [{ kind: "ip-protocols" }],

  write(out, at, probe) {
    const { cookies, targetKey, targetPort, tryIndex, family } = probe;
    const mark = markOf(cookies, targetKey, targetPort, saltOf(tryIndex), family);
    const bodyBytes = bodyBytesOf(targetPort, family);
    const headerBytes = writeHeader(out, at, probe, targetPort, bodyBytes, mark);
    if (bodyBytes > 0) writeBody(out, at, at + headerBytes, probe);
    return headerBytes + bodyBytes;
  },

  rewrite: (out, at, probe) => ipProtocol.write(out, at, probe),

  read(frame, cookies, answer) {
    if (frame.kind.endsWith("-quote")) return readProtocolError(frame, cookies, answer);
    if (frame.kind === "arp" || frame.kind === "neighbour") return false;
    const tryIndex = tryOf(frame, cookies);
    if (tryIndex < 0) return false;
    answer.outcome = "open";
    answer.reason = "proto-response";
    answer.key = frame.peerKey;
    answer.port = frame.protocol;
    answer.tryIndex = tryIndex;
    answer.responder = undefined;
    answer.ttl = frame.ttl;
    answer.window = -1;
    return true;
  },
};

function writeBody(out: Uint8Array, headerAt: number, at: number, probe: ProbeSlot): void {
  const { cookies, targetKey, targetPort, tryIndex, family } = probe;
  const cookie = cookies.of(targetKey, targetPort, saltOf(tryIndex)) >>> 0;
  const sourcePort = cookies.sourcePort(LANE, tryIndex);
  const sum = addressSumAt(out, headerAt, family);
  switch (targetPort) {
    case PROTOCOL_TCP:
      tcpFields.sourcePort = sourcePort;
      tcpFields.sequence = cookie;
      tcpFields.acknowledgment = cookie;
      writeTcp(tcpFields, sum, out, at);
      return;
    case PROTOCOL_UDP:
      ports.sourcePort = sourcePort;
      writeUdp(ports, NO_PAYLOAD, sum, out, at);
      return;
    case PROTOCOL_SCTP:
      sctpFields.sourcePort = sourcePort;
      sctpFields.initiateTag = sctpTag(cookies, LANE, targetKey, PROTOCOL_SCTP, tryIndex);
      writeSctpInit(sctpFields, out, at);
      return;
    case PROTOCOL_IGMP:
      writeIgmpQuery(out, at);
      return;
    default:
      icmpFields.identifier = cookie >>> 16;
      icmpFields.sequence = (cookie & 0xfff0) | tryIndex;
      if (family === 6) writeIcmpv6Echo(icmpFields, 0, sum, out, at);
      else writeIcmpEcho(icmpFields, 0, out, at);
  }
}

/** Which try a packet answers, -1 for none. */
function tryOf(frame: FrameView, cookies: Cookies): number {
  const { tcp, udp, sctp, icmp } = frame;
  switch (frame.kind) {
    case "tcp":
      return ofSegment(frame, cookies, tcp.targetPort);
    case "udp":
      return cookies.tryOf(LANE, udp.targetPort);
    case "sctp": {
      const tryIndex = cookies.tryOf(LANE, sctp.targetPort);
      return sctp.verificationTag === sctpTag(cookies, LANE, frame.peerKey, PROTOCOL_SCTP, tryIndex) ? tryIndex : -1;
    }
    case "icmp":
      return icmp.type === (frame.family === 6 ? ICMPV6_ECHO : ICMP_ECHO) ? -1 : ofQuery(frame, cookies, icmp);
    default:
      // Nothing of the probe comes back in it, so its sender's address is all the proof; but on the loopback interface our
      // own probes come in, and those have our mark.
      return tryOfMark(frame, frame.mark, cookies, frame.protocol, LANE) < 0 ? 0 : -1;
  }
}

/** By our port and the sequence number: that of a quoted probe, or the one that a RST takes from our acknowledgment. */
function ofSegment(frame: FrameView, cookies: Cookies, ourPort: number): number {
  const tryIndex = cookies.tryOf(LANE, ourPort);
  const cookie = cookies.of(frame.peerKey, PROTOCOL_TCP, saltOf(tryIndex)) >>> 0;
  return frame.tcp.sequence === cookie ? tryIndex : -1;
}

function ofQuery(frame: FrameView, cookies: Cookies, query: FrameView["icmp"]): number {
  const tryIndex = query.sequence & (TRIES_MAX - 1);
  const protocol = frame.family === 6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP;
  const cookie = cookies.of(frame.peerKey, protocol, saltOf(tryIndex)) >>> 0;
  const isOurs = query.identifier === cookie >>> 16 && query.sequence >>> 4 === (cookie & 0xffff) >>> 4;
  return isOurs ? tryIndex : -1;
}

/** Which try an error is about by what it quotes of the protocol's own header; -1 for none. */
function quotedTryOf(frame: FrameView, cookies: Cookies): number {
  switch (frame.kind) {
    case "tcp-quote":
      return ofSegment(frame, cookies, frame.tcp.sourcePort);
    case "udp-quote":
      return cookies.tryOf(LANE, frame.udp.sourcePort);
    case "sctp-quote":
      return cookies.tryOf(LANE, frame.sctp.sourcePort);
    case "icmp-quote":
      return ofQuery(frame, cookies, frame.quotedIcmp);
    default:
      return tryOfMark(frame, frame.quotedMark, cookies, frame.protocol, LANE);
  }
}

/** The quoted datagram's mark must be ours, whatever its protocol. */
function readProtocolError(frame: FrameView, cookies: Cookies, answer: Answer): boolean {
  const tryIndex = quotedTryOf(frame, cookies);
  if (tryIndex < 0 || !isMarkQuoted(frame, cookies, frame.protocol, saltOf(tryIndex))) return false;
  answer.port = frame.protocol;
  answer.tryIndex = tryIndex;
  if (!answerFromError(frame, "filtered", answer)) return false;
  if (answer.responder !== undefined) return true;
  if (answer.reason === "proto-unreach") answer.outcome = "closed";
  if (answer.reason === "port-unreach") answer.outcome = "open";
  return true;
}
