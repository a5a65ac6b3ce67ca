// UDP headers: RFC 768 (format, checksum, what 0 means), RFC 8200 §8.1 (over IPv6 there is always a checksum); as quoted
// in ICMP errors: RFC 792.

import { readUint16, writeUint16 } from "./bytes.js";
import { foldChecksum, sumBytes } from "./checksum.js";
import { PROTOCOL_UDP } from "./ipv4.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

const SOURCE_PORT_AT = 0;
const TARGET_PORT_AT = 2;
const UDP_BYTES_AT = 4;
/** On the wire this says that the sender made no checksum; one that comes out as 0 is sent as its other zero. */
const NO_CHECKSUM = 0;
const OTHER_ZERO = 0xffff;

/** Where the checksum stands, in bytes from the header's start. */
export const UDP_CHECKSUM_AT = 6;
/** Length of the header, in bytes; the payload begins here. */
export const UDP_HEADER_BYTES = 8;
/** What an ICMP error must quote of a datagram, in bytes: the header (RFC 792). */
export const UDP_QUOTE_BYTES = 8;

/** A UDP header. Positions are indexes into the bytes that were read. */
export interface UdpView {
  sourcePort: number;
  targetPort: number;
  /** Header and payload, as the header says: a quoted datagram may be shorter than this. */
  udpBytes: number;
  /** As on the wire; 0 when the sender made none. */
  checksum: number;
  payloadAt: number;
  payloadEnd: number;
}

/** What a header to be written says; a plain object that the caller reuses. */
export interface UdpFields {
  sourcePort: number;
  targetPort: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createUdpView(): UdpView {
  return { sourcePort: 0, targetPort: 0, udpBytes: 0, checksum: 0, payloadAt: 0, payloadEnd: 0 };
}

/**
 * Reads the UDP header at `at`; `end` is where the IP payload ends, the datagram may end before. CUT when header or
 * length pass `end`, MALFORMED when the length has no room for the header. The checksum is for {@link isUdpChecksumGood}.
 */
export function readUdp(bytes: Uint8Array, at: number, end: number, view: UdpView): ReadResult {
  if (end - at < UDP_HEADER_BYTES) {
    return ReadFault.CUT;
  }
  const udpBytes = readUint16(bytes, at + UDP_BYTES_AT);
  if (udpBytes < UDP_HEADER_BYTES) {
    return ReadFault.MALFORMED;
  }
  if (end - at < udpBytes) {
    return ReadFault.CUT;
  }
  fillView(bytes, at, at + udpBytes, view);
  return READ_OK;
}

/**
 * Reads the header of a datagram quoted in an ICMP error, for which 8 bytes are enough (else CUT). Its length is not
 * judged; the payload is as much of it as was quoted, often nothing.
 */
export function readUdpQuote(bytes: Uint8Array, at: number, end: number, view: UdpView): ReadResult {
  if (end - at < UDP_QUOTE_BYTES) {
    return ReadFault.CUT;
  }
  const saidEnd = at + Math.max(readUint16(bytes, at + UDP_BYTES_AT), UDP_HEADER_BYTES);
  fillView(bytes, at, Math.min(saidEnd, end), view);
  return READ_OK;
}

function fillView(bytes: Uint8Array, at: number, payloadEnd: number, view: UdpView): void {
  view.sourcePort = readUint16(bytes, at + SOURCE_PORT_AT);
  view.targetPort = readUint16(bytes, at + TARGET_PORT_AT);
  view.udpBytes = readUint16(bytes, at + UDP_BYTES_AT);
  view.checksum = readUint16(bytes, at + UDP_CHECKSUM_AT);
  view.payloadAt = at + UDP_HEADER_BYTES;
  view.payloadEnd = payloadEnd;
}

/**
 * Whether the checksum fits the datagram `bytes[at..end)`, `end` being the `payloadEnd` that {@link readUdp} found.
 * `addressSum` is the partial sum of both addresses. `isZeroAllowed` says whether a sender may do without: over IPv4.
 */
export function isUdpChecksumGood(
  bytes: Uint8Array,
  at: number,
  end: number,
  addressSum: number,
  isZeroAllowed: boolean,
): boolean {
  if (end - at < UDP_HEADER_BYTES) {
    return false;
  }
  if (readUint16(bytes, at + UDP_CHECKSUM_AT) === NO_CHECKSUM) {
    return isZeroAllowed;
  }
  return datagramChecksum(bytes, at, end, addressSum) === 0;
}

/**
 * Writes a datagram, its checksum included, and returns its bytes, 8 more than `payload` has. `addressSum` is the
 * partial sum of the addresses of the IP header it will follow.
 */
export function writeUdp(
  fields: Readonly<UdpFields>,
  payload: Uint8Array,
  addressSum: number,
  out: Uint8Array,
  at: number,
): number {
  const udpBytes = UDP_HEADER_BYTES + payload.length;
  writeUint16(out, at + SOURCE_PORT_AT, fields.sourcePort);
  writeUint16(out, at + TARGET_PORT_AT, fields.targetPort);
  writeUint16(out, at + UDP_BYTES_AT, udpBytes);
  writeUint16(out, at + UDP_CHECKSUM_AT, 0);
  out.set(payload, at + UDP_HEADER_BYTES);
  writeUint16(out, at + UDP_CHECKSUM_AT, datagramChecksum(out, at, at + udpBytes, addressSum) || OTHER_ZERO);
  return udpBytes;
}

function datagramChecksum(bytes: Uint8Array, at: number, end: number, addressSum: number): number {
  return foldChecksum(sumBytes(bytes, at, end, addressSum + PROTOCOL_UDP + (end - at)));
}
