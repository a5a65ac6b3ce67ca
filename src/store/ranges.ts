// Runs of whole numbers, as `1-5,7`: ports and hosts in a journal.
import { formatRanges } from "../target/port-set.js";

/** First and last number, both included. */
export type Range = readonly [first: number, last: number];

/** Behind everything. */
const NO_HOLE: Range = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];

/** Numbers in any order as ranges, ascending and disjoint. */
export function rangesOf(numbers: readonly number[] | Uint16Array): readonly Range[] {
  const sorted = numbers instanceof Uint16Array ? numbers.slice().sort() : Float64Array.from(numbers).sort();
  const ranges: [number, number][] = [];
  for (const number of sorted) {
    const previous = ranges.at(-1);
    if (previous !== undefined && number <= previous[1] + 1) previous[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

/** Ranges in any order, overlapping or not, as ascending ones with a gap between two of them. */
export function mergedRanges(ranges: readonly Range[]): readonly Range[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((one, other) => one[0] - other[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** What is in the first ranges and not in the second; both ascending and disjoint. */
export function rangesWithout(ranges: readonly Range[], without: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let hole = 0;
  for (const [first, last] of ranges) {
    let start = first;
    while (start <= last) {
      const [holeFirst, holeLast] = without[hole] ?? NO_HOLE;
      if (holeFirst > start) rest.push([start, Math.min(last, holeFirst - 1)]);
      start = Math.max(start, holeLast + 1);
      if (holeLast < last) hole++;
    }
  }
  return rest;
}

/** What is in both. */
export function rangesWithin(ranges: readonly Range[], others: readonly Range[]): readonly Range[] {
  return rangesWithout(ranges, rangesWithout(ranges, others));
}

/** The numbers of ranges, in their order. */
export function* numbersOf(ranges: readonly Range[]): Generator<number> {
  for (const [first, last] of ranges) for (let number = first; number <= last; number++) yield number;
}

/** Writes ranges: `1-5,7`. */
export function rangesText(ranges: readonly Range[]): string {
  return formatRanges(ranges);
}

/** Reads what {@link rangesText} wrote: ascending, disjoint, nothing above `max`; `undefined` for everything else. */
export function parseRanges(text: string, max: number): readonly Range[] | undefined {
  const ranges: Range[] = [];
  if (text === "") return ranges;
  let next = 0;
  for (const part of text.split(",")) {
    const dash = part.indexOf("-");
    const first = wholeNumber(dash < 0 ? part : part.slice(0, dash));
    const last = dash < 0 ? first : wholeNumber(part.slice(dash + 1));
    if (!(first >= next && last >= first && last <= max)) return undefined;
    ranges.push([first, last]);
    next = last + 1;
  }
  return ranges;
}

/** NaN for a text that is not written as a whole number is: Number() takes blanks, fractions and other bases, too. */
function wholeNumber(text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && String(number) === text ? number : Number.NaN;
}
