import fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.js";

test("without a rate there is no bound", () => {
  const bucket = new TokenBucket(undefined);
  bucket.take(1e9);
  expect(bucket.available(0)).toBe(Number.POSITIVE_INFINITY);
  expect(bucket.waitMs()).toBe(0);
});

test("gives one probe at once, then one each 1/rate", () => {
  const bucket = new TokenBucket(10);
  expect(bucket.available(5000)).toBe(1);
  bucket.take(1);
  expect(bucket.waitMs()).toBeCloseTo(100);
  expect(bucket.available(5099)).toBe(0);
  expect(bucket.available(5100.001)).toBe(1);
});

test("a silence is made up for by 10 ms of probes at most", () => {
  const bucket = new TokenBucket(10_000);
  bucket.available(0);
  expect(bucket.available(3_600_000)).toBe(100);
});

test("at less than one probe in 10 ms a silence is worth one probe", () => {
  const bucket = new TokenBucket(2);
  bucket.available(0);
  expect(bucket.available(3_600_000)).toBe(1);
});

test("the time that it asks to wait is enough", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 1e7 }), (rate, startMs) => {
      const bucket = new TokenBucket(rate);
      bucket.take(bucket.available(startMs));
      expect(bucket.available(startMs + bucket.waitMs() * (1 + 1e-9) + 1e-6)).toBeGreaterThanOrEqual(1);
    }),
    { seed: 1 },
  );
});

test("never gives more than the rate and one burst, however it is asked", () => {
  const steps = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e5, noNaN: true }), steps, (rate, waits) => {
      const bucket = new TokenBucket(rate);
      let nowMs = 0;
      let taken = 0;
      for (const waitMs of waits) {
        nowMs += waitMs;
        const count = bucket.available(nowMs);
        bucket.take(count);
        taken += count;
        expect(taken).toBeLessThanOrEqual((nowMs * rate) / 1000 + Math.max(1, rate / 100) + 1e-6);
      }
    }),
    { seed: 1 },
  );
});
