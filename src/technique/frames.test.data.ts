// Packets as hosts and routers send them, built with the writers of packet/, for the tests of techniques and engine.
// An address is a number or 16 bytes: packets between numbers are IPv4, between bytes IPv6.
import { ARP_BYTES, ARP_REPLY, writeArp } from "../packet/arp.js";
import { writeUint16 } from "../packet/bytes.js";
import { foldChecksum, sumBytes } from "../packet/checksum.js";
import {
  ICMP_ADDRESS_MASK_REPLY,
  writeIcmpAddressMask,
  writeIcmpEchoReply,
  writeIcmpError,
  writeIcmpTimestampReply,
} from "../packet/icmpv4.js";
import { writeIcmpv6EchoReply, writeIcmpv6Error } from "../packet/icmpv6.js";
import { IPV4_HEADER_BYTES, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, writeIpv4 } from "../packet/ipv4.js";
import { IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, writeIpv6 } from "../packet/ipv6.js";
import {
  NEIGHBOUR_HOP_LIMIT,
  NEIGHBOUR_SOLICITED,
  writeNeighbourAdvertisement,
} from "../packet/neighbour-discovery.js";
import { PROTOCOL_SCTP, writeSctpAbort, writeSctpInitAck } from "../packet/sctp.js";
import { writeTcp } from "../packet/tcp.js";
import { writeUdp } from "../packet/udp.js";
import { Cookies } from "./cookies.js";
import { addressSumAt } from "./datagram.js";
import { FrameView } from "./frame-view.js";
import { DEFAULT_TTL, type FrameTechnique, type ProbeSlot } from "./technique.js";

/** Where a datagram comes from and goes to, both of one family. */
export interface Ends {
  readonly source: number | Uint8Array;
  readonly target: number | Uint8Array;
  readonly ttl?: number;
  /** Identification, or flow label over IPv6; 7 and 0 when undefined. */
  readonly mark?: number;
  /** Over IPv4. */
  readonly dontFragment?: boolean;
}

/** Between which ports. */
export interface PortEnds extends Ends {
  readonly sourcePort: number;
  readonly targetPort: number;
}

/** A segment without payload. */
export interface Segment extends PortEnds {
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly flags: number;
  readonly window?: number;
  /** 0, no option, when undefined. */
  readonly maximumSegmentBytes?: number;
}

/** An SCTP packet. */
export interface SctpPacket extends PortEnds {
  readonly verificationTag: number;
}

/** An ICMP query's reply. */
export interface QueryReply extends Ends {
  readonly identifier: number;
  readonly sequence: number;
}

const ROOM_BYTES = 2048;
const TTL = 57;
/** Our own addresses in probes. */
export const OWN = 0x0a00_0001;
export const OWN_IPV6: Uint8Array = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** Writes behind a header that is there already, since checksums need its addresses. */
type BodyWriter = (out: Uint8Array, at: number, addressSum: number) => number;

function datagram(ends: Ends, protocol: number, write: BodyWriter): Uint8Array {
  const { source, target, ttl = TTL, mark, dontFragment = false } = ends;
  const out = new Uint8Array(ROOM_BYTES);
  const family = typeof source === "number" ? 4 : 6;
  const header = (payloadBytes: number): number => {
    if (typeof source === "number" && typeof target === "number") {
      const fields = { identification: mark ?? 7, dontFragment, ttl, protocol, source, target, payloadBytes };
      return writeIpv4(fields, out, 0);
    }
    if (typeof source === "number" || typeof target === "number") throw new TypeError("two families in one datagram");
    return writeIpv6({ flowLabel: mark ?? 0, hopLimit: ttl, protocol, source, target, payloadBytes }, out, 0);
  };
  const at = header(0);
  const payloadBytes = write(out, at, addressSumAt(out, 0, family));
  return out.slice(0, header(payloadBytes) + payloadBytes);
}

/** A TCP segment in its datagram. */
export function tcpFrame(segment: Segment): Uint8Array {
  const { sequence = 0, acknowledgment = 0, sourcePort, targetPort, flags, window = 1024 } = segment;
  const { maximumSegmentBytes = 0 } = segment;
  const fields = { sourcePort, targetPort, sequence, acknowledgment, flags, window, maximumSegmentBytes };
  return datagram(segment, PROTOCOL_TCP, (out, at, sum) => writeTcp(fields, sum, out, at));
}

/** A UDP datagram. */
export function udpFrame(ends: PortEnds, payload: Uint8Array = Uint8Array.of(1, 2, 3)): Uint8Array {
  return datagram(ends, PROTOCOL_UDP, (out, at, sum) => writeUdp(ends, payload, sum, out, at));
}

/** An SCTP INIT ACK with a cookie of 4 bytes. */
export function sctpInitAckFrame(packet: SctpPacket): Uint8Array {
  const fields = { ...packet, initiateTag: 99, initialSequence: 99 };
  return datagram(packet, PROTOCOL_SCTP, (out, at) => writeSctpInitAck(fields, new Uint8Array(4), out, at));
}

/** An SCTP ABORT; `flags` may be SCTP_TAG_REFLECTED. */
export function sctpAbortFrame(packet: SctpPacket, flags: number): Uint8Array {
  return datagram(packet, PROTOCOL_SCTP, (out, at) => writeSctpAbort(packet, flags, out, at));
}

/** A datagram without payload. */
export function emptyFrame(ends: Ends, protocol: number): Uint8Array {
  return datagram(ends, protocol, () => 0);
}

/** An echo reply of ICMP or ICMPv6 in its datagram. */
export function echoReplyFrame(reply: QueryReply): Uint8Array {
  return typeof reply.source === "number"
    ? datagram(reply, PROTOCOL_ICMP, (out, at) => writeIcmpEchoReply(reply, 0, out, at))
    : datagram(reply, PROTOCOL_ICMPV6, (out, at, sum) => writeIcmpv6EchoReply(reply, 0, sum, out, at));
}

/** An ICMP timestamp reply in its datagram. */
export function timestampReplyFrame(reply: QueryReply): Uint8Array {
  const times = { originateMs: 0, receiveMs: 1000, transmitMs: 1000 };
  return datagram(reply, PROTOCOL_ICMP, (out, at) => writeIcmpTimestampReply({ ...reply, ...times }, out, at));
}

/** An ICMP address mask reply in its datagram. */
export function addressMaskReplyFrame(reply: QueryReply): Uint8Array {
  return datagram(reply, PROTOCOL_ICMP, (out, at) => {
    const messageBytes = writeIcmpAddressMask(reply, out, at);
    out[at] = ICMP_ADDRESS_MASK_REPLY;
    out.set([255, 255, 255, 0], at + 8);
    writeUint16(out, at + 2, 0);
    writeUint16(out, at + 2, foldChecksum(sumBytes(out, at, at + messageBytes)));
    return messageBytes;
  });
}

/** An error of ICMP or ICMPv6 about `quoted`, of which so many bytes behind its IP header are quoted (RFC 792: 8). */
export function icmpErrorFrame(
  ends: Ends,
  type: number,
  code: number,
  quoted: Uint8Array,
  quotedBytes: number = 8,
): Uint8Array {
  if (typeof ends.source === "number") {
    const quote = quoted.subarray(0, IPV4_HEADER_BYTES + quotedBytes);
    return datagram(ends, PROTOCOL_ICMP, (out, at) => writeIcmpError(type, code, quote, out, at));
  }
  const quote = quoted.subarray(0, IPV6_HEADER_BYTES + quotedBytes);
  return datagram(ends, PROTOCOL_ICMPV6, (out, at, sum) => writeIcmpv6Error(type, code, quote, sum, out, at));
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

/** A neighbour advertisement: `address` is at `mac`. */
export function advertisementFrame(ends: Ends, address: Uint8Array, mac: Uint8Array): Uint8Array {
  return datagram({ ttl: NEIGHBOUR_HOP_LIMIT, ...ends }, PROTOCOL_ICMPV6, (out, at, sum) =>
    writeNeighbourAdvertisement(address, mac, NEIGHBOUR_SOLICITED, sum, out, at),
  );
}

/** The same datagram with a header that was changed by `change`, its checksum made good again. */
export function withIpHeader(frame: Uint8Array, change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = frame.slice();
  change(bytes);
  writeUint16(bytes, 10, 0);
  writeUint16(bytes, 10, foldChecksum(sumBytes(bytes, 0, IPV4_HEADER_BYTES)));
  return bytes;
}

/** A probe's slot, to be varied; from {@link OWN}, or {@link OWN_IPV6} to an address of 16 bytes. */
export function probeTo(
  target: number | Uint8Array,
  targetPort: number,
  tryIndex: number,
  cookies: Cookies,
): ProbeSlot {
  const isIpv4 = typeof target === "number";
  return {
    family: isIpv4 ? 4 : 6,
    sourceAddress: OWN,
    targetAddress: isIpv4 ? target : 0,
    source: OWN_IPV6,
    target: isIpv4 ? new Uint8Array(16) : target,
    targetKey: isIpv4 ? target : cookies.keyOf(target, 0),
    sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
    targetPort,
    tryIndex,
    ttl: DEFAULT_TTL,
    flags: -1,
    payload: new Uint8Array(0),
    cookies,
  };
}

/** The packet that a technique writes, alone in its bytes. */
export function writtenBy(technique: FrameTechnique, probe: ProbeSlot): Uint8Array {
  const out = new Uint8Array(ROOM_BYTES);
  return out.slice(0, technique.write(out, 0, probe));
}

const NO_SECRET: Cookies = new Cookies(0, 0, 0);

/** The packet taken apart, its checksums judged; undefined when it does not hold together. */
export function parsedFrame(frame: Uint8Array, etherType: number, cookies: Cookies = NO_SECRET): FrameView | undefined {
  const view = new FrameView(cookies);
  return view.parse(frame, 0, frame.length, etherType, false) ? view : undefined;
}
