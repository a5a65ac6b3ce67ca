import fc from "fast-check";
import { expect, test } from "vitest";
import { SendWindow, type WindowBounds } from "./send-window.js";

const BOUNDS: WindowBounds = { initial: 16, floor: 8, ceiling: 100, silentCeiling: 32 };

function times(count: number, act: () => void): void {
  for (let index = 0; index < count; index++) act();
}

test("begins at its initial size and opens by one an answer (slow start, RFC 5681 §3.1)", () => {
  const window = new SendWindow(BOUNDS);
  expect(window.size).toBe(16);
  times(10, () => window.answered(0));
  expect(window.size).toBe(26);
});

test("never opens beyond its ceiling", () => {
  const window = new SendWindow(BOUNDS);
  times(1000, () => window.answered(0));
  expect(window.size).toBe(100);
});

test("silence opens it only to the silent ceiling, until answers have shown that nothing is lost", () => {
  const window = new SendWindow(BOUNDS);
  times(1000, () => window.silent());
  expect(window.size).toBe(32);
  window.trust();
  times(1000, () => window.silent());
  expect(window.size).toBe(100);
});

/** So many probes answered, of which so many on their second try. */
function answer(window: SendWindow, count: number, secondTries: number): void {
  times(count - secondTries, () => window.answered(0));
  times(secondTries, () => window.answered(1));
}

test("closes by the share that was lost, at most by half", () => {
  const tenth = new SendWindow(BOUNDS);
  answer(tenth, 90, 10);
  expect(tenth.size).toBe(100);
  tenth.judge(0, 100);
  expect(tenth.size).toBeCloseTo(90);
  const half = new SendWindow({ ...BOUNDS, initial: 50 });
  times(10, () => half.answered(9));
  half.judge(0, 100);
  expect(half.size).toBeCloseTo(60 / 2);
});

test("is not closed over a handful of packets: two of three lost are no evidence", () => {
  const window = new SendWindow(BOUNDS);
  window.answered(2);
  window.judge(0, 100);
  expect(window.size).toBe(17);
});

test("opens slowly after loss: by one a round trip (congestion avoidance)", () => {
  const window = new SendWindow({ ...BOUNDS, initial: 40 });
  window.overrun();
  expect(window.size).toBe(20);
  times(20, () => window.answered(0));
  expect(window.size).toBeGreaterThan(20.9);
  expect(window.size).toBeLessThan(21.1);
});

test("takes loss up to one in fifty for noise", () => {
  const window = new SendWindow({ ...BOUNDS, ceiling: 1000 });
  times(99, () => window.answered(0));
  window.answered(1);
  const before = window.size;
  window.judge(0, 100);
  expect(window.size).toBe(before);
});

test("is judged once in an epoch, and forgets what was judged", () => {
  const window = new SendWindow({ ...BOUNDS, ceiling: 1000 });
  answer(window, 100, 50);
  window.judge(0, 100);
  const once = window.size;
  answer(window, 100, 50);
  window.judge(99, 100);
  expect(window.size).toBeGreaterThan(once);
  window.judge(100, 100);
  const twice = window.size;
  expect(twice).toBeLessThan(once);
  window.judge(200, 100);
  expect(window.size).toBe(twice);
});

const DEEDS: Readonly<Record<string, (window: SendWindow, nowMs: number) => void>> = {
  answered: (window) => window.answered(0),
  lost: (window) => window.answered(3),
  silent: (window) => window.silent(),
  trust: (window) => window.trust(),
  overrun: (window) => window.overrun(),
  judge: (window, nowMs) => window.judge(nowMs, 100),
};

test("stays within its bounds, whatever happens", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.values(DEEDS)), { maxLength: 300 }), (deeds) => {
      const window = new SendWindow(BOUNDS);
      for (const [index, deed] of deeds.entries()) {
        deed(window, index * 60);
        expect(window.size).toBeGreaterThanOrEqual(BOUNDS.floor);
        expect(window.size).toBeLessThanOrEqual(BOUNDS.ceiling + 1);
      }
    }),
    { seed: 1 },
  );
});
