import fc from "fast-check";
import { expect, test } from "vitest";
import { itemOf, RetryQueue, tryOf } from "./retry-queue.js";

test("keeps port and try apart, up to the highest of both", () => {
  const queue = new RetryQueue();
  for (const [port, tryIndex] of [
    [0, 1],
    [65_535, 15],
    [22, 1],
  ] as const) {
    queue.push(port, tryIndex, 0);
    const packed = queue.shift();
    expect([itemOf(packed), tryOf(packed)]).toEqual([port, tryIndex]);
  }
});

test("gives back first what was put in first, through all growing and turning round", () => {
  const deed = fc.oneof({ weight: 3, arbitrary: fc.nat(65_535) }, { weight: 2, arbitrary: fc.constant(-1) });
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 400 }), (deeds) => {
      const queue = new RetryQueue();
      const model: number[] = [];
      for (const one of deeds) {
        if (one >= 0) {
          queue.push(one, one % 16, 0);
          model.push(one);
        } else if (model.length > 0) {
          const packed = queue.shift();
          expect([itemOf(packed), tryOf(packed)]).toEqual([model[0], (model[0] ?? 0) % 16]);
          model.shift();
        }
        expect(queue.count).toBe(model.length);
      }
    }),
    { seed: 1 },
  );
});

test("is empty when cleared, and works on", () => {
  const queue = new RetryQueue();
  for (let port = 0; port < 100; port++) queue.push(port, 1, 0);
  queue.clear();
  expect(queue.count).toBe(0);
  queue.push(7, 2, 0);
  expect(itemOf(queue.shift())).toBe(7);
});
