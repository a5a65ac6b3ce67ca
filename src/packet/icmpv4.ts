// ICMP messages: RFC 792 (echo, timestamp, errors), RFC 950 App. I (address mask), RFC 1122 §3.2.2.1 and RFC 1812
// §5.2.7.1 (unreachable codes), RFC 1191 §4 (next-hop MTU).

import { readUint8, readUint16, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { foldChecksum, sumBytes } from "./checksum.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

const TYPE_AT = 0;
const CODE_AT = 1;
const CHECKSUM_AT = 2;
const IDENTIFIER_AT = 4;
const SEQUENCE_AT = 6;
const ORIGINATE_AT = 8;
const RECEIVE_AT = 12;
const TRANSMIT_AT = 16;
const ADDRESS_MASK_AT = 8;

/** Length of the header that all messages share, in bytes; an error's quoted datagram begins behind it. */
export const ICMP_HEADER_BYTES = 8;
/** Length of a timestamp request or reply, in bytes. */
export const ICMP_TIMESTAMP_BYTES = 20;
/** Length of an address mask request or reply, in bytes. */
export const ICMP_ADDRESS_MASK_BYTES = 12;

/** Type: echo reply. */
export const ICMP_ECHO_REPLY = 0;
/** Type: destination unreachable, an error; see ICMP_…_UNREACHABLE and the like for its codes. */
export const ICMP_UNREACHABLE = 3;
/** Type: source quench, an error that nobody should send any more (RFC 6633). */
export const ICMP_SOURCE_QUENCH = 4;
/** Type: redirect, an error. */
export const ICMP_REDIRECT = 5;
/** Type: echo request. */
export const ICMP_ECHO = 8;
/** Type: time exceeded, an error; code 0 in transit, 1 in reassembly. */
export const ICMP_TIME_EXCEEDED = 11;
/** Type: parameter problem, an error. */
export const ICMP_PARAMETER_PROBLEM = 12;
/** Type: timestamp request. */
export const ICMP_TIMESTAMP = 13;
/** Type: timestamp reply. */
export const ICMP_TIMESTAMP_REPLY = 14;
/** Type: address mask request (RFC 950). */
export const ICMP_ADDRESS_MASK = 17;
/** Type: address mask reply (RFC 950). */
export const ICMP_ADDRESS_MASK_REPLY = 18;

/** Code of unreachable: no route to the network. */
export const ICMP_NETWORK_UNREACHABLE = 0;
/** Code of unreachable: the host does not answer. */
export const ICMP_HOST_UNREACHABLE = 1;
/** Code of unreachable: the host does not know the protocol. */
export const ICMP_PROTOCOL_UNREACHABLE = 2;
/** Code of unreachable: nobody listens on the port. */
export const ICMP_PORT_UNREACHABLE = 3;
/** Code of unreachable: larger than the next hop takes, and may not be fragmented. */
export const ICMP_FRAGMENTATION_NEEDED = 4;
/** Code of unreachable: the network is administratively prohibited. */
export const ICMP_NETWORK_PROHIBITED = 9;
/** Code of unreachable: the host is administratively prohibited. */
export const ICMP_HOST_PROHIBITED = 10;
/** Code of unreachable: communication is administratively prohibited (RFC 1812), a filter's answer. */
export const ICMP_ADMINISTRATIVELY_PROHIBITED = 13;

/** An ICMP message. Positions are indexes into the bytes that were read. */
export interface Icmpv4View {
  type: number;
  code: number;
  /** Bytes 4 and 5, whatever the type; an identifier in queries and replies only. */
  identifier: number;
  /** Bytes 6 and 7, whatever the type; the next hop's MTU in bytes in "fragmentation needed" (RFC 1191). */
  sequence: number;
  /** Behind the 8 bytes of header: an error's quoted datagram, a query's data. */
  bodyAt: number;
  bodyEnd: number;
}

/** What tells one query from another; a plain object that the caller reuses. */
export interface IcmpQueryFields {
  /** 0 to 65535. */
  identifier: number;
  /** 0 to 65535. */
  sequence: number;
}

/** A timestamp request; all times are milliseconds since midnight UT (RFC 792). */
export interface IcmpTimestampFields extends IcmpQueryFields {
  originateMs: number;
}

/** A timestamp reply. */
export interface IcmpTimestampReplyFields extends IcmpTimestampFields {
  receiveMs: number;
  transmitMs: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createIcmpv4View(): Icmpv4View {
  return { type: 0, code: 0, identifier: 0, sequence: 0, bodyAt: 0, bodyEnd: 0 };
}

/** Whether a message of this type reports an error and so quotes a datagram in its body (RFC 1122 §3.2.2). */
export function isIcmpError(type: number): boolean {
  return (
    type === ICMP_UNREACHABLE ||
    type === ICMP_SOURCE_QUENCH ||
    type === ICMP_REDIRECT ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETER_PROBLEM
  );
}

/**
 * Reads the ICMP message `bytes[at..end)`. CUT below 8 bytes, or what a timestamp or address mask message needs;
 * BAD_CHECKSUM over all of it. Types and codes are not judged. A quoted datagram is for `readIpv4` with `mayBeCut`.
 */
export function readIcmpv4(bytes: Uint8Array, at: number, end: number, view: Icmpv4View): ReadResult {
  if (end - at < ICMP_HEADER_BYTES) {
    return ReadFault.CUT;
  }
  const type = readUint8(bytes, at + TYPE_AT);
  if (end - at < leastBytesOfType(type)) {
    return ReadFault.CUT;
  }
  if (foldChecksum(sumBytes(bytes, at, end)) !== 0) {
    return ReadFault.BAD_CHECKSUM;
  }
  view.type = type;
  view.code = readUint8(bytes, at + CODE_AT);
  view.identifier = readUint16(bytes, at + IDENTIFIER_AT);
  view.sequence = readUint16(bytes, at + SEQUENCE_AT);
  view.bodyAt = at + ICMP_HEADER_BYTES;
  view.bodyEnd = end;
  return READ_OK;
}

function leastBytesOfType(type: number): number {
  switch (type) {
    case ICMP_TIMESTAMP:
    case ICMP_TIMESTAMP_REPLY:
      return ICMP_TIMESTAMP_BYTES;
    case ICMP_ADDRESS_MASK:
    case ICMP_ADDRESS_MASK_REPLY:
      return ICMP_ADDRESS_MASK_BYTES;
    default:
      return ICMP_HEADER_BYTES;
  }
}

/** Writes an echo request with `payloadBytes` zero bytes of data and returns its bytes. */
export function writeIcmpEcho(
  fields: Readonly<IcmpQueryFields>,
  payloadBytes: number,
  out: Uint8Array,
  at: number,
): number {
  return writeEcho(ICMP_ECHO, fields, payloadBytes, out, at);
}

/** Writes an echo reply with `payloadBytes` zero bytes of data and returns its bytes. */
export function writeIcmpEchoReply(
  fields: Readonly<IcmpQueryFields>,
  payloadBytes: number,
  out: Uint8Array,
  at: number,
): number {
  return writeEcho(ICMP_ECHO_REPLY, fields, payloadBytes, out, at);
}

/** Writes a timestamp request, its other two times zero, and returns its 20 bytes. */
export function writeIcmpTimestamp(fields: Readonly<IcmpTimestampFields>, out: Uint8Array, at: number): number {
  writeQueryHead(ICMP_TIMESTAMP, fields, out, at);
  writeUint32(out, at + ORIGINATE_AT, fields.originateMs);
  writeUint32(out, at + RECEIVE_AT, 0);
  writeUint32(out, at + TRANSMIT_AT, 0);
  return finish(out, at, ICMP_TIMESTAMP_BYTES);
}

/** Writes a timestamp reply and returns its 20 bytes. */
export function writeIcmpTimestampReply(
  fields: Readonly<IcmpTimestampReplyFields>,
  out: Uint8Array,
  at: number,
): number {
  writeQueryHead(ICMP_TIMESTAMP_REPLY, fields, out, at);
  writeUint32(out, at + ORIGINATE_AT, fields.originateMs);
  writeUint32(out, at + RECEIVE_AT, fields.receiveMs);
  writeUint32(out, at + TRANSMIT_AT, fields.transmitMs);
  return finish(out, at, ICMP_TIMESTAMP_BYTES);
}

/** Writes an address mask request, its mask zero, and returns its 12 bytes. */
export function writeIcmpAddressMask(fields: Readonly<IcmpQueryFields>, out: Uint8Array, at: number): number {
  writeQueryHead(ICMP_ADDRESS_MASK, fields, out, at);
  writeUint32(out, at + ADDRESS_MASK_AT, 0);
  return finish(out, at, ICMP_ADDRESS_MASK_BYTES);
}

/**
 * Writes an error that quotes all of `quoted`, an IPv4 datagram from its header on, and returns 8 bytes more than that.
 * Real systems quote the header and 8 bytes (RFC 792) or up to 576 bytes in all (RFC 1812): the caller cuts.
 */
export function writeIcmpError(type: number, code: number, quoted: Uint8Array, out: Uint8Array, at: number): number {
  writeUint8(out, at + TYPE_AT, type);
  writeUint8(out, at + CODE_AT, code);
  writeUint32(out, at + IDENTIFIER_AT, 0);
  out.set(quoted, at + ICMP_HEADER_BYTES);
  return finish(out, at, ICMP_HEADER_BYTES + quoted.length);
}

function writeEcho(
  type: number,
  fields: Readonly<IcmpQueryFields>,
  payloadBytes: number,
  out: Uint8Array,
  at: number,
): number {
  writeQueryHead(type, fields, out, at);
  out.fill(0, at + ICMP_HEADER_BYTES, at + ICMP_HEADER_BYTES + payloadBytes);
  return finish(out, at, ICMP_HEADER_BYTES + payloadBytes);
}

function writeQueryHead(type: number, fields: Readonly<IcmpQueryFields>, out: Uint8Array, at: number): void {
  writeUint8(out, at + TYPE_AT, type);
  writeUint8(out, at + CODE_AT, 0);
  writeUint16(out, at + IDENTIFIER_AT, fields.identifier);
  writeUint16(out, at + SEQUENCE_AT, fields.sequence);
}

/** Writes the checksum over all `messageBytes` and returns them. */
function finish(out: Uint8Array, at: number, messageBytes: number): number {
  writeUint16(out, at + CHECKSUM_AT, 0);
  writeUint16(out, at + CHECKSUM_AT, foldChecksum(sumBytes(out, at, at + messageBytes)));
  return messageBytes;
}
