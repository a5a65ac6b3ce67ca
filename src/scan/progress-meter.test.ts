import { expect, test } from "vitest";
import type { RunCounts } from "../model/scan-event.js";
import { Counters } from "./counters.js";
import { ProgressMeter } from "./progress-meter.js";

function countsWith(sent: number): RunCounts {
  return { ...new Counters().snapshot(), sent };
}

test("is due four times a second", () => {
  const meter = new ProgressMeter(1000);
  expect([1000, 1249, 1250, 9000].map((nowMs) => meter.isDue(nowMs))).toEqual([false, false, true, true]);
  meter.event(1250, 0, "ports", countsWith(0));
  expect([1499, 1500].map((nowMs) => meter.isDue(nowMs))).toEqual([false, true]);
});

test("the rate is that since the last event", () => {
  const meter = new ProgressMeter(0);
  expect(meter.event(500, 0.1, "ports", countsWith(1000)).ratePps).toBe(2000);
  expect(meter.event(750, 0.1, "ports", countsWith(1000)).ratePps).toBe(0);
  expect(meter.event(1000, 0.1, "ports", countsWith(1100)).ratePps).toBe(400);
});

test("what is left follows from what is done, and is not guessed before there is anything to go by", () => {
  const meter = new ProgressMeter(0);
  expect(meter.event(10_000, 0.25, "ports", countsWith(1))).toMatchObject({ elapsedMs: 10_000, leftMs: 30_000 });
  expect(meter.event(10_000, 0.001, "discovery", countsWith(1)).leftMs).toBeUndefined();
  expect(meter.event(10_000, 1, "ports", countsWith(1)).leftMs).toBe(0);
});

test("no more than all is done, and two events at the same moment are no fault", () => {
  const meter = new ProgressMeter(0);
  meter.event(100, 0.5, "ports", countsWith(10));
  const event = meter.event(100, 1.0001, "ports", countsWith(20));
  expect(event.shareDone).toBe(1);
  expect(Number.isFinite(event.ratePps)).toBe(true);
});

test("counts are a copy: what is counted later does not change an event", () => {
  const counters = new Counters();
  const event = new ProgressMeter(0).event(1, 0, "ports", counters.snapshot());
  counters.sent = 99;
  expect(event.counts.sent).toBe(0);
});
