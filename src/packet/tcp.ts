// TCP headers: RFC 9293 §3.1 (format, checksum), RFC 3168 §6.1 (ECE, CWR); as quoted in ICMP errors: RFC 792.

import { readUint8, readUint16, readUint32, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { foldChecksum, sumBytes } from "./checksum.js";
import { PROTOCOL_TCP } from "./ipv4.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";
import { TCP_OPTION_MSS, TCP_OPTION_MSS_BYTES } from "./tcp-options.js";

const SOURCE_PORT_AT = 0;
const TARGET_PORT_AT = 2;
const SEQUENCE_AT = 4;
const ACKNOWLEDGMENT_AT = 8;
const DATA_OFFSET_AT = 12;
const WINDOW_AT = 14;
const URGENT_POINTER_AT = 18;

/** Where the flags stand, in bytes from the header's start. */
export const TCP_FLAGS_AT = 13;
/** Where the checksum stands, in bytes from the header's start. */
export const TCP_CHECKSUM_AT = 16;
/** Length of a header without options, in bytes; options begin here. */
export const TCP_HEADER_BYTES = 20;
/** What an ICMP error must quote of a segment, in bytes: ports and sequence number (RFC 792). */
export const TCP_QUOTE_BYTES = 8;

/** Flag: no more data from the sender. */
export const TCP_FIN = 0x01;
/** Flag: synchronize sequence numbers. */
export const TCP_SYN = 0x02;
/** Flag: reset the connection. */
export const TCP_RST = 0x04;
/** Flag: push. */
export const TCP_PSH = 0x08;
/** Flag: the acknowledgment number counts. */
export const TCP_ACK = 0x10;
/** Flag: the urgent pointer counts. */
export const TCP_URG = 0x20;
/** Flag: congestion was experienced (RFC 3168). */
export const TCP_ECE = 0x40;
/** Flag: the congestion window was reduced (RFC 3168). */
export const TCP_CWR = 0x80;

/** A TCP header. Positions are indexes into the bytes that were read. */
export interface TcpView {
  sourcePort: number;
  targetPort: number;
  /** Unsigned 32 bits. */
  sequence: number;
  /** Unsigned 32 bits, there whether or not {@link TCP_ACK} is set. */
  acknowledgment: number;
  /** 20 to 60; the options are between byte 20 and here. */
  headerBytes: number;
  /** The eight bits TCP_FIN to TCP_CWR. */
  flags: number;
  /** As on the wire, not scaled. */
  window: number;
  urgentPointer: number;
  payloadAt: number;
  payloadEnd: number;
}

/** What a header to be written says; a plain object that the caller reuses. */
export interface TcpFields {
  sourcePort: number;
  targetPort: number;
  /** 32 bits. */
  sequence: number;
  /** 32 bits. */
  acknowledgment: number;
  /** TCP_FIN to TCP_CWR, or-ed together. */
  flags: number;
  /** 0 to 65535. */
  window: number;
  /** The maximum segment size option, in bytes; 0 leaves it out. */
  maximumSegmentBytes: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createTcpView(): TcpView {
  return {
    sourcePort: 0,
    targetPort: 0,
    sequence: 0,
    acknowledgment: 0,
    headerBytes: 0,
    flags: 0,
    window: 0,
    urgentPointer: 0,
    payloadAt: 0,
    payloadEnd: 0,
  };
}

/**
 * Reads the TCP header at `at`; `end` is where the datagram ends. CUT when the header passes `end`, MALFORMED when the
 * data offset lies inside it. Options and checksum are for `readTcpOptions` and {@link isTcpChecksumGood}.
 */
export function readTcp(bytes: Uint8Array, at: number, end: number, view: TcpView): ReadResult {
  if (end - at < TCP_HEADER_BYTES) {
    return ReadFault.CUT;
  }
  const headerBytes = (readUint8(bytes, at + DATA_OFFSET_AT) >>> 4) * 4;
  if (headerBytes < TCP_HEADER_BYTES) {
    return ReadFault.MALFORMED;
  }
  if (end - at < headerBytes) {
    return ReadFault.CUT;
  }
  view.sourcePort = readUint16(bytes, at + SOURCE_PORT_AT);
  view.targetPort = readUint16(bytes, at + TARGET_PORT_AT);
  view.sequence = readUint32(bytes, at + SEQUENCE_AT);
  view.acknowledgment = readUint32(bytes, at + ACKNOWLEDGMENT_AT);
  view.headerBytes = headerBytes;
  view.flags = readUint8(bytes, at + TCP_FLAGS_AT);
  view.window = readUint16(bytes, at + WINDOW_AT);
  view.urgentPointer = readUint16(bytes, at + URGENT_POINTER_AT);
  view.payloadAt = at + headerBytes;
  view.payloadEnd = end;
  return READ_OK;
}

/**
 * Reads ports and sequence number of a segment quoted in an ICMP error, for which 8 bytes are enough (else CUT). All
 * other fields are set to 0 even if more was quoted, and the payload is empty.
 */
export function readTcpQuote(bytes: Uint8Array, at: number, end: number, view: TcpView): ReadResult {
  if (end - at < TCP_QUOTE_BYTES) {
    return ReadFault.CUT;
  }
  view.sourcePort = readUint16(bytes, at + SOURCE_PORT_AT);
  view.targetPort = readUint16(bytes, at + TARGET_PORT_AT);
  view.sequence = readUint32(bytes, at + SEQUENCE_AT);
  view.acknowledgment = 0;
  view.headerBytes = 0;
  view.flags = 0;
  view.window = 0;
  view.urgentPointer = 0;
  view.payloadAt = end;
  view.payloadEnd = end;
  return READ_OK;
}

/**
 * Whether the checksum fits the segment `bytes[at..end)`; `addressSum` is the partial sum of both addresses. The caller
 * decides what a bad one means: a segment made on this machine, on `lo` or a veth, may legitimately carry one that no
 * card has finished yet.
 */
export function isTcpChecksumGood(bytes: Uint8Array, at: number, end: number, addressSum: number): boolean {
  return segmentChecksum(bytes, at, end, addressSum) === 0;
}

/**
 * Writes a segment without payload, its checksum included, and returns its bytes: 20, or 24 with the option.
 * `addressSum` is the partial sum of the addresses of the IP header it follows.
 */
export function writeTcp(fields: Readonly<TcpFields>, addressSum: number, out: Uint8Array, at: number): number {
  const hasSegmentSize = fields.maximumSegmentBytes > 0;
  const headerBytes = hasSegmentSize ? TCP_HEADER_BYTES + TCP_OPTION_MSS_BYTES : TCP_HEADER_BYTES;
  writeUint16(out, at + SOURCE_PORT_AT, fields.sourcePort);
  writeUint16(out, at + TARGET_PORT_AT, fields.targetPort);
  writeUint32(out, at + SEQUENCE_AT, fields.sequence);
  writeUint32(out, at + ACKNOWLEDGMENT_AT, fields.acknowledgment);
  writeUint8(out, at + DATA_OFFSET_AT, (headerBytes / 4) << 4);
  writeUint8(out, at + TCP_FLAGS_AT, fields.flags);
  writeUint16(out, at + WINDOW_AT, fields.window);
  writeUint16(out, at + URGENT_POINTER_AT, 0);
  if (hasSegmentSize) {
    writeUint8(out, at + TCP_HEADER_BYTES, TCP_OPTION_MSS);
    writeUint8(out, at + TCP_HEADER_BYTES + 1, TCP_OPTION_MSS_BYTES);
    writeUint16(out, at + TCP_HEADER_BYTES + 2, fields.maximumSegmentBytes);
  }
  writeTcpChecksum(out, at, at + headerBytes, addressSum);
  return headerBytes;
}

/** Computes and writes the checksum of the segment `out[at..end)`, for who adds options or payload to a header. */
export function writeTcpChecksum(out: Uint8Array, at: number, end: number, addressSum: number): void {
  writeUint16(out, at + TCP_CHECKSUM_AT, 0);
  writeUint16(out, at + TCP_CHECKSUM_AT, segmentChecksum(out, at, end, addressSum));
}

/** The pseudo header is both addresses, the protocol and the length (RFC 9293 §3.1; RFC 8200 §8.1). */
function segmentChecksum(bytes: Uint8Array, at: number, end: number, addressSum: number): number {
  return foldChecksum(sumBytes(bytes, at, end, addressSum + PROTOCOL_TCP + (end - at)));
}
