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
  times(10, () => window.answered());
  expect(window.size).toBe(26);
});

test("never opens beyond its ceiling", () => {
  const window = new SendWindow(BOUNDS);
  times(1000, () => window.answered());
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

test("opens slowly after an overrun of this machine: by one a round trip (congestion avoidance)", () => {
  const window = new SendWindow({ ...BOUNDS, initial: 40 });
  window.overrun();
  expect(window.size).toBe(20);
  times(20, () => window.answered());
  expect(window.size).toBeGreaterThan(20.9);
  expect(window.size).toBeLessThan(21.1);
});

const DEEDS: Readonly<Record<string, (window: SendWindow) => void>> = {
  answered: (window) => window.answered(),
  silent: (window) => window.silent(),
  trust: (window) => window.trust(),
  overrun: (window) => window.overrun(),
};

test("stays within its bounds, whatever happens", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.values(DEEDS)), { maxLength: 300 }), (deeds) => {
      const window = new SendWindow(BOUNDS);
      for (const deed of deeds) {
        deed(window);
        expect(window.size).toBeGreaterThanOrEqual(BOUNDS.floor);
        expect(window.size).toBeLessThanOrEqual(BOUNDS.ceiling + 1);
      }
    }),
    { seed: 1 },
  );
});
