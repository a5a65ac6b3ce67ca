// IPv6 blocks as intervals of 128 bit numbers, to find what of a block others leave uncovered. Never on the hot path,
// so plain BigInt.
import type { Address } from "./address.js";
import type { Ipv6PrefixBlock } from "./address-block.js";

/** First and last address as numbers, both included. */
export type Ipv6Interval = readonly [first: bigint, last: bigint];

/** The interval of a prefix. */
export function intervalOf(block: Ipv6PrefixBlock): Ipv6Interval {
  let first = 0n;
  for (const byte of block.bytes) first = (first << 8n) | BigInt(byte);
  return [first, first + (1n << BigInt(128 - block.prefix)) - 1n];
}

/** The same numbers in ascending intervals with gaps between them. */
export function mergedIntervals(intervals: readonly Ipv6Interval[]): readonly Ipv6Interval[] {
  const merged: [bigint, bigint][] = [];
  for (const [first, last] of [...intervals].sort(byFirst)) {
    const previous = merged.at(-1);
    if (previous === undefined || first > previous[1] + 1n) merged.push([first, last]);
    else if (last > previous[1]) previous[1] = last;
  }
  return merged;
}

function byFirst(one: Ipv6Interval, other: Ipv6Interval): number {
  if (one[0] === other[0]) return 0;
  return one[0] < other[0] ? -1 : 1;
}

/** The first address of an interval of a block that merged intervals leave out; `undefined` when there is none. */
export function firstUncovered(
  block: Ipv6PrefixBlock,
  interval: Ipv6Interval,
  merged: readonly Ipv6Interval[],
): Address | undefined {
  let value = interval[0];
  const covering = merged.find(([first, last]) => first <= value && value <= last);
  if (covering !== undefined) value = covering[1] + 1n;
  if (value > interval[1]) return undefined;
  const bytes = new Uint8Array(16);
  for (let at = 15; at >= 0; at--) {
    bytes[at] = Number(value & 255n);
    value >>= 8n;
  }
  return block.zone === undefined ? { family: 6, bytes } : { family: 6, bytes, zone: block.zone };
}
