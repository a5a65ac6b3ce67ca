import fc from "fast-check";
import { expect, test } from "vitest";
import { Permutation } from "./permutation.js";

test("is a bijection for every small count", () => {
  for (let count = 0; count <= 300; count++) {
    const permutation = new Permutation(count, count * 7919);
    const seen = new Set(Array.from({ length: count }, (_, at) => permutation.at(at)));
    expect(seen.size).toBe(count);
    expect([...seen].every((value) => value >= 0 && value < count)).toBe(true);
  }
});

test("is a bijection for counts around squares and powers", () => {
  for (const count of [2 ** 16 - 1, 2 ** 16, 2 ** 16 + 1, 99_999, 300 * 300 - 1, 300 * 301 + 1]) {
    const permutation = new Permutation(count, 5);
    const seen = new Uint8Array(count);
    for (let at = 0; at < count; at++) seen[permutation.at(at)] = 1;
    expect(seen.every((mark) => mark === 1)).toBe(true);
  }
});

test("big counts stay within bounds and do not collide", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constant(Number.MAX_SAFE_INTEGER), fc.integer({ min: 2 ** 20, max: Number.MAX_SAFE_INTEGER })),
      fc.nat(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (count, key, part) => {
        const permutation = new Permutation(count, key);
        const start = Math.min(count - 1000, Math.floor(count * part));
        const seen = new Set<number>();
        for (let at = start; at < start + 1000; at++) {
          const value = permutation.at(at);
          if (Number.isSafeInteger(value) && value >= 0 && value < count) seen.add(value);
        }
        expect(seen.size).toBe(1000);
      },
    ),
  );
});

test("neighbours of a /8 land in different /16s, and all /16s get their share", () => {
  const permutation = new Permutation(2 ** 24, 1);
  const counts = new Array<number>(256).fill(0);
  let same = 0;
  let before = -1;
  for (let at = 0; at < 25_600; at++) {
    const block = permutation.at(at) >>> 16;
    if (block === before) same++;
    before = block;
    counts[block] = (counts[block] ?? 0) + 1;
  }
  expect(same).toBeLessThan(200);
  for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(50);
});

test("the key decides the order", () => {
  const order = (key: number) => Array.from({ length: 100 }, (_, at) => new Permutation(100, key).at(at));
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
  expect(order(1)).not.toEqual(order(1 + 2 ** 40));
});

test("asking for what is not there is a bug of the caller", () => {
  expect(() => new Permutation(10, 1).at(10)).toThrow(RangeError);
  expect(() => new Permutation(-1, 1)).toThrow(RangeError);
});
