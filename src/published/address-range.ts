// Ranges of addresses as rules of a firewall have them: networks, single addresses, and from one to another.
import { formatAddress, parseAddress } from "../target/address.js";

/** Addresses from the first to the last, both included. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** Reads "10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", the same of IPv6, and brackets; undefined for anything else. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const dash = text.indexOf("-");
  if (dash > 0) return rangeBetween(singleOf(text.slice(0, dash)), singleOf(text.slice(dash + 1)));
  const slash = text.indexOf("/");
  if (slash < 0) return singleOf(text);
  const prefix = text.slice(slash + 1);
  return /^\d{1,3}$/.test(prefix) ? networkOf(text.slice(0, slash), Number(prefix)) : undefined;
}

/** The network around an address; undefined for what is none. */
export function networkOf(text: string, prefixBits: number): AddressRange | undefined {
  const range = singleOf(text);
  if (range === undefined) return undefined;
  const bits = bitsOf(range.family);
  if (!Number.isInteger(prefixBits) || prefixBits < 0 || prefixBits > bits) return undefined;
  const hostBits = BigInt(bits - prefixBits);
  const first = (range.first >> hostBits) << hostBits;
  return { family: range.family, first, last: first + (1n << hostBits) - 1n };
}

/** From one to the other; undefined where they are not of one family, or the wrong way round. */
export function rangeBetween(one: AddressRange | undefined, other: AddressRange | undefined): AddressRange | undefined {
  if (one === undefined || other === undefined || one.family !== other.family || one.first > other.last)
    return undefined;
  return { family: one.family, first: one.first, last: other.last };
}

/** Addresses in both; undefined for none. */
export function sharedRange(one: AddressRange, other: AddressRange): AddressRange | undefined {
  if (one.family !== other.family) return undefined;
  // biome-ignore lint/complexity/useMathMinMax: Math.max() takes no BigInt
  const first = one.first > other.first ? one.first : other.first;
  // biome-ignore lint/complexity/useMathMinMax: nor does Math.min()
  const last = one.last < other.last ? one.last : other.last;
  return first <= last ? { family: one.family, first, last } : undefined;
}

/** True when the inner range has no address that the outer one lacks. */
export function isRangeWithin(inner: AddressRange, outer: AddressRange): boolean {
  return inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;
}

/** "10.0.0.1", "10.0.0.0/8" or "10.0.0.1-10.0.0.9". */
export function formatAddressRange({ family, first, last }: AddressRange): string {
  const text = addressText(family, first);
  if (first === last) return text;
  const size = last - first + 1n;
  const hostBits = size.toString(2).length - 1;
  const isNetwork = size === 1n << BigInt(hostBits) && first % size === 0n;
  return isNetwork ? `${text}/${bitsOf(family) - hostBits}` : `${text}-${addressText(family, last)}`;
}

function singleOf(text: string): AddressRange | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  const value =
    address.family === 4
      ? BigInt(address.value)
      : address.bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  return { family: address.family, first: value, last: value };
}

function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function addressText(family: 4 | 6, value: bigint): string {
  if (family === 4) return formatAddress({ family, value: Number(value) });
  const bytes = Uint8Array.from({ length: 16 }, (_none, at) => Number((value >> BigInt(8 * (15 - at))) & 0xffn));
  return formatAddress({ family, bytes });
}
