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

test("counts answers, and knows loss by answers to later tries", () => {
  const meter = meterOf(90, 5, 1);
  expect(meter.answeredCount).toBe(96);
  expect(meter.isLossy).toBe(true);
  expect(meterOf(90).isLossy).toBe(false);
});

test.each([0.01, 0.05, 0.2, 0.5])(
  "finds a loss of %f, although ports that lost all their tries are never seen",
  (loss) => {
    for (const tries of [2, 3, 6]) {
      const counts = Array.from({ length: tries }, (_, tryIndex) => Math.round(1e6 * (1 - loss) * loss ** tryIndex));
      expect(meterOf(...counts).lossShare).toBeCloseTo(loss, 2);
    }
  },
);

test("asks for so many tries that one in ten thousand runs misses a port", () => {
  const meter = meterOf(900, 90, 9, 1);
  expect(meter.lossShare).toBeCloseTo(0.1, 2);
  for (let tries = 2; tries <= 11; tries++) {
    const expected = (1000 * meter.lossShare ** tries) / (1 - meter.lossShare ** tries);
    expect(meter.missedAfter(tries)).toBeGreaterThanOrEqual(expected);
    expect(meter.missedAfter(tries)).toBeLessThan(expected * 1.5);
  }
  const needed = meter.triesNeeded(16);
  expect(meter.missedAfter(needed)).toBeLessThanOrEqual(1e-4);
  expect(meter.missedAfter(needed - 1)).toBeGreaterThan(1e-4);
});

test.each([
  [[0, 1], 0.5],
  [[2, 2], 0.5],
])("with answers %j on their first, second … try at most the share %f is lost", (counts, most) => {
  expect(meterOf(...counts).lossShare).toBeLessThanOrEqual(most);
});

test("where who was lost once is lost again, it is that which tells how many were missed", () => {
  // Half of the ports met a queue that was hardly ever full, half one that lost four probes of five.
  const counts = Array.from({ length: 6 }, (_, tryIndex) => Math.round(1000 * (0.2 * 0.8 ** tryIndex)));
  const meter = meterOf((counts[0] ?? 0) + 1000, ...counts.slice(1));
  const missed = 1000 * 0.8 ** 6;
  expect(meter.missedAfter(6)).toBeGreaterThan(missed * 0.8);
  expect(meter.missedAfter(6)).toBeLessThan(missed * 1.2);
});

test("one unlucky port among many is no reason for many tries", () => {
  expect(meterOf(1000, 0, 1).triesNeeded(11)).toBeLessThanOrEqual(5);
});

test("never asks for more tries than there may be", () => {
  const meter = meterOf(5, 5, 5, 5);
  expect([1, 2, 3].map((most) => meter.triesNeeded(most))).toEqual([1, 2, 3]);
});

test("misses no more ports than were silent", () => {
  const meter = meterOf(300, 60, 12);
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
