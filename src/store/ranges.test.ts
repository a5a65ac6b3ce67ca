import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergedRanges, numbersOf, parseRanges, rangesOf, rangesText, rangesWithin, rangesWithout } from "./ranges.js";

const numbers = fc.array(fc.nat(60), { maxLength: 40 });

function ascending(set: Iterable<number>): number[] {
  return [...new Set(set)].sort((one, other) => one - other);
}

describe("ranges", () => {
  it("are sets of numbers", () => {
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const [ranges, others] = [rangesOf(one), rangesOf(other)];
        expect([...numbersOf(ranges)]).toEqual(ascending(one));
        expect([...numbersOf(mergedRanges([...ranges, ...others]))]).toEqual(ascending([...one, ...other]));
        expect(rangesWithout(ranges, others)).toEqual(rangesOf(one.filter((number) => !other.includes(number))));
        expect(rangesWithin(ranges, others)).toEqual(rangesOf(one.filter((number) => other.includes(number))));
        expect(parseRanges(rangesText(ranges), 60)).toEqual(ranges);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it("are read only as they are written", () => {
    expect(parseRanges("", 9)).toEqual([]);
    expect(parseRanges("0-3,5,9", 9)).toEqual([
      [0, 3],
      [5, 5],
      [9, 9],
    ]);
    for (const text of [",", "1,", "-1", "1-", "3-1", "2,1", "1-3,3", "10", "1 ", "0x1", "1.5", "99999999999999999"]) {
      expect(parseRanges(text, 9)).toBeUndefined();
    }
  });
});
