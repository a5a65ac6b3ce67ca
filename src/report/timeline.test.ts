import { expect, it } from "vitest";
import { Timeline } from "./timeline.js";

it("counts hosts and averages rates in slices", () => {
  const timeline = new Timeline();
  timeline.hostFound(5);
  timeline.hostFound(15);
  timeline.hostDone(15);
  timeline.rate(12, 100);
  timeline.rate(18, 300);
  expect(timeline.slices(25)).toEqual([
    { endMs: 10, foundCount: 1, doneCount: 0, ratePps: undefined },
    { endMs: 20, foundCount: 1, doneCount: 1, ratePps: 200 },
    { endMs: 25, foundCount: 0, doneCount: 0, ratePps: undefined },
  ]);
});

it("keeps all counts when the slices widen, however long a scan takes", () => {
  const timeline = new Timeline();
  const lastMs = 30 * 24 * 3_600_000;
  for (let part = 0; part <= 1000; part++) timeline.hostFound((lastMs * part) / 1000);
  const slices = timeline.slices(lastMs);
  expect(slices.length).toBeGreaterThan(100);
  expect(slices.length).toBeLessThanOrEqual(240);
  expect(slices.reduce((sum, { foundCount }) => sum + foundCount, 0)).toBe(1001);
  expect(slices.at(-1)?.endMs).toBe(lastMs);
});

it("takes times from before the start, and times that are none, for the start", () => {
  const timeline = new Timeline();
  timeline.hostFound(-1000);
  timeline.hostFound(Number.NaN);
  timeline.hostFound(Number.POSITIVE_INFINITY);
  expect(timeline.slices(0)).toEqual([{ endMs: 1, foundCount: 3, doneCount: 0, ratePps: undefined }]);
});
