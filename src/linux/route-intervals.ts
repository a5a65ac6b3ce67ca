// The address space cut at both ends of every prefix that can make a difference to a route: all addresses between two
// neighbouring cuts have the same way, so that one question to the kernel answers for all of them.
import { ipv6Key } from "../target/address.js";

/** The address behind the last one of IPv4. */
const IPV4_END = 2 ** 32;
const IPV6_BYTES = 16;
const IPV6_BITS = 128;

/** A prefix of IPv4: its first address as a number, and its length in bits. */
export type Ipv4Prefix = readonly [first: number, bits: number];

/** A prefix of IPv6: an address in it, and its length in bits. */
export type Ipv6Prefix = readonly [bytes: Uint8Array, bits: number];

/** The intervals of IPv4: a number for each, found by any address inside. */
export class Ipv4Intervals {
  readonly #starts: Float64Array;

  constructor(prefixes: Iterable<Ipv4Prefix>) {
    const starts = new Set<number>([0]);
    for (const [first, bits] of prefixes) {
      starts.add(first);
      const behind = first + 2 ** (32 - bits);
      if (behind < IPV4_END) starts.add(behind);
    }
    this.#starts = Float64Array.from(starts).sort();
  }

  /** The number of the interval that holds the address: the last start that is not behind it. Never allocates. */
  indexOf(address: number): number {
    const starts = this.#starts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] ?? 0) <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The intervals of IPv6. */
export class Ipv6Intervals {
  /** In ascending order, 16 bytes each. */
  readonly #starts: Uint8Array;

  constructor(prefixes: Iterable<Ipv6Prefix>) {
    const starts = new Map<string, Uint8Array>();
    const add = (bytes: Uint8Array): void => void starts.set(ipv6Key(bytes, undefined), bytes);
    add(new Uint8Array(IPV6_BYTES));
    for (const [bytes, bits] of prefixes) {
      const first = firstOf(bytes, bits);
      add(first);
      const behind = first.slice();
      if (addAtBit(behind, bits - 1)) add(behind);
    }
    // Keys sort as their addresses do: both compare 16 bits after 16 bits.
    const ascending = [...starts].sort(([one], [other]) => (one < other ? -1 : 1));
    this.#starts = new Uint8Array(ascending.length * IPV6_BYTES);
    for (const [index, [, first]] of ascending.entries()) this.#starts.set(first, index * IPV6_BYTES);
  }

  /** The number of the interval that holds the address: the last start that is not behind it. Never allocates. */
  indexOf(address: Uint8Array): number {
    let low = 0;
    let high = this.#starts.length / IPV6_BYTES - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#isBehind(middle, address)) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  #isBehind(index: number, address: Uint8Array): boolean {
    for (let at = 0; at < IPV6_BYTES; at++) {
      const difference = (this.#starts[index * IPV6_BYTES + at] ?? 0) - (address[at] ?? 0);
      if (difference !== 0) return difference > 0;
    }
    return false;
  }
}

/** The first address of a prefix: all bits behind it are 0. */
function firstOf(bytes: Uint8Array, bits: number): Uint8Array {
  const first = bytes.slice();
  for (let bit = bits; bit < IPV6_BITS; bit++) first[bit >> 3] = (first[bit >> 3] ?? 0) & ~(0x80 >> (bit & 7));
  return first;
}

/** Adds 1 at a bit, counted from the highest one, with carry. False when the number overflows. */
function addAtBit(bytes: Uint8Array, bit: number): boolean {
  let carry = 0x80 >> (bit & 7);
  for (let at = bit >> 3; at >= 0; at--) {
    const sum = (bytes[at] ?? 0) + carry;
    bytes[at] = sum;
    if (sum < 256) return true;
    carry = 1;
  }
  return false;
}
