// What all techniques that send a bare TCP segment share: the datagram, and the reading of ICMP errors about it.
import type { ReceiveWish } from "../linux/bpf.js";
import { IPV4_HEADER_BYTES, PROTOCOL_TCP, writeIpv4 } from "../packet/ipv4.js";
import { TCP_HEADER_BYTES, type TcpFields, writeTcp } from "../packet/tcp.js";
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

/** The cookie of a lane's probe to this host and port: its sequence number. */
export function tcpCookie(cookies: Cookies, lane: number, address: number, port: number, tryIndex: number): number {
  return cookies.of(address, port, (lane << 8) | tryIndex);
}

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
  tcpFields.sequence = tcpCookie(cookies, lane, targetAddress, targetPort, tryIndex);
  tcpFields.acknowledgment = acknowledgment;
  tcpFields.flags = flags;
  tcpFields.maximumSegmentBytes = hasOptions ? MAXIMUM_SEGMENT_BYTES : 0;
  const tcpBytes = writeTcp(tcpFields, sourceAddress, targetAddress, out, at + IPV4_HEADER_BYTES);
  ipv4Fields.identification = tcpFields.sequence & 0xffff;
  ipv4Fields.source = sourceAddress;
  ipv4Fields.target = targetAddress;
  ipv4Fields.payloadBytes = tcpBytes;
  return writeIpv4(ipv4Fields, out, at) + tcpBytes;
}

/** Reads an ICMP error about a probe of this lane: true when the quoted ports and sequence number are ours. */
export function readTcpError(frame: FrameView, cookies: Cookies, lane: number, answer: Answer): boolean {
  if (frame.kind !== "tcp-quote") return false;
  const { sourcePort, targetPort, sequence } = frame.quotedTcp;
  const tryIndex = cookies.tryOf(lane, sourcePort);
  if (tryIndex < 0) return false;
  if (sequence !== tcpCookie(cookies, lane, frame.quotedIp.target, targetPort, tryIndex)) return false;
  answer.outcome = "filtered";
  answer.port = targetPort;
  answer.tryIndex = tryIndex;
  return answerFromError(frame, answer);
}
