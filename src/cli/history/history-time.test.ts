import { describe, expect, test } from "vitest";
import { localMinute, parseAge, parseTime } from "./history-time.js";

describe("parseTime", () => {
  test.each([
    ["2026-11-20T08:30Z", "2026-11-20T08:30:00.000Z", "2026-11-20T08:30:59.999Z"],
    ["2026-11-20 08:30:15Z", "2026-11-20T08:30:15.000Z", "2026-11-20T08:30:15.999Z"],
    ["2026-11-20T08:30+01:00", "2026-11-20T07:30:00.000Z", "2026-11-20T07:30:59.999Z"],
    ["2024-02-29T00:00Z", "2024-02-29T00:00:00.000Z", "2024-02-29T00:00:59.999Z"],
  ])("%s", (text, start, end) => {
    expect(new Date(parseTime(text, "start") ?? 0).toISOString()).toBe(start);
    expect(new Date(parseTime(text, "end") ?? 0).toISOString()).toBe(end);
  });

  test("a day is the day here", () => {
    const [start = 0, end = 0] = [parseTime("2026-11-20", "start"), parseTime("2026-11-20", "end")];
    expect(localMinute(start)).toBe("2026-11-20 00:00");
    expect(localMinute(end)).toBe("2026-11-20 23:59");
    expect(parseTime(localMinute(start), "start")).toBe(start);
  });

  test.each([
    "",
    "yesterday",
    "2026-02-30",
    "2026-13-01",
    "2026-11-20T25:00",
    "2026-11-20Z",
    "20261120",
    "2026-11-20T08",
  ])("%j is none", (text) => {
    expect(parseTime(text, "start")).toBeUndefined();
  });
});

test.each([
  ["30m", 1_800_000],
  ["12h", 43_200_000],
  ["90d", 7_776_000_000],
  ["2w", 1_209_600_000],
  ["0d", 0],
  ["90", undefined],
  ["d", undefined],
  ["-1d", undefined],
  ["1.5d", undefined],
  ["999999999w", undefined],
])("parseAge(%j)", (text, ageMs) => {
  expect(parseAge(text)).toBe(ageMs);
});
