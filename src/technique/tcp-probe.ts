// What all techniques that send a bare TCP segment share: the datagram, and the reading of ICMP errors about it.
import type { ReceiveWish } from "../linux/bpf.js";
import { readUint16, writeUint16 } from "../packet/bytes.js";
import { foldChecksum } from "../packet/checksum.js";
import { IPV4_HEADER_BYTES, IPV4_TOTAL_BYTES_AT, PROTOCOL_TCP, writeIpv4 } from "../packet/ipv4.js";
import { TCP_CHECKSUM_AT, TCP_HEADER_BYTES, type TcpFields, writeTcp } from "../packet/tcp.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import type { FrameView } from "./frame-view.js";
import type { Answer, ProbeSlot } from "./technique.js";
import { answerFromError } from "./unreachable.js";

/** What Linux sends: nothing on the way should find the probe odd. */
const TTL = 64;
/** A window and a maximum segment size as an ordinary host on Ethernet has them. */
const WINDOW_BYTES = 64_240;
const MAXIMUM_SEGMENT_BYTES = 1460;
const MSS_OPTION_BYTES = 4;

/** The longest datagram that {@link writeTcpProbe} makes. */
export const TCP_PROBE_BYTES_MAX: number = IPV4_HEADER_BYTES + TCP_HEADER_BYTES + MSS_OPTION_BYTES;

/** Segments that come back to the lane's source ports. */
export function tcpWish(cookies: Cookies, lane: number): ReceiveWish {
  return { kind: "tcp", firstPort: cookies.sourcePort(lane, 0), portCount: TRIES_MAX };
}

/** The cookie of a lane's probe to this host and port, which is its sequence number, as a signed number. */
export function tcpCookie(cookies: Cookies, lane: number, address: number, port: number, tryIndex: number): number {
  return cookies.of(address, port, (lane << 8) | tryIndex);
}

/** The identification stays 0: with "don't fragment" set it has no meaning (RFC 6864 §4.1). */
const ipv4Fields = {
  identification: 0,
  dontFragment: true,
  ttl: TTL,
  protocol: PROTOCOL_TCP,
  source: 0,
  target: 0,
  payloadBytes: 0,
};
const tcpFields: TcpFields = {
  sourcePort: 0,
  targetPort: 0,
  sequence: 0,
  acknowledgment: 0,
  flags: 0,
  window: WINDOW_BYTES,
  maximumSegmentBytes: 0,
};

/** Writes a segment with these flags, the cookie as its sequence number. Returns the datagram's length in bytes. */
export function writeTcpProbe(
  out: Uint8Array,
  at: number,
  probe: ProbeSlot,
  lane: number,
  flags: number,
  acknowledgment: number,
  hasOptions: boolean,
): number {
  const { cookies, sourceAddress, targetAddress, targetPort, tryIndex } = probe;
  tcpFields.sourcePort = cookies.sourcePort(lane, tryIndex);
  tcpFields.targetPort = targetPort;
  tcpFields.sequence = tcpCookie(cookies, lane, targetAddress, targetPort, tryIndex) >>> 0;
  tcpFields.acknowledgment = acknowledgment;
  tcpFields.flags = flags;
  tcpFields.maximumSegmentBytes = hasOptions ? MAXIMUM_SEGMENT_BYTES : 0;
  const tcpBytes = writeTcp(tcpFields, sourceAddress, targetAddress, out, at + IPV4_HEADER_BYTES);
  ipv4Fields.source = sourceAddress;
  ipv4Fields.target = targetAddress;
  ipv4Fields.payloadBytes = tcpBytes;
  return writeIpv4(ipv4Fields, out, at) + tcpBytes;
}

/**
 * Turns the probe that stands at `at` into the one to another port or the next try: ports, sequence number and, with
 * `isCookieAcknowledged`, the acknowledgment number are written anew, and the checksum is corrected by the difference
 * (RFC 1624, equation 3). Returns the datagram's length in bytes.
 */
export function rewriteTcpProbe(
  out: Uint8Array,
  at: number,
  probe: ProbeSlot,
  lane: number,
  isCookieAcknowledged: boolean,
): number {
  const { cookies, targetAddress, targetPort, tryIndex } = probe;
  const tcpAt = at + IPV4_HEADER_BYTES;
  const cookie = tcpCookie(cookies, lane, targetAddress, targetPort, tryIndex);
  let sum = ~readUint16(out, tcpAt + TCP_CHECKSUM_AT) & 0xffff;
  sum += replaceUint16(out, tcpAt, cookies.sourcePort(lane, tryIndex));
  sum += replaceUint16(out, tcpAt + 2, targetPort);
  sum += replaceUint16(out, tcpAt + 4, cookie >>> 16);
  sum += replaceUint16(out, tcpAt + 6, cookie & 0xffff);
  if (isCookieAcknowledged) {
    sum += replaceUint16(out, tcpAt + 8, cookie >>> 16);
    sum += replaceUint16(out, tcpAt + 10, cookie & 0xffff);
  }
  writeUint16(out, tcpAt + TCP_CHECKSUM_AT, foldChecksum(sum));
  return readUint16(out, at + IPV4_TOTAL_BYTES_AT);
}

/** Writes 16 bits and returns what that adds to the checksum's sum: the old value's complement plus the new one. */
function replaceUint16(out: Uint8Array, at: number, value: number): number {
  const change = (~readUint16(out, at) & 0xffff) + value;
  writeUint16(out, at, value);
  return change;
}

/** Reads an ICMP error about a probe of this lane: true when the quoted ports and sequence number are ours. */
export function readTcpError(frame: FrameView, cookies: Cookies, lane: number, answer: Answer): boolean {
  if (frame.kind !== "tcp-quote") return false;
  const { sourcePort, targetPort, sequence } = frame.quotedTcp;
  const tryIndex = cookies.tryOf(lane, sourcePort);
  if (tryIndex < 0) return false;
  if ((sequence | 0) !== tcpCookie(cookies, lane, frame.quotedIp.target, targetPort, tryIndex)) return false;
  answer.outcome = "filtered";
  answer.port = targetPort;
  answer.tryIndex = tryIndex;
  return answerFromError(frame, answer);
}
