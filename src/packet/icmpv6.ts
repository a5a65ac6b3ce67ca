// ICMPv6 messages: RFC 4443 §2.1 (format), §2.3 (checksum), §3 (errors), §4 (echo). Neighbour discovery and MLD have
// files of their own.

import { readUint8, readUint16, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { foldChecksum, sumBytes } from "./checksum.js";
import { PROTOCOL_ICMPV6 } from "./ipv6.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

const TYPE_AT = 0;
const CODE_AT = 1;
const CHECKSUM_AT = 2;
const IDENTIFIER_AT = 4;
const MTU_OR_POINTER_AT = 4;
const SEQUENCE_AT = 6;

/** Length of the header that all messages share, in bytes; an error's quoted datagram begins behind it. */
export const ICMPV6_HEADER_BYTES = 8;

/** Type: destination unreachable, an error; see ICMPV6_…_UNREACHABLE and the like for its codes. */
export const ICMPV6_UNREACHABLE = 1;
/** Type: larger than the next hop takes, an error. */
export const ICMPV6_PACKET_TOO_BIG = 2;
/** Type: time exceeded, an error; code 0 in transit, 1 in reassembly. */
export const ICMPV6_TIME_EXCEEDED = 3;
/** Type: parameter problem, an error; see {@link ICMPV6_UNKNOWN_NEXT_HEADER} for a code. */
export const ICMPV6_PARAMETER_PROBLEM = 4;
/** Type: echo request. */
export const ICMPV6_ECHO = 128;
/** Type: echo reply. */
export const ICMPV6_ECHO_REPLY = 129;

/** Code of unreachable: no route to the target. */
export const ICMPV6_NO_ROUTE = 0;
/** Code of unreachable: communication is administratively prohibited, a filter's answer. */
export const ICMPV6_ADMINISTRATIVELY_PROHIBITED = 1;
/** Code of unreachable: the target is beyond the scope of the source's address. */
export const ICMPV6_BEYOND_SCOPE = 2;
/** Code of unreachable: the host does not answer, or any other reason. */
export const ICMPV6_ADDRESS_UNREACHABLE = 3;
/** Code of unreachable: nobody listens on the port. */
export const ICMPV6_PORT_UNREACHABLE = 4;
/** Code of unreachable: a policy forbids the source's address. */
export const ICMPV6_SOURCE_POLICY_FAILED = 5;
/** Code of unreachable: a route says to reject the target. */
export const ICMPV6_ROUTE_REJECTED = 6;

/** Code of parameter problem: a header field is wrong. */
export const ICMPV6_BAD_HEADER = 0;
/** Code of parameter problem: the host does not know the protocol, what ICMP calls "protocol unreachable". */
export const ICMPV6_UNKNOWN_NEXT_HEADER = 1;
/** Code of parameter problem: the host does not know an option. */
export const ICMPV6_UNKNOWN_OPTION = 2;

/** An ICMPv6 message. Positions are indexes into the bytes that were read. */
export interface Icmpv6View {
  type: number;
  code: number;
  /** Bytes 4 and 5, whatever the type; an identifier in echoes only. */
  identifier: number;
  /** Bytes 6 and 7, whatever the type; the low half of "packet too big"'s MTU in bytes. */
  sequence: number;
  /** Behind the 8 bytes of header: an error's quoted datagram, an echo's data. */
  bodyAt: number;
  bodyEnd: number;
}

/** What tells one echo from another; a plain object that the caller reuses. */
export interface Icmpv6EchoFields {
  /** 0 to 65535. */
  identifier: number;
  /** 0 to 65535. */
  sequence: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createIcmpv6View(): Icmpv6View {
  return { type: 0, code: 0, identifier: 0, sequence: 0, bodyAt: 0, bodyEnd: 0 };
}

/** Whether a message of this type, known or not, reports an error and so quotes a datagram (RFC 4443 §2.1, §2.4). */
export function isIcmpv6Error(type: number): boolean {
  return type < 128;
}

/**
 * Reads the ICMPv6 message `bytes[at..end)`. CUT below 8 bytes; BAD_CHECKSUM over all of it and the pseudo header,
 * unless `isChecksumTrusted`: this machine's own may not have been finished by a card. `addressSum` is the partial sum
 * of both addresses. Types and codes are not judged. A quoted datagram is for `readIpv6` with `mayBeCut`.
 */
export function readIcmpv6(
  bytes: Uint8Array,
  at: number,
  end: number,
  addressSum: number,
  isChecksumTrusted: boolean,
  view: Icmpv6View,
): ReadResult {
  if (end - at < ICMPV6_HEADER_BYTES) {
    return ReadFault.CUT;
  }
  if (!isChecksumTrusted && messageChecksum(bytes, at, end, addressSum) !== 0) {
    return ReadFault.BAD_CHECKSUM;
  }
  view.type = readUint8(bytes, at + TYPE_AT);
  view.code = readUint8(bytes, at + CODE_AT);
  view.identifier = readUint16(bytes, at + IDENTIFIER_AT);
  view.sequence = readUint16(bytes, at + SEQUENCE_AT);
  view.bodyAt = at + ICMPV6_HEADER_BYTES;
  view.bodyEnd = end;
  return READ_OK;
}

/** Writes an echo request with `payloadBytes` zero bytes of data and returns its bytes. */
export function writeIcmpv6Echo(
  fields: Readonly<Icmpv6EchoFields>,
  payloadBytes: number,
  addressSum: number,
  out: Uint8Array,
  at: number,
): number {
  return writeEcho(ICMPV6_ECHO, fields, payloadBytes, addressSum, out, at);
}

/** Writes an echo reply with `payloadBytes` zero bytes of data and returns its bytes. */
export function writeIcmpv6EchoReply(
  fields: Readonly<Icmpv6EchoFields>,
  payloadBytes: number,
  addressSum: number,
  out: Uint8Array,
  at: number,
): number {
  return writeEcho(ICMPV6_ECHO_REPLY, fields, payloadBytes, addressSum, out, at);
}

/**
 * Writes an error that quotes all of `quoted`, an IPv6 datagram from its header on, and returns 8 bytes more than that.
 * `mtuOrPointer` is what packet too big and parameter problem have to say. Real systems quote as much as fits into 1,280
 * bytes in all (RFC 4443 §2.4): the caller cuts.
 */
export function writeIcmpv6Error(
  type: number,
  code: number,
  quoted: Uint8Array,
  addressSum: number,
  out: Uint8Array,
  at: number,
  mtuOrPointer = 0,
): number {
  writeUint32(out, at + MTU_OR_POINTER_AT, mtuOrPointer);
  out.set(quoted, at + ICMPV6_HEADER_BYTES);
  return writeIcmpv6Head(type, code, ICMPV6_HEADER_BYTES + quoted.length, addressSum, out, at);
}

function writeEcho(
  type: number,
  fields: Readonly<Icmpv6EchoFields>,
  payloadBytes: number,
  addressSum: number,
  out: Uint8Array,
  at: number,
): number {
  writeUint16(out, at + IDENTIFIER_AT, fields.identifier);
  writeUint16(out, at + SEQUENCE_AT, fields.sequence);
  out.fill(0, at + ICMPV6_HEADER_BYTES, at + ICMPV6_HEADER_BYTES + payloadBytes);
  return writeIcmpv6Head(type, 0, ICMPV6_HEADER_BYTES + payloadBytes, addressSum, out, at);
}

/**
 * Completes a message of `messageBytes` whose bytes from the fifth on are written: puts type, code and checksum before
 * them, and returns `messageBytes`. `addressSum` is the partial sum of the addresses of the IP header it will follow.
 */
export function writeIcmpv6Head(
  type: number,
  code: number,
  messageBytes: number,
  addressSum: number,
  out: Uint8Array,
  at: number,
): number {
  writeUint8(out, at + TYPE_AT, type);
  writeUint8(out, at + CODE_AT, code);
  writeUint16(out, at + CHECKSUM_AT, 0);
  writeUint16(out, at + CHECKSUM_AT, messageChecksum(out, at, at + messageBytes, addressSum));
  return messageBytes;
}

function messageChecksum(bytes: Uint8Array, at: number, end: number, addressSum: number): number {
  return foldChecksum(sumBytes(bytes, at, end, addressSum + PROTOCOL_ICMPV6 + (end - at)));
}
