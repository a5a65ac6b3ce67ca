import { describe, expect, test } from "vitest";
import { ErrorWatch } from "./error-watch.js";

function watchOf(errors: number, silent: number): ErrorWatch {
  const watch = new ErrorWatch();
  for (let index = 0; index < errors; index++) watch.onError(1000 + index, index);
  for (let index = 0; index < silent; index++) watch.onSilent();
  return watch;
}

describe("a ration", () => {
  test.each([
    [0, 1000, false], // no error at all: a firewall, or a host that sends none
    [1, 1000, false],
    [6, 23, false], // too little was silent
    [6, 24, true],
    [100, 60, false], // most were answered
    [100, 101, true],
  ])("with %i errors and %i silent questions: %s", (errors, silent, isRationed) => {
    expect(watchOf(errors, silent).isRationed).toBe(isRationed);
  });
});

describe("what is known of errors", () => {
  test("is which port sent the last one", () => {
    expect(watchOf(0, 5).closedPort).toBe(-1);
    expect(watchOf(3, 5)).toMatchObject({ closedPort: 1002, errors: 3 });
  });

  test("is the time between two, once what had been saved up is used", () => {
    const watch = new ErrorWatch();
    for (let index = 0; index < 6; index++) watch.onError(index, 0); // the burst
    for (let atMs = 100; atMs <= 3000; atMs += 100) watch.onError(7, atMs);
    expect(watch.gapMs(1900)).toBeUndefined();
    expect(watch.gapMs(3000)).toBeCloseTo(100, 0);
  });

  test("is nothing when they have stopped coming", () => {
    const watch = watchOf(10, 0);
    expect(watch.gapMs(10_000)).toBeUndefined();
    watch.onError(1, 9500);
    expect(watch.gapMs(10_000)).toBeUndefined();
    watch.onError(1, 9900);
    expect(watch.gapMs(10_000)).toBe(500);
  });

  test("is the last second's, however many there were before", () => {
    const watch = new ErrorWatch();
    for (let atMs = 0; atMs < 10_000; atMs++) watch.onError(1, atMs);
    for (let atMs = 10_000; atMs < 12_000; atMs += 50) watch.onError(1, atMs);
    expect(watch.gapMs(12_000)).toBeGreaterThan(45);
    expect(watch.gapMs(12_000)).toBeLessThan(55);
  });
});
