// What all techniques that send a bare TCP segment share: the segment, the proof that an answer belongs to it, and ICMP
// errors about it. A technique is then its flags, and what it makes of a segment that comes back.
import { readUint16, writeUint16 } from "../packet/bytes.js";
import { foldChecksum } from "../packet/checksum.js";
import { PROTOCOL_TCP } from "../packet/ipv4.js";
import {
  TCP_ACK,
  TCP_CHECKSUM_AT,
  TCP_FIN,
  TCP_FLAGS_AT,
  TCP_HEADER_BYTES,
  TCP_RST,
  TCP_SYN,
  type TcpFields,
  type TcpView,
  writeTcp,
} from "../packet/tcp.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import { addressSumAt, datagramBytesAt, HEADER_BYTES_MAX, headerBytesOf, traceMark, writeHeader } from "./datagram.js";
import type { FrameView } from "./frame-view.js";
import { NO_TRAITS, traitsOf } from "./segment-traits.js";
import type { Answer, FrameTechnique, Outcome, ProbeSlot } from "./technique.js";
import { answerFromError, ERROR_TYPES, ERROR_TYPES_IPV6 } from "./unreachable.js";

/** A window and a maximum segment size as an ordinary host on Ethernet has them. */
const WINDOW_BYTES = 64_240;
const MAXIMUM_SEGMENT_BYTES = 1460;
const MSS_OPTION_BYTES = 4;

/** What makes one TCP technique different from the others. */
export interface TcpFacts
  extends Pick<FrameTechnique, "name" | "summary" | "sources" | "option" | "outcomes" | "silence" | "lane"> {
  /** TCP_FIN to TCP_CWR, or-ed together. */
  readonly flags: number;
  /** What a segment that answers the probe means; undefined when it says nothing. */
  judge(tcp: TcpView): Outcome | undefined;
}

const tcpFields: TcpFields = {
  sourcePort: 0,
  targetPort: 0,
  sequence: 0,
  acknowledgment: 0,
  flags: 0,
  window: WINDOW_BYTES,
  maximumSegmentBytes: 0,
};

/** Makes the technique. */
export function tcpTechnique(facts: TcpFacts): FrameTechnique {
  const { lane, flags, judge, ...said } = facts;
  // Only a SYN's RSTs all come from where nobody listens; others come from listeners, too, and there stacks differ.
  const isComparable = flags === TCP_SYN;
  return {
    ...said,
    kind: "frame",
    layer: "network",
    protocol: "tcp",
    families: [4, 6],
    lane,
    probeBytesMax: HEADER_BYTES_MAX + TCP_HEADER_BYTES + MSS_OPTION_BYTES,

    wants: (cookies) => [
      { kind: "tcp", firstPort: cookies.sourcePort(lane, 0), portCount: TRIES_MAX },
      { kind: "icmpv4", types: ERROR_TYPES },
      { kind: "icmpv6", types: ERROR_TYPES_IPV6 },
    ],

    write: (out, at, probe) => writeTcpProbe(out, at, probe, lane, probe.flags < 0 ? flags : probe.flags),

    rewrite: (out, at, probe) => rewriteTcpProbe(out, at, probe, lane),

    read(frame, cookies, answer) {
      if (frame.kind !== "tcp") return readTcpError(frame, cookies, lane, answer);
      const { tcp } = frame;
      const tryIndex = cookies.tryOf(lane, tcp.targetPort);
      if (tryIndex < 0) return false;
      const cookie = tcpCookie(cookies, lane, frame.peerKey, tcp.sourcePort, tryIndex);
      const isOurs =
        isAnswerTo(cookie, flags, tcp) || (cookies.tcpFlags >= 0 && isAnswerTo(cookie, cookies.tcpFlags, tcp));
      if (!isOurs) return false;
      const outcome = judge(tcp);
      if (outcome === undefined) return false;
      answer.outcome = outcome;
      answer.reason = (tcp.flags & TCP_RST) === 0 ? "syn-ack" : "reset";
      answer.key = frame.peerKey;
      answer.port = tcp.sourcePort;
      answer.tryIndex = tryIndex;
      answer.responder = undefined;
      answer.ttl = frame.ttl;
      answer.window = tcp.window;
      answer.traits = isComparable && cookies.tcpFlags < 0 ? traitsOf(frame) : NO_TRAITS;
      return true;
    },
  };
}

/** The cookie of a lane's probe to this host and port, which is its sequence number, as a signed number. */
function tcpCookie(cookies: Cookies, lane: number, key: number, port: number, tryIndex: number): number {
  return cookies.of(key, port, (lane << 8) | tryIndex);
}

/**
 * True when a segment answers a probe with these flags. A RST to a probe with ACK repeats our acknowledgment number, which is
 * the cookie, too (RFC 9293 §3.10.7.1, §3.10.7.3); some systems set ACK in it as well, with any number. Every other answer
 * acknowledges our sequence number and SYN and FIN, which count for one each (RFC 9293 §3.4).
 */
function isAnswerTo(cookie: number, flags: number, tcp: TcpView): boolean {
  const isRepeat = (flags & TCP_ACK) !== 0 && (tcp.flags & TCP_RST) !== 0 && (tcp.sequence | 0) === cookie;
  const counted = ((flags & TCP_SYN) === 0 ? 0 : 1) + ((flags & TCP_FIN) === 0 ? 0 : 1);
  return isRepeat || ((tcp.flags & TCP_ACK) !== 0 && (tcp.acknowledgment | 0) === ((cookie + counted) | 0));
}

function writeTcpProbe(out: Uint8Array, at: number, probe: ProbeSlot, lane: number, flags: number): number {
  const { cookies, targetKey, targetPort, tryIndex } = probe;
  const cookie = tcpCookie(cookies, lane, targetKey, targetPort, tryIndex) >>> 0;
  const hasOptions = (flags & TCP_SYN) !== 0;
  tcpFields.sourcePort = cookies.sourcePort(lane, tryIndex);
  tcpFields.targetPort = targetPort;
  tcpFields.sequence = cookie;
  tcpFields.acknowledgment = (flags & TCP_ACK) === 0 ? 0 : cookie;
  tcpFields.flags = flags;
  tcpFields.maximumSegmentBytes = hasOptions ? MAXIMUM_SEGMENT_BYTES : 0;
  const tcpBytes = hasOptions ? TCP_HEADER_BYTES + MSS_OPTION_BYTES : TCP_HEADER_BYTES;
  const headerBytes = writeHeader(out, at, probe, PROTOCOL_TCP, tcpBytes, traceMark(probe));
  return headerBytes + writeTcp(tcpFields, addressSumAt(out, at, probe.family), out, at + headerBytes);
}

/**
 * Turns the probe that stands at `at` into the one to another port or the next try: ports, sequence number and, where ACK
 * is set, the acknowledgment number are written anew, and the checksum is corrected by the difference (RFC 1624,
 * equation 3). Returns the datagram's length in bytes.
 */
function rewriteTcpProbe(out: Uint8Array, at: number, probe: ProbeSlot, lane: number): number {
  const { cookies, targetKey, targetPort, tryIndex } = probe;
  const tcpAt = at + headerBytesOf(probe);
  const cookie = tcpCookie(cookies, lane, targetKey, targetPort, tryIndex);
  let sum = ~readUint16(out, tcpAt + TCP_CHECKSUM_AT) & 0xffff;
  sum += replaceUint16(out, tcpAt, cookies.sourcePort(lane, tryIndex));
  sum += replaceUint16(out, tcpAt + 2, targetPort);
  sum += replaceUint16(out, tcpAt + 4, cookie >>> 16);
  sum += replaceUint16(out, tcpAt + 6, cookie & 0xffff);
  if (((out[tcpAt + TCP_FLAGS_AT] ?? 0) & TCP_ACK) !== 0) {
    sum += replaceUint16(out, tcpAt + 8, cookie >>> 16);
    sum += replaceUint16(out, tcpAt + 10, cookie & 0xffff);
  }
  writeUint16(out, tcpAt + TCP_CHECKSUM_AT, foldChecksum(sum));
  return datagramBytesAt(out, at, probe.family);
}

/** Writes 16 bits and returns what that adds to the checksum's sum: the old value's complement plus the new one. */
function replaceUint16(out: Uint8Array, at: number, value: number): number {
  const change = (~readUint16(out, at) & 0xffff) + value;
  writeUint16(out, at, value);
  return change;
}

/** Reads an ICMP error about a probe of this lane: true when the quoted ports and sequence number are ours. */
function readTcpError(frame: FrameView, cookies: Cookies, lane: number, answer: Answer): boolean {
  if (frame.kind !== "tcp-quote") return false;
  const { sourcePort, targetPort, sequence } = frame.tcp;
  const tryIndex = cookies.tryOf(lane, sourcePort);
  if (tryIndex < 0) return false;
  if ((sequence | 0) !== tcpCookie(cookies, lane, frame.peerKey, targetPort, tryIndex)) return false;
  answer.port = targetPort;
  answer.tryIndex = tryIndex;
  return answerFromError(frame, "filtered", answer);
}
