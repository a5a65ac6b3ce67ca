import fc from "fast-check";
import { expect, test } from "vitest";
import { LossMeter } from "./loss-meter.js";

/** A meter that has seen so many probes answered on their first, second, … try. */
function meterOf(...answeredOnTry: readonly number[]): LossMeter {
  const meter = new LossMeter();
  for (const [tryIndex, count] of answeredOnTry.entries()) {
    for (let index = 0; index < count; index++) meter.answered(tryIndex);
  }
  return meter;
}

test("knows nothing at first, and asks for two tries", () => {
  const meter = new LossMeter();
  expect([meter.lossShare, meter.isLossy, meter.answeredCount, meter.triesNeeded(11)]).toEqual([0, false, 0, 2]);
  expect(meter.report(2, 100)).toEqual({ lossShare: 0, missedEstimate: 0 });
});

test("counts each try before the answered one as lost", () => {
  const meter = meterOf(90, 5, 1);
  expect(meter.answeredCount).toBe(96);
  expect(meter.lossShare).toBeCloseTo(7 / 103);
  expect(meter.isLossy).toBe(true);
});

test("the share it finds is the share that is lost", () => {
  // Of 10,000 probes at a loss of 20 % so many are answered on their first, second, … try.
  const meter = meterOf(8000, 1600, 320, 64, 13, 3);
  expect(meter.lossShare).toBeCloseTo(0.2, 3);
});

test("asks for so many tries that one in ten thousand runs misses a port", () => {
  const meter = meterOf(900, 90, 9, 1);
  for (let tries = 2; tries <= 11; tries++) {
    const missed = meter.missedAfter(tries);
    expect(missed).toBeCloseTo((1000 * meter.lossShare ** tries) / (1 - meter.lossShare ** tries), 9);
  }
  const needed = meter.triesNeeded(16);
  expect(needed).toBe(7);
  expect(meter.missedAfter(needed)).toBeLessThanOrEqual(1e-4);
  expect(meter.missedAfter(needed - 1)).toBeGreaterThan(1e-4);
});

test("never asks for more tries than there may be", () => {
  const meter = meterOf(5, 5, 5, 5);
  expect([1, 2, 3].map((most) => meter.triesNeeded(most))).toEqual([1, 2, 3]);
});

test("misses no more ports than were silent", () => {
  const meter = meterOf(100, 100, 100);
  expect(meter.report(1, 3).missedEstimate).toBe(3);
  expect(meter.report(1, 0)).toEqual({ lossShare: meter.lossShare, missedEstimate: 0 });
});

test("more tries never miss more, and the share is one", () => {
  const answers = fc.array(fc.nat(15), { maxLength: 60 });
  fc.assert(
    fc.property(answers, fc.integer({ min: 1, max: 16 }), (tries, most) => {
      const meter = new LossMeter();
      for (const one of tries) meter.answered(one);
      expect(meter.lossShare).toBeGreaterThanOrEqual(0);
      expect(meter.lossShare).toBeLessThan(1);
      expect(meter.missedAfter(most + 1)).toBeLessThanOrEqual(meter.missedAfter(most));
      const needed = meter.triesNeeded(most);
      expect(needed).toBeGreaterThanOrEqual(Math.min(2, most));
      expect(needed).toBeLessThanOrEqual(most);
    }),
    { seed: 1 },
  );
});
