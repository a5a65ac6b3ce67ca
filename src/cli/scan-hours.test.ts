import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readPolicy } from "../policy/read-policy.js";
import { ScanHours } from "./scan-hours.js";

const TEXT = "timezone: Europe/Berlin\nlimits:\n  hours: Mon-Fri 22:00-06:00\n";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function begin(now: string, text: string = TEXT): ScanHours | undefined {
  vi.setSystemTime(Date.parse(now));
  return ScanHours.begin(readPolicy(text, "p.yaml", "UTC"));
}

test("outside of the hours a scan does not begin", () => {
  expect(() => begin("2026-11-27T12:00:00Z")).toThrow(
    "nothing is probed at this hour: p.yaml:3:10 allows Mon-Fri 22:00-06:00 (Europe/Berlin)",
  );
  expect(() => begin("2026-11-28T05:00:00Z")).toThrow(
    expect.objectContaining({ hint: "they begin 2026-11-30 22:00 (Europe/Berlin)" }),
  );
  expect(begin("2026-11-27T12:00:00Z", "")).toBeUndefined();
});

test("one that is under way stops when they end", () => {
  const hours = begin("2026-11-28T04:00:00Z");
  vi.advanceTimersByTime(3_599_000);
  expect([hours?.signal.aborted, hours?.fault]).toEqual([false, undefined]);
  vi.advanceTimersByTime(1000);
  expect(hours?.signal.aborted).toBe(true);
  expect(hours?.fault).toMatchObject({
    code: "scope",
    message: "stopped, since the hours that p.yaml:3:10 allows have ended: the report is partial",
    hint: "they begin 2026-11-30 22:00 (Europe/Berlin)",
  });
});

test("a clock that is put forward is seen", () => {
  const hours = begin("2026-11-27T22:00:00Z");
  vi.setSystemTime(Date.parse("2026-11-28T09:00:00Z"));
  vi.advanceTimersByTime(30_000);
  expect(hours?.signal.aborted).toBe(true);
});

test("nothing is left behind by a scan that was done before", () => {
  const hours = begin("2026-11-27T22:00:00Z");
  hours?.close();
  expect(vi.getTimerCount()).toBe(0);
});
