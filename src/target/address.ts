// An address of either family, as the rest of postern passes it around; zones as in RFC 4007 §11.
import { formatIpv4, parseIpv4 } from "./ipv4.js";
import { formatIpv6, mappedIpv4, parseIpv6 } from "./ipv6.js";

/** An IPv4 address: an unsigned 32 bit number in host order. */
interface Ipv4Address {
  readonly family: 4;
  readonly value: number;
}

/** An IPv6 address: 16 bytes in network order, with the interface that a link-local one belongs to. */
export interface Ipv6Address {
  readonly family: 6;
  readonly bytes: Uint8Array;
  readonly zone?: string;
}

/** An address of a host, of either family. */
export type Address = Ipv4Address | Ipv6Address;

/** An interface's name or index, of at most 15 characters (IFNAMSIZ) that need no quoting; a colon begins ports. */
const ZONE = /^[\w.@+-]{1,15}$/;

/** True for what can stand behind the `%` of an IPv6 address. */
export function isZone(text: string): boolean {
  return ZONE.test(text);
}

/** Reads `10.0.0.1`, `::1`, `[::1]` or `fe80::1%eth0`; `undefined` when it is none of them. */
export function parseAddress(text: string): Address | undefined {
  const value = parseIpv4(text);
  if (value !== undefined) return { family: 4, value };
  const inner = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const percent = inner.indexOf("%");
  const bytes = parseIpv6(percent < 0 ? inner : inner.slice(0, percent));
  if (bytes === undefined) return undefined;
  if (percent < 0) return { family: 6, bytes };
  const zone = inner.slice(percent + 1);
  return isZone(zone) ? { family: 6, bytes, zone } : undefined;
}

/** Writes an address without brackets, with its zone. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return formatIpv4(address.value);
  const text = formatIpv6(address.bytes);
  return address.zone === undefined ? text : `${text}%${address.zone}`;
}

/** What the kernel would send to: an IPv4-mapped address counts as its IPv4 address, every other as itself. */
export function unmapped(address: Address): Address {
  if (address.family === 4) return address;
  const value = mappedIpv4(address.bytes);
  return value === undefined ? address : { family: 4, value };
}

/** True for two addresses of one host: the same address, whatever zones are written behind it. */
export function isSameHost(one: Address, other: Address): boolean {
  if (one.family === 4) return other.family === 4 && one.value === other.value;
  return other.family === 6 && one.bytes.every((byte, at) => byte === other.bytes[at]);
}

/** A short string that is equal for equal IPv6 addresses, fit for a Map; not fit to be shown. */
export function ipv6Key(bytes: Uint8Array, zone: string | undefined): string {
  const key = String.fromCharCode(
    word(bytes, 0),
    word(bytes, 2),
    word(bytes, 4),
    word(bytes, 6),
    word(bytes, 8),
    word(bytes, 10),
    word(bytes, 12),
    word(bytes, 14),
  );
  return zone === undefined ? key : key + zone;
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
