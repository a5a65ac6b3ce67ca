// Packets as hosts and routers send them, built with the writers of packet/, for the tests of techniques and engine.
import { ARP_BYTES, ARP_REPLY, writeArp } from "../packet/arp.js";
import { writeUint16 } from "../packet/bytes.js";
import { foldChecksum, sumBytes } from "../packet/checksum.js";
import { writeIcmpEchoReply, writeIcmpError, writeIcmpTimestampReply } from "../packet/icmpv4.js";
import { IPV4_HEADER_BYTES, PROTOCOL_ICMP, PROTOCOL_TCP, writeIpv4 } from "../packet/ipv4.js";
import { writeTcp } from "../packet/tcp.js";
import type { Cookies } from "./cookies.js";
import { FrameView } from "./frame-view.js";
import type { FrameTechnique, ProbeSlot } from "./technique.js";

/** Where a datagram comes from and goes to, as numbers. */
export interface Ends {
  readonly source: number;
  readonly target: number;
  readonly ttl?: number;
}

/** A segment without payload. */
export interface Segment extends Ends {
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly flags: number;
}

/** An ICMP query's reply. */
export interface QueryReply extends Ends {
  readonly identifier: number;
  readonly sequence: number;
}

const ROOM_BYTES = 128;
const TTL = 57;

function datagram(ends: Ends, protocol: number, write: (out: Uint8Array, at: number) => number): Uint8Array {
  const out = new Uint8Array(ROOM_BYTES);
  const payloadBytes = write(out, IPV4_HEADER_BYTES);
  const { source, target, ttl = TTL } = ends;
  const header = { identification: 7, dontFragment: false, ttl, protocol, source, target, payloadBytes };
  return out.subarray(0, writeIpv4(header, out, 0) + payloadBytes);
}

/** A TCP segment in its datagram. */
export function tcpFrame(segment: Segment): Uint8Array {
  const { source, target, sequence = 0, acknowledgment = 0, sourcePort, targetPort, flags } = segment;
  const fields = { sourcePort, targetPort, sequence, acknowledgment, flags, window: 1024, maximumSegmentBytes: 0 };
  return datagram(segment, PROTOCOL_TCP, (out, at) => writeTcp(fields, source, target, out, at));
}

/** An ICMP echo reply in its datagram. */
export function echoReplyFrame(reply: QueryReply): Uint8Array {
  return datagram(reply, PROTOCOL_ICMP, (out, at) => writeIcmpEchoReply(reply, 0, out, at));
}

/** An ICMP timestamp reply in its datagram. */
export function timestampReplyFrame(reply: QueryReply): Uint8Array {
  const times = { originateMs: 0, receiveMs: 1000, transmitMs: 1000 };
  return datagram(reply, PROTOCOL_ICMP, (out, at) => writeIcmpTimestampReply({ ...reply, ...times }, out, at));
}

/** An ICMP error about `quoted`, of which so many bytes behind its IPv4 header are quoted (RFC 792: 8). */
export function icmpErrorFrame(
  ends: Ends,
  type: number,
  code: number,
  quoted: Uint8Array,
  quotedBytes: number = 8,
): Uint8Array {
  const quote = quoted.subarray(0, IPV4_HEADER_BYTES + quotedBytes);
  return datagram(ends, PROTOCOL_ICMP, (out, at) => writeIcmpError(type, code, quote, out, at));
}

/** An ARP reply: `senderAddress` is at `senderMac`. */
export function arpReplyFrame(
  senderMac: Uint8Array,
  senderAddress: number,
  targetMac: Uint8Array,
  targetAddress: number,
): Uint8Array {
  const out = new Uint8Array(ARP_BYTES);
  writeArp({ operation: ARP_REPLY, senderMac, senderAddress, targetMac, targetAddress }, out, 0);
  return out;
}

/** The same datagram with a header that was changed by `change`, its checksum made good again. */
export function withIpHeader(frame: Uint8Array, change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = frame.slice();
  change(bytes);
  writeUint16(bytes, 10, 0);
  writeUint16(bytes, 10, foldChecksum(sumBytes(bytes, 0, IPV4_HEADER_BYTES)));
  return bytes;
}

/** A probe's slot, to be varied. */
export function probeTo(targetAddress: number, targetPort: number, tryIndex: number, cookies: Cookies): ProbeSlot {
  const sourceMac = Uint8Array.of(2, 0, 0, 0, 0, 1);
  return { sourceAddress: 0x0a000001, sourceMac, targetAddress, targetPort, tryIndex, cookies };
}

/** The packet that a technique writes, alone in its bytes. */
export function writtenBy(technique: FrameTechnique, probe: ProbeSlot): Uint8Array {
  const out = new Uint8Array(ROOM_BYTES);
  return out.subarray(0, technique.write(out, 0, probe));
}

/** The packet taken apart, its checksums judged; undefined when it does not hold together. */
export function parsedFrame(frame: Uint8Array, etherType: number): FrameView | undefined {
  const view = new FrameView();
  return view.parse(frame, 0, frame.length, etherType, false) ? view : undefined;
}
