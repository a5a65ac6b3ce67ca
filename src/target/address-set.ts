// Addresses of many blocks as one set, made for questions on the hot path: sorted, disjoint IPv4 ranges, and IPv6
// prefixes. An IPv4-mapped IPv6 address counts as its IPv4 address, since that is where the kernel sends to.
import { type Address, type Ipv6Address, unmapped } from "./address.js";
import { type AddressBlock, blockAt, type Ipv6PrefixBlock, unmappedBlock } from "./address-block.js";
import { firstUncovered, type Ipv6Interval, intervalOf, mergedIntervals } from "./ipv6-interval.js";
import { type OctetForm, octetFormContains, octetFormRunCount, octetFormRuns } from "./octet-form.js";
import { PrefixMap } from "./prefix-map.js";

const IPV4_LAST = 2 ** 32 - 1;

/** How many ranges one pattern, and all of them, may be written out to; beyond that patterns stay as they are. */
const FORM_RUNS_MAX = 2 ** 16;
const ALL_RUNS_MAX = 2 ** 20;

/** First and last address, both included. */
type Ipv4Range = readonly [first: number, last: number];

/** The IPv4 part of blocks: merged ranges, and the patterns that would be too many ranges. */
interface Ipv4Parts {
  readonly ranges: readonly Ipv4Range[];
  readonly forms: readonly OctetForm[];
}

/** An immutable set of addresses. */
export class AddressSet {
  readonly #firsts: Uint32Array;
  readonly #lasts: Uint32Array;
  readonly #forms: readonly OctetForm[];
  readonly #prefixes = new PrefixMap<true>();
  readonly #prefixBlocks: readonly Ipv6PrefixBlock[];
  /** The range that was hit last: neighbouring questions mostly have the same answer. */
  #recent = 0;

  private constructor(ipv4: Ipv4Parts, prefixBlocks: readonly Ipv6PrefixBlock[]) {
    this.#firsts = Uint32Array.from(ipv4.ranges, ([first]) => first);
    this.#lasts = Uint32Array.from(ipv4.ranges, ([, last]) => last);
    this.#forms = ipv4.forms;
    this.#prefixBlocks = prefixBlocks;
    for (const block of prefixBlocks) this.#prefixes.set(block, true);
  }

  /** The addresses that are in any of the blocks. */
  static of(blocks: readonly AddressBlock[]): AddressSet {
    const settled = blocks.map(unmappedBlock);
    return new AddressSet(
      ipv4Parts(settled),
      settled.filter((block) => block.kind === "ipv6-prefix"),
    );
  }

  /** True when the set has this IPv4 address, given as an unsigned number in host order. Never allocates. */
  hasIpv4(value: number): boolean {
    const recent = this.#recent;
    if (value >= (this.#firsts[recent] ?? Infinity) && value <= (this.#lasts[recent] ?? -1)) return true;
    const at = this.#rangeOf(value);
    if (at < 0) return this.#forms.length > 0 && this.#formOf(value) !== undefined;
    this.#recent = at;
    return true;
  }

  /** True when the set has the address. */
  has(address: Address): boolean {
    const plain = unmapped(address);
    return plain.family === 4 ? this.hasIpv4(plain.value) : this.hasPrefixOf(plain);
  }

  /** True when a prefix has the address as it is written, even when it is an IPv4-mapped one. */
  hasPrefixOf(address: Ipv6Address): boolean {
    return !this.#prefixes.isEmpty() && this.#prefixes.covering(address).length > 0;
  }

  /** The first address of a block that the set does not have; `undefined` when it has them all. */
  firstMissing(block: AddressBlock): Address | undefined {
    const settled = unmappedBlock(block);
    const missing = settled.kind === "ipv6-prefix" ? this.#firstMissingIpv6(settled) : this.#firstMissingIpv4(settled);
    if (missing === undefined || settled === block) return missing;
    return missing.family === 4 ? mappedAddress(missing.value, zoneOf(block)) : missing;
  }

  #firstMissingIpv4(block: Exclude<AddressBlock, Ipv6PrefixBlock>): Address | undefined {
    const value =
      block.kind === "ipv4-range"
        ? this.#firstGap(block.base, block.base + block.count - 1)
        : this.#firstGapOfForm(block.octets, 0, 0);
    return value === undefined ? undefined : { family: 4, value };
  }

  #firstGap(from: number, to: number): number | undefined {
    let value = from;
    while (value <= to) {
      const at = this.#rangeOf(value);
      if (at >= 0) {
        value = (this.#lasts[at] ?? value) + 1;
        continue;
      }
      const form = this.#formOf(value);
      if (form === undefined) return value;
      const octet = value % 256;
      const range = form[3].find(([first, last]) => octet >= first && octet <= last);
      value += (range?.[1] ?? octet) - octet + 1;
    }
    return undefined;
  }

  /** Looks at what bounds the pattern below `base`, and goes an octet deeper only where the set has gaps in that. */
  #firstGapOfForm(form: OctetForm, level: number, base: number): number | undefined {
    const unit = 256 ** (3 - level);
    const isWholeBelow = form.slice(level + 1).every(([range]) => range?.[0] === 0 && range[1] === 255);
    for (const [first, last] of form[level] ?? []) {
      const gap = this.#firstGap(base + first * unit, base + (last + 1) * unit - 1);
      if (gap === undefined) continue;
      if (isWholeBelow) return gap;
      for (let octet = Math.floor((gap - base) / unit); octet <= last; octet++) {
        const found = this.#firstGapOfForm(form, level + 1, base + octet * unit);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** A short prefix has the IPv4-mapped addresses in its middle: they are looked up among the IPv4 ranges. */
  #firstMissingIpv6(block: Ipv6PrefixBlock): Address | undefined {
    const address = blockAt(block, 0);
    if (block.prefix === 128) return this.has(address) ? undefined : address;
    const intervals = this.#intervalsIn(block.zone);
    const [first, last] = intervalOf(block);
    const [mappedFirst, mappedLast] = MAPPED_INTERVAL;
    if (first > mappedFirst || last < mappedLast) return firstUncovered(block, [first, last], intervals);
    const before = firstUncovered(block, [first, mappedFirst - 1n], intervals);
    if (before !== undefined) return before;
    const value = this.#firstGap(0, IPV4_LAST);
    if (value !== undefined) return mappedAddress(value, block.zone);
    return firstUncovered(block, [mappedLast + 1n, last], intervals);
  }

  #intervalsIn(zone: string | undefined): readonly Ipv6Interval[] {
    const blocks = this.#prefixBlocks.filter((block) => block.zone === undefined || block.zone === zone);
    return mergedIntervals(blocks.map(intervalOf));
  }

  /** The range that has the address, or -1. */
  #rangeOf(value: number): number {
    const firsts = this.#firsts;
    let low = 0;
    let high = firsts.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (value > (this.#lasts[middle] ?? 0)) low = middle + 1;
      else if (value >= (firsts[middle] ?? 0)) return middle;
      else high = middle - 1;
    }
    return -1;
  }

  #formOf(value: number): OctetForm | undefined {
    for (const form of this.#forms) if (octetFormContains(form, value)) return form;
    return undefined;
  }
}

const MAPPED_BYTES: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];
const MAPPED_INTERVAL: Ipv6Interval = [0xffff_0000_0000n, 0xffff_ffff_ffffn];

function mappedAddress(value: number, zone: string | undefined): Address {
  const bytes = Uint8Array.from([...MAPPED_BYTES, value >>> 24, value >>> 16, value >>> 8, value]);
  return zone === undefined ? { family: 6, bytes } : { family: 6, bytes, zone };
}

function zoneOf(block: AddressBlock): string | undefined {
  return block.kind === "ipv6-prefix" ? block.zone : undefined;
}

function ipv4Parts(blocks: readonly AddressBlock[]): Ipv4Parts {
  const ranges: Ipv4Range[] = [];
  const forms: OctetForm[] = [];
  for (const block of blocks) {
    if (block.kind === "ipv4-range") ranges.push([block.base, block.base + block.count - 1]);
    if (block.kind !== "ipv4-octets") continue;
    const runCount = octetFormRunCount(block.octets);
    if (runCount > FORM_RUNS_MAX || ranges.length + runCount > ALL_RUNS_MAX) forms.push(block.octets);
    else for (const run of octetFormRuns(block.octets)) ranges.push(run);
  }
  return { ranges: mergedRanges(ranges), forms };
}

function mergedRanges(ranges: readonly Ipv4Range[]): readonly Ipv4Range[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((one, other) => one[0] - other[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
