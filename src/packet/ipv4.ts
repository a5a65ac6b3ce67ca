// IPv4 headers: RFC 791 §3.1, RFC 1122 §3.2.1; as quoted in ICMP errors: RFC 792, RFC 1812 §4.3.2.3.

import { readUint8, readUint16, readUint32, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { foldChecksum, sumBytes } from "./checksum.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

const VERSION_AND_IHL_AT = 0;
const TYPE_OF_SERVICE_AT = 1;

const IDENTIFICATION_AT = 4;
const FLAGS_AND_OFFSET_AT = 6;
const TTL_AT = 8;
const PROTOCOL_AT = 9;
const CHECKSUM_AT = 10;
const SOURCE_AT = 12;
const VERSION = 4;
/** RFC 792: an error quotes the header and 64 bits of what follows. */
const QUOTED_PAYLOAD_BYTES = 8;

/** Where the total length stands, in bytes from the header's start. */
export const IPV4_TOTAL_BYTES_AT = 2;
/** Where the target's address begins, in bytes from the header's start: what a transmit guard looks at. */
export const IPV4_TARGET_AT = 16;
/** Length of a header without options, in bytes. */
export const IPV4_HEADER_BYTES = 20;

/** Bit of `flags`: more fragments follow. */
export const IPV4_MORE_FRAGMENTS = 0b001;
/** Bit of `flags`: routers may not fragment this datagram. */
export const IPV4_DONT_FRAGMENT = 0b010;

/** Protocol number of ICMP. */
export const PROTOCOL_ICMP = 1;
/** Protocol number of TCP. */
export const PROTOCOL_TCP = 6;
/** Protocol number of UDP. */
export const PROTOCOL_UDP = 17;

/** An IPv4 header. Addresses are unsigned 32-bit numbers, positions are indexes into the bytes that were read. */
export interface Ipv4View {
  /** 20 to 60. */
  headerBytes: number;
  /** Header and payload, as the header says: a quoted datagram may be shorter than this. */
  totalBytes: number;
  identification: number;
  /** The three bits, {@link IPV4_MORE_FRAGMENTS}, {@link IPV4_DONT_FRAGMENT} and the reserved one (4). */
  flags: number;
  /** In units of 8 bytes, as on the wire; not 0 means that the payload does not begin with a transport header. */
  fragmentOffset: number;
  ttl: number;
  protocol: number;
  source: number;
  target: number;
  payloadAt: number;
  payloadEnd: number;
}

/** What a header to be written says; a plain object that the caller reuses. */
export interface Ipv4Fields {
  /** 0 to 65535. */
  identification: number;
  dontFragment: boolean;
  /** 0 to 255. */
  ttl: number;
  protocol: number;
  source: number;
  target: number;
  /** Bytes after the header, 0 to 65515. */
  payloadBytes: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createIpv4View(): Ipv4View {
  return {
    headerBytes: 0,
    totalBytes: 0,
    identification: 0,
    flags: 0,
    fragmentOffset: 0,
    ttl: 0,
    protocol: 0,
    source: 0,
    target: 0,
    payloadAt: 0,
    payloadEnd: 0,
  };
}

/**
 * Reads the IPv4 header at `at`. The payload ends where the total length says, since short Ethernet frames are padded.
 * UNSUPPORTED when the version is not 4, CUT when header or total length pass `end`.
 *
 * `mayBeCut` is for a datagram quoted in an ICMP error: only its header must be there, and then the payload ends at
 * `end`. The checksum is not judged, for routers change the TTL before they quote, nor a total length without room for
 * the 8 bytes that every quote has: some systems quote that field less the header, or byte-swapped (nmap's RIPL test).
 */
export function readIpv4(bytes: Uint8Array, at: number, end: number, view: Ipv4View, mayBeCut = false): ReadResult {
  const availableBytes = end - at;
  if (availableBytes < IPV4_HEADER_BYTES) return ReadFault.CUT;
  const versionAndIhl = readUint8(bytes, at + VERSION_AND_IHL_AT);
  if (versionAndIhl >>> 4 !== VERSION) return ReadFault.UNSUPPORTED;
  const headerBytes = (versionAndIhl & 0xf) * 4;
  if (headerBytes < IPV4_HEADER_BYTES) return ReadFault.MALFORMED;
  if (availableBytes < headerBytes) return ReadFault.CUT;
  const totalBytes = readUint16(bytes, at + IPV4_TOTAL_BYTES_AT);
  if (!mayBeCut) {
    if (totalBytes < headerBytes) return ReadFault.MALFORMED;
    if (totalBytes > availableBytes) return ReadFault.CUT;
    if (foldChecksum(sumBytes(bytes, at, at + headerBytes)) !== 0) return ReadFault.BAD_CHECKSUM;
  }
  const isTotalUsable = totalBytes <= availableBytes && (!mayBeCut || totalBytes >= headerBytes + QUOTED_PAYLOAD_BYTES);
  const flagsAndOffset = readUint16(bytes, at + FLAGS_AND_OFFSET_AT);
  view.headerBytes = headerBytes;
  view.totalBytes = totalBytes;
  view.payloadAt = at + headerBytes;
  view.payloadEnd = isTotalUsable ? at + totalBytes : end;
  view.identification = readUint16(bytes, at + IDENTIFICATION_AT);
  view.flags = flagsAndOffset >>> 13;
  view.fragmentOffset = flagsAndOffset & 0x1fff;
  view.ttl = readUint8(bytes, at + TTL_AT);
  view.protocol = readUint8(bytes, at + PROTOCOL_AT);
  view.source = readUint32(bytes, at + SOURCE_AT);
  view.target = readUint32(bytes, at + IPV4_TARGET_AT);
  return READ_OK;
}

/** Writes a header without options, its checksum included, and returns its 20 bytes. */
export function writeIpv4(fields: Readonly<Ipv4Fields>, out: Uint8Array, at: number): number {
  writeUint8(out, at + VERSION_AND_IHL_AT, (VERSION << 4) | (IPV4_HEADER_BYTES / 4));
  writeUint8(out, at + TYPE_OF_SERVICE_AT, 0);
  writeUint16(out, at + IPV4_TOTAL_BYTES_AT, IPV4_HEADER_BYTES + fields.payloadBytes);
  writeUint16(out, at + IDENTIFICATION_AT, fields.identification);
  writeUint16(out, at + FLAGS_AND_OFFSET_AT, fields.dontFragment ? IPV4_DONT_FRAGMENT << 13 : 0);
  writeUint8(out, at + TTL_AT, fields.ttl);
  writeUint8(out, at + PROTOCOL_AT, fields.protocol);
  writeUint16(out, at + CHECKSUM_AT, 0);
  writeUint32(out, at + SOURCE_AT, fields.source);
  writeUint32(out, at + IPV4_TARGET_AT, fields.target);
  writeUint16(out, at + CHECKSUM_AT, foldChecksum(sumBytes(out, at, at + IPV4_HEADER_BYTES)));
  return IPV4_HEADER_BYTES;
}
