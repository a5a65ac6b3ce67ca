import { expect, test } from "vitest";
import { seededRandom } from "./random.js";

test("the same seed gives the same numbers, another seed others", () => {
  const take = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => random.next32());
  };
  expect(take(1)).toEqual(take(1));
  expect(take(1)).not.toEqual(take(2));
  expect(take(1)).not.toEqual(take(1 + 2 ** 32));
  expect(take(0).every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32)).toBe(true);
});

test("numbers are spread evenly", () => {
  const random = seededRandom(42);
  const counts = new Array<number>(16).fill(0);
  for (let at = 0; at < 16_000; at++) {
    const bucket = random.next32() >>> 28;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
