// IPv6 headers: RFC 8200 §3 (format) and §4 (extension headers), RFC 4302 §2 (AH); as quoted in ICMPv6 errors: RFC 4443
// §2.4. A fragment that is alone is no fragment: RFC 6946.

import { readUint8, readUint16, readUint32, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

const VERSION_CLASS_AND_FLOW_AT = 0;
const NEXT_HEADER_AT = 6;
const HOP_LIMIT_AT = 7;
const VERSION = 6;

const EXTENSION_NEXT_HEADER_AT = 0;
const EXTENSION_LENGTH_AT = 1;
const FRAGMENT_OFFSET_AT = 2;
const FRAGMENT_MORE = 1;
/** The least that an extension header has, and the unit in which most say their length. */
const EXTENSION_UNIT_BYTES = 8;
/** RFC 8200 §4.1 wants each kind once, destination options twice: six. More than twice that is no honest packet. */
const EXTENSIONS_MAX_COUNT = 12;

const PROTOCOL_ROUTING = 43;
const PROTOCOL_AUTHENTICATION = 51;

/** Where the payload length stands, in bytes from the header's start; extension headers count as payload. */
export const IPV6_PAYLOAD_BYTES_AT = 4;
/** Where the source's address begins, in bytes from the header's start; the target's follows at once. */
export const IPV6_SOURCE_AT = 8;
/** Where the target's address begins, in bytes from the header's start: what a transmit guard looks at. */
export const IPV6_TARGET_AT = 24;
/** Length of the header without extension headers, in bytes. */
export const IPV6_HEADER_BYTES = 40;
/** Length of an address, in bytes. */
export const IPV6_ADDRESS_BYTES = 16;

/** Protocol number of the hop-by-hop options, an extension header. */
export const PROTOCOL_HOP_BY_HOP = 0;
/** Protocol number of the fragment header, an extension header. */
export const PROTOCOL_FRAGMENT = 44;
/** Protocol number of ICMPv6. */
export const PROTOCOL_ICMPV6 = 58;
/** Protocol number that says that nothing follows. */
export const PROTOCOL_NO_NEXT_HEADER = 59;
/** Protocol number of the destination options, an extension header. */
export const PROTOCOL_DESTINATION_OPTIONS = 60;

/** An IPv6 header and its extension headers. Positions are indexes into the bytes that were read. */
export interface Ipv6View {
  trafficClass: number;
  /** 20 bits. */
  flowLabel: number;
  hopLimit: number;
  /** What the payload is: the upper layer's protocol, or in a later fragment what the first one begins with. */
  protocol: number;
  /** Where the source's 16 bytes begin. */
  sourceAt: number;
  /** Where the target's 16 bytes begin. */
  targetAt: number;
  /** Behind all extension headers. */
  payloadAt: number;
  payloadEnd: number;
  /** In units of 8 bytes, as on the wire; not 0 means that the payload does not begin with a transport header. */
  fragmentOffset: number;
  /** Whether there is more of this datagram in other packets. */
  isFragment: boolean;
}

/** What a header to be written says; a plain object that the caller reuses. */
export interface Ipv6Fields {
  /** 20 bits. */
  flowLabel: number;
  /** 0 to 255. */
  hopLimit: number;
  /** What follows: a transport, or an extension header that the caller writes. */
  protocol: number;
  /** 16 bytes. */
  source: Uint8Array;
  /** 16 bytes. */
  target: Uint8Array;
  /** Bytes after the header, 0 to 65535. */
  payloadBytes: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createIpv6View(): Ipv6View {
  return {
    trafficClass: 0,
    flowLabel: 0,
    hopLimit: 0,
    protocol: 0,
    sourceAt: 0,
    targetAt: 0,
    payloadAt: 0,
    payloadEnd: 0,
    fragmentOffset: 0,
    isFragment: false,
  };
}

/** Copies an address of 16 bytes without allocating. */
export function copyIpv6Address(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
  for (let index = 0; index < IPV6_ADDRESS_BYTES; index += 1) {
    writeUint8(to, toAt + index, readUint8(from, fromAt + index));
  }
}

/**
 * Reads the IPv6 header at `at` and walks its extension headers. The payload ends where the payload length says, since
 * short Ethernet frames are padded. UNSUPPORTED when the version is not 6 or there are too many extension headers, CUT
 * when one of the headers or the payload length passes `end`; so a jumbogram, whose payload length is 0, is CUT, too.
 *
 * `mayBeCut` is for a datagram quoted in an ICMPv6 error: only its headers must be there, and then the payload ends at
 * `end` at the latest.
 */
export function readIpv6(bytes: Uint8Array, at: number, end: number, view: Ipv6View, mayBeCut = false): ReadResult {
  const availableBytes = end - at;
  if (availableBytes < IPV6_HEADER_BYTES) return ReadFault.CUT;
  const versionClassAndFlow = readUint32(bytes, at + VERSION_CLASS_AND_FLOW_AT);
  if (versionClassAndFlow >>> 28 !== VERSION) return ReadFault.UNSUPPORTED;
  const totalBytes = IPV6_HEADER_BYTES + readUint16(bytes, at + IPV6_PAYLOAD_BYTES_AT);
  if (totalBytes > availableBytes && !mayBeCut) return ReadFault.CUT;
  view.trafficClass = (versionClassAndFlow >>> 20) & 0xff;
  view.flowLabel = versionClassAndFlow & 0xf_ffff;
  view.hopLimit = readUint8(bytes, at + HOP_LIMIT_AT);
  view.protocol = readUint8(bytes, at + NEXT_HEADER_AT);
  view.sourceAt = at + IPV6_SOURCE_AT;
  view.targetAt = at + IPV6_TARGET_AT;
  view.payloadAt = at + IPV6_HEADER_BYTES;
  view.payloadEnd = Math.min(at + totalBytes, end);
  view.fragmentOffset = 0;
  view.isFragment = false;
  return skipExtensions(bytes, view);
}

/**
 * Moves the view's protocol and payload behind the extension headers. A later fragment's payload begins in the middle
 * of something, so the walk ends there, as it does at ESP, which hides what follows.
 */
function skipExtensions(bytes: Uint8Array, view: Ipv6View): ReadResult {
  for (let count = 0; isExtension(view.protocol) && view.fragmentOffset === 0; count += 1) {
    if (count === EXTENSIONS_MAX_COUNT) return ReadFault.UNSUPPORTED;
    const at = view.payloadAt;
    if (view.payloadEnd - at < EXTENSION_UNIT_BYTES) return ReadFault.CUT;
    const extensionBytes = bytesOfExtension(view.protocol, readUint8(bytes, at + EXTENSION_LENGTH_AT));
    if (view.payloadEnd - at < extensionBytes) return ReadFault.CUT;
    if (view.protocol === PROTOCOL_FRAGMENT) {
      const offsetAndMore = readUint16(bytes, at + FRAGMENT_OFFSET_AT);
      view.fragmentOffset = offsetAndMore >>> 3;
      view.isFragment = view.fragmentOffset !== 0 || (offsetAndMore & FRAGMENT_MORE) !== 0;
    }
    view.protocol = readUint8(bytes, at + EXTENSION_NEXT_HEADER_AT);
    view.payloadAt = at + extensionBytes;
  }
  return READ_OK;
}

function isExtension(protocol: number): boolean {
  switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_FRAGMENT:
    case PROTOCOL_AUTHENTICATION:
    case PROTOCOL_DESTINATION_OPTIONS:
      return true;
    default:
      return false;
  }
}

/** At least 8, so that the walk gets on; `length` is the header's second byte, which a fragment header has no use for. */
function bytesOfExtension(protocol: number, length: number): number {
  switch (protocol) {
    case PROTOCOL_FRAGMENT:
      return EXTENSION_UNIT_BYTES;
    case PROTOCOL_AUTHENTICATION:
      return (length + 2) * 4;
    default:
      return (length + 1) * EXTENSION_UNIT_BYTES;
  }
}

/** Writes a header with traffic class 0 and returns its 40 bytes. */
export function writeIpv6(fields: Readonly<Ipv6Fields>, out: Uint8Array, at: number): number {
  writeUint32(out, at + VERSION_CLASS_AND_FLOW_AT, (VERSION << 28) | (fields.flowLabel & 0xf_ffff));
  writeUint16(out, at + IPV6_PAYLOAD_BYTES_AT, fields.payloadBytes);
  writeUint8(out, at + NEXT_HEADER_AT, fields.protocol);
  writeUint8(out, at + HOP_LIMIT_AT, fields.hopLimit);
  copyIpv6Address(fields.source, 0, out, at + IPV6_SOURCE_AT);
  copyIpv6Address(fields.target, 0, out, at + IPV6_TARGET_AT);
  return IPV6_HEADER_BYTES;
}
