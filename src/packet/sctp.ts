// SCTP packets and their first chunk: RFC 9260 §3 (format), §3.3.2, §3.3.3, §3.3.7, §3.3.11 (INIT, INIT ACK, ABORT,
// COOKIE ECHO), §6.8 (checksum), §8.5 (verification tag); as quoted in ICMP errors: §10.

import { readUint8, readUint16, readUint32, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { crc32c } from "./crc32c.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

const SOURCE_PORT_AT = 0;
const TARGET_PORT_AT = 2;
const VERIFICATION_TAG_AT = 4;

/** From the chunk's start. */
const CHUNK_TYPE_AT = 0;
const CHUNK_FLAGS_AT = 1;
const CHUNK_BYTES_AT = 2;
const CHUNK_HEADER_BYTES = 4;
const CHUNK_ALIGNMENT_BYTES = 4;

/** From the chunk's start, in INIT and INIT ACK. */
const INITIATE_TAG_AT = 4;
const WINDOW_BYTES_AT = 8;
const OUTBOUND_STREAM_COUNT_AT = 12;
const INBOUND_STREAM_COUNT_AT = 14;
const INITIAL_SEQUENCE_AT = 16;
const INIT_BYTES = 20;

/** At least 1,500 (RFC 9260 §3.3.2); how much does not matter, for nothing is ever sent. */
const WINDOW_BYTES = 65_536;
/** Each way; 0 would be refused (RFC 9260 §3.3.2). */
const STREAM_COUNT = 1;

const PARAMETER_STATE_COOKIE = 7;
const PARAMETER_HEADER_BYTES = 4;

/** Stands for the checksum while that is computed (RFC 9260 §6.8). */
const NO_CHECKSUM: Uint8Array = new Uint8Array(4);

/** Protocol number of SCTP. */
export const PROTOCOL_SCTP = 132;
/** Where the checksum stands, in bytes from the packet's start. */
export const SCTP_CHECKSUM_AT = 8;
/** Length of the common header, in bytes; the first chunk begins here. */
export const SCTP_HEADER_BYTES = 12;
/** What an ICMP error must quote of a packet, in bytes: ports and verification tag (RFC 792). */
export const SCTP_QUOTE_BYTES = 8;
/** Length of a packet that holds an INIT without parameters, in bytes. */
export const SCTP_INIT_PACKET_BYTES: number = SCTP_HEADER_BYTES + INIT_BYTES;

/** Chunk type: opens an association. */
export const SCTP_INIT = 1;
/** Chunk type: answers INIT, and brings a cookie. */
export const SCTP_INIT_ACK = 2;
/** Chunk type: there is no such association, or no longer. */
export const SCTP_ABORT = 6;
/** Chunk type: tells what was wrong, for one that the cookie is stale. */
export const SCTP_ERROR = 9;
/** Chunk type: brings the cookie back. */
export const SCTP_COOKIE_ECHO = 10;
/** Chunk type: answers COOKIE ECHO. */
export const SCTP_COOKIE_ACK = 11;

/** Flag of ABORT (the T bit): its tag is not the receiver's, but the one that it sent itself. */
export const SCTP_TAG_REFLECTED = 0x01;

/** An SCTP packet and its first chunk. Positions are indexes into the bytes that were read. */
export interface SctpView {
  sourcePort: number;
  targetPort: number;
  /** Unsigned 32 bits; 0 in a packet with an INIT. */
  verificationTag: number;
  /** SCTP_INIT and the like, or any other number, unjudged. */
  chunkType: number;
  /** Eight bits that each type has a meaning of its own for. */
  chunkFlags: number;
  /** Where the chunk begins: at its type. */
  chunkAt: number;
  /** Where it ends by its own length; padding and further chunks follow. */
  chunkEnd: number;
  /** Unsigned 32 bits: what INIT and INIT ACK want to find as verification tag in packets to them; else 0. */
  initiateTag: number;
}

/** What every packet says; a plain object that the caller reuses. */
export interface SctpFields {
  sourcePort: number;
  targetPort: number;
  /** 32 bits. */
  verificationTag: number;
}

/** What an INIT says; its verification tag is 0. */
export interface SctpInitFields {
  sourcePort: number;
  targetPort: number;
  /** 32 bits, not 0. */
  initiateTag: number;
  /** The first TSN, 32 bits. */
  initialSequence: number;
}

/** What an INIT ACK says; its verification tag is the INIT's initiate tag. */
export interface SctpInitAckFields extends SctpInitFields {
  verificationTag: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createSctpView(): SctpView {
  return {
    sourcePort: 0,
    targetPort: 0,
    verificationTag: 0,
    chunkType: 0,
    chunkFlags: 0,
    chunkAt: 0,
    chunkEnd: 0,
    initiateTag: 0,
  };
}

/**
 * Reads the SCTP packet `bytes[at..end)` up to its first chunk, without which there is no packet. CUT when header or
 * chunk pass `end`, MALFORMED when the chunk's length has no room for its own header or an INIT's fields. BAD_CHECKSUM
 * over all of the packet, unless `isChecksumTrusted`: this machine's own packets may not have been finished by a card.
 */
export function readSctp(
  bytes: Uint8Array,
  at: number,
  end: number,
  isChecksumTrusted: boolean,
  view: SctpView,
): ReadResult {
  const chunkAt = at + SCTP_HEADER_BYTES;
  if (end - chunkAt < CHUNK_HEADER_BYTES) {
    return ReadFault.CUT;
  }
  const chunkType = readUint8(bytes, chunkAt + CHUNK_TYPE_AT);
  const chunkBytes = readUint16(bytes, chunkAt + CHUNK_BYTES_AT);
  const isInit = hasInitiateTag(chunkType);
  if (chunkBytes < (isInit ? INIT_BYTES : CHUNK_HEADER_BYTES)) {
    return ReadFault.MALFORMED;
  }
  if (end - chunkAt < chunkBytes) {
    return ReadFault.CUT;
  }
  if (!isChecksumTrusted && readUint32(bytes, at + SCTP_CHECKSUM_AT) !== packetChecksum(bytes, at, end)) {
    return ReadFault.BAD_CHECKSUM;
  }
  readPortsAndTag(bytes, at, view);
  view.chunkType = chunkType;
  view.chunkFlags = readUint8(bytes, chunkAt + CHUNK_FLAGS_AT);
  view.chunkAt = chunkAt;
  view.chunkEnd = chunkAt + chunkBytes;
  view.initiateTag = isInit ? readUint32(bytes, chunkAt + INITIATE_TAG_AT) : 0;
  return READ_OK;
}

/**
 * Reads ports and verification tag of a packet quoted in an ICMP error, for which 8 bytes are enough (else CUT). An
 * INIT's verification tag is 0; where 20 bytes were quoted, as RFC 9260 §10 wishes, its initiate tag is read as well.
 * All other fields are set to 0, and the chunk is empty.
 */
export function readSctpQuote(bytes: Uint8Array, at: number, end: number, view: SctpView): ReadResult {
  if (end - at < SCTP_QUOTE_BYTES) {
    return ReadFault.CUT;
  }
  const tagAt = at + SCTP_HEADER_BYTES + INITIATE_TAG_AT;
  const isTagQuoted = end - tagAt >= 4 && hasInitiateTag(readUint8(bytes, at + SCTP_HEADER_BYTES + CHUNK_TYPE_AT));
  readPortsAndTag(bytes, at, view);
  view.chunkType = 0;
  view.chunkFlags = 0;
  view.chunkAt = end;
  view.chunkEnd = end;
  view.initiateTag = isTagQuoted ? readUint32(bytes, tagAt) : 0;
  return READ_OK;
}

function hasInitiateTag(chunkType: number): boolean {
  return chunkType === SCTP_INIT || chunkType === SCTP_INIT_ACK;
}

function readPortsAndTag(bytes: Uint8Array, at: number, view: SctpView): void {
  view.sourcePort = readUint16(bytes, at + SOURCE_PORT_AT);
  view.targetPort = readUint16(bytes, at + TARGET_PORT_AT);
  view.verificationTag = readUint32(bytes, at + VERIFICATION_TAG_AT);
}

/** Writes a packet with an INIT without parameters and returns its 32 bytes. */
export function writeSctpInit(fields: Readonly<SctpInitFields>, out: Uint8Array, at: number): number {
  writePortsAndTag(fields.sourcePort, fields.targetPort, 0, out, at);
  writeChunkHeader(SCTP_INIT, 0, INIT_BYTES, out, at + SCTP_HEADER_BYTES);
  writeInitFields(fields, out, at + SCTP_HEADER_BYTES);
  return finish(out, at, INIT_BYTES);
}

/** Writes a packet with an INIT ACK that holds nothing but `cookie`, and returns its bytes. */
export function writeSctpInitAck(
  fields: Readonly<SctpInitAckFields>,
  cookie: Uint8Array,
  out: Uint8Array,
  at: number,
): number {
  const chunkAt = at + SCTP_HEADER_BYTES;
  const parameterAt = chunkAt + INIT_BYTES;
  const chunkBytes = INIT_BYTES + PARAMETER_HEADER_BYTES + cookie.length;
  writePortsAndTag(fields.sourcePort, fields.targetPort, fields.verificationTag, out, at);
  writeChunkHeader(SCTP_INIT_ACK, 0, chunkBytes, out, chunkAt);
  writeInitFields(fields, out, chunkAt);
  writeUint16(out, parameterAt, PARAMETER_STATE_COOKIE);
  writeUint16(out, parameterAt + 2, PARAMETER_HEADER_BYTES + cookie.length);
  out.set(cookie, parameterAt + PARAMETER_HEADER_BYTES);
  return finish(out, at, chunkBytes);
}

/** Writes a packet with a COOKIE ECHO and returns its bytes. */
export function writeSctpCookieEcho(
  fields: Readonly<SctpFields>,
  cookie: Uint8Array,
  out: Uint8Array,
  at: number,
): number {
  const chunkBytes = CHUNK_HEADER_BYTES + cookie.length;
  writePortsAndTag(fields.sourcePort, fields.targetPort, fields.verificationTag, out, at);
  writeChunkHeader(SCTP_COOKIE_ECHO, 0, chunkBytes, out, at + SCTP_HEADER_BYTES);
  out.set(cookie, at + SCTP_HEADER_BYTES + CHUNK_HEADER_BYTES);
  return finish(out, at, chunkBytes);
}

/** Writes a packet with an ABORT without causes, `flags` being 0 or {@link SCTP_TAG_REFLECTED}; returns its 16 bytes. */
export function writeSctpAbort(fields: Readonly<SctpFields>, flags: number, out: Uint8Array, at: number): number {
  writePortsAndTag(fields.sourcePort, fields.targetPort, fields.verificationTag, out, at);
  writeChunkHeader(SCTP_ABORT, flags, CHUNK_HEADER_BYTES, out, at + SCTP_HEADER_BYTES);
  return finish(out, at, CHUNK_HEADER_BYTES);
}

function writePortsAndTag(
  sourcePort: number,
  targetPort: number,
  verificationTag: number,
  out: Uint8Array,
  at: number,
): void {
  writeUint16(out, at + SOURCE_PORT_AT, sourcePort);
  writeUint16(out, at + TARGET_PORT_AT, targetPort);
  writeUint32(out, at + VERIFICATION_TAG_AT, verificationTag);
}

function writeChunkHeader(type: number, flags: number, chunkBytes: number, out: Uint8Array, chunkAt: number): void {
  writeUint8(out, chunkAt + CHUNK_TYPE_AT, type);
  writeUint8(out, chunkAt + CHUNK_FLAGS_AT, flags);
  writeUint16(out, chunkAt + CHUNK_BYTES_AT, chunkBytes);
}

function writeInitFields(fields: Readonly<SctpInitFields>, out: Uint8Array, chunkAt: number): void {
  writeUint32(out, chunkAt + INITIATE_TAG_AT, fields.initiateTag);
  writeUint32(out, chunkAt + WINDOW_BYTES_AT, WINDOW_BYTES);
  writeUint16(out, chunkAt + OUTBOUND_STREAM_COUNT_AT, STREAM_COUNT);
  writeUint16(out, chunkAt + INBOUND_STREAM_COUNT_AT, STREAM_COUNT);
  writeUint32(out, chunkAt + INITIAL_SEQUENCE_AT, fields.initialSequence);
}

/** Pads the only chunk with zeros to a multiple of 4 bytes (RFC 9260 §3.2), writes the checksum, returns all bytes. */
function finish(out: Uint8Array, at: number, chunkBytes: number): number {
  const paddedBytes = Math.ceil(chunkBytes / CHUNK_ALIGNMENT_BYTES) * CHUNK_ALIGNMENT_BYTES;
  const packetBytes = SCTP_HEADER_BYTES + paddedBytes;
  out.fill(0, at + SCTP_HEADER_BYTES + chunkBytes, at + packetBytes);
  writeSctpChecksum(out, at, at + packetBytes);
  return packetBytes;
}

/** Computes and writes the checksum of the packet `out[at..end)`, for who changes one. */
export function writeSctpChecksum(out: Uint8Array, at: number, end: number): void {
  writeUint32(out, at + SCTP_CHECKSUM_AT, packetChecksum(out, at, end));
}

/** What {@link readUint32} should find at the checksum: the CRC travels with its lowest byte first. */
function packetChecksum(bytes: Uint8Array, at: number, end: number): number {
  const head = crc32c(bytes, at, at + SCTP_CHECKSUM_AT);
  const crc = crc32c(bytes, at + SCTP_HEADER_BYTES, end, crc32c(NO_CHECKSUM, 0, NO_CHECKSUM.length, head));
  return ((crc << 24) | ((crc & 0xff00) << 8) | ((crc >>> 8) & 0xff00) | (crc >>> 24)) >>> 0;
}
