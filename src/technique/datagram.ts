// The network header in front of every probe, of either family, and what it brings back when an ICMP error quotes it.
// IPv4's identification and IPv6's flow label are quoted in full (RFC 792, RFC 4443 §3), and both are free for us to
// choose (RFC 6864 §4.1, RFC 6437 §3): they carry the cookie of techniques whose own first 8 bytes have no room for one.

import { readUint16 } from "../packet/bytes.js";
import { sumBytes } from "../packet/checksum.js";
import { IPV4_HEADER_BYTES, IPV4_TOTAL_BYTES_AT, writeIpv4 } from "../packet/ipv4.js";
import { IPV6_HEADER_BYTES, IPV6_PAYLOAD_BYTES_AT, type Ipv6Fields, writeIpv6 } from "../packet/ipv6.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import type { FrameView } from "./frame-view.js";
import { DEFAULT_TTL, type ProbeSlot } from "./technique.js";

/** The longest header that {@link writeHeader} makes. */
export const HEADER_BYTES_MAX: number = IPV6_HEADER_BYTES;

/** Where both addresses stand in the header: they follow each other. */
const IPV4_ADDRESSES_AT = 12;
const IPV6_ADDRESSES_AT = 8;

const ipv4Fields = {
  identification: 0,
  dontFragment: true,
  ttl: 0,
  protocol: 0,
  source: 0,
  target: 0,
  payloadBytes: 0,
};
const ipv6Fields: Ipv6Fields = {
  flowLabel: 0,
  hopLimit: 0,
  protocol: 0,
  source: new Uint8Array(16),
  target: new Uint8Array(16),
  payloadBytes: 0,
};

/**
 * Writes the header for so many bytes of this protocol. `mark` becomes identification or flow label; 0 for none. Returns
 * the header's length in bytes.
 */
export function writeHeader(
  out: Uint8Array,
  at: number,
  probe: ProbeSlot,
  protocol: number,
  payloadBytes: number,
  mark: number,
): number {
  if (probe.family === 6) {
    ipv6Fields.flowLabel = mark & 0xfffff;
    ipv6Fields.hopLimit = probe.ttl;
    ipv6Fields.protocol = protocol;
    ipv6Fields.source = probe.source;
    ipv6Fields.target = probe.target;
    ipv6Fields.payloadBytes = payloadBytes;
    return writeIpv6(ipv6Fields, out, at);
  }
  ipv4Fields.identification = mark & 0xffff;
  ipv4Fields.ttl = probe.ttl;
  ipv4Fields.protocol = protocol;
  ipv4Fields.source = probe.sourceAddress;
  ipv4Fields.target = probe.targetAddress;
  ipv4Fields.payloadBytes = payloadBytes;
  return writeIpv4(ipv4Fields, out, at);
}

/** The length of the header of a probe, in bytes. */
export function headerBytesOf(probe: ProbeSlot): number {
  return probe.family === 6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES;
}

/** The partial sum of both addresses of the header at `at`, for checksums over the pseudo header. */
export function addressSumAt(bytes: Uint8Array, at: number, family: 4 | 6): number {
  return family === 6
    ? sumBytes(bytes, at + IPV6_ADDRESSES_AT, at + IPV6_HEADER_BYTES)
    : sumBytes(bytes, at + IPV4_ADDRESSES_AT, at + IPV4_HEADER_BYTES);
}

/** The length of the datagram whose header stands at `at`, in bytes. */
export function datagramBytesAt(bytes: Uint8Array, at: number, family: 4 | 6): number {
  return family === 6
    ? IPV6_HEADER_BYTES + readUint16(bytes, at + IPV6_PAYLOAD_BYTES_AT)
    : readUint16(bytes, at + IPV4_TOTAL_BYTES_AT);
}

/** The cookie that a header carries: 20 bits for IPv6, 16 for IPv4; never 0, which means "none" to many. */
export function markOf(cookies: Cookies, key: number, port: number, salt: number, family: 4 | 6): number {
  const mark = cookies.of(key, port, salt) & (family === 6 ? 0xfffff : 0xffff);
  return mark === 0 ? 1 : mark;
}

/** Which try to this port carries the mark; -1 for none. There are few enough to look at each. */
export function tryOfMark(frame: FrameView, mark: number, cookies: Cookies, port: number, lane: number): number {
  let tryIndex = TRIES_MAX - 1;
  while (tryIndex >= 0 && mark !== markOf(cookies, frame.peerKey, port, (lane << 8) | tryIndex, frame.family))
    tryIndex--;
  return tryIndex;
}

/** A probe that traces the way carries its own time to live as mark, so that an error says which hop sent it; else none. */
export function traceMark(probe: ProbeSlot): number {
  return probe.ttl === DEFAULT_TTL ? 0 : probe.ttl;
}

/** True when the datagram that an error quotes carries this cookie. */
export function isMarkQuoted(frame: FrameView, cookies: Cookies, port: number, salt: number): boolean {
  return frame.quotedMark === markOf(cookies, frame.peerKey, port, salt, frame.family);
}
