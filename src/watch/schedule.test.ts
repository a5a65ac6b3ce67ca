import { describe, expect, test } from "vitest";
import { UsageError } from "../model/errors.js";
import { parseSchedule } from "./schedule.js";

const NOW = Date.parse("2026-01-01T00:00:00Z");

function nextTimes(text: string, zone: string, from: string, count: number): readonly string[] {
  const schedule = parseSchedule(text, zone, NOW);
  const times: string[] = [];
  for (let at = Date.parse(from); times.length < count; times.push(new Date(at).toISOString().slice(0, 16))) {
    at = schedule.nextAfterMs(at);
  }
  return times;
}

describe("in a time zone", () => {
  test("a time that summer leaves out comes when the clock goes on", () => {
    const times = nextTimes("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 2);
    expect(times).toEqual(["2026-03-29T01:00", "2026-03-30T00:30"]);
  });

  test("a time that comes twice is taken once", () => {
    const times = nextTimes("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2);
    expect(times).toEqual(["2026-10-25T00:30", "2026-10-26T01:30"]);
  });

  test("what comes every quarter of an hour comes in both hours", () => {
    const times = nextTimes("*/15 * * * *", "Europe/Berlin", "2026-10-25T00:40Z", 6);
    expect(times.at(0)).toBe("2026-10-25T00:45");
    expect(times.at(-1)).toBe("2026-10-25T02:00");
  });

  test("a day and a weekday: either will do, as crontab(5) has it", () => {
    expect(nextTimes("0 0 13 * 5", "UTC", "2026-01-01T00:00Z", 3)).toEqual([
      "2026-01-02T00:00",
      "2026-01-09T00:00",
      "2026-01-13T00:00",
    ]);
  });

  test("a leap day", () => {
    expect(nextTimes("0 0 29 2 *", "UTC", "2026-01-01T00:00Z", 1)).toEqual(["2028-02-29T00:00"]);
  });
});

test("runs between two moments are counted, and no more than a thousand", () => {
  const { countBetween } = parseSchedule("@hourly", "UTC", NOW);
  expect(countBetween(NOW, NOW + 3 * 3_600_000)).toBe(3);
  expect(countBetween(NOW, NOW)).toBe(0);
  expect(countBetween(NOW, NOW + 1e12)).toBe(1000);
});

describe("what is no schedule", () => {
  test.each([
    ["never comes", "0 0 30 2 *"],
    ["out of range", "61 * * * *"],
    ["an empty step", "*/0 * * * *"],
    ["seconds", "* * * * * *"],
    ["a date", "2026-11-20T00:00:00"],
    ["the start of a system", "@reboot"],
    ["nothing", ""],
    ["words", "every night"],
    ["endless", `${"1,".repeat(5000)}1 * * * *`],
    ["control characters", "\u001b[2J * * * *"],
  ])("%s", (_what, text) => {
    expect(() => parseSchedule(text, "UTC", NOW)).toThrow(UsageError);
    try {
      parseSchedule(text, "UTC", NOW);
    } catch (error) {
      expect(String(error).length).toBeLessThan(400);
    }
  });

  test.each(["Europe/Nowhere", "+02:00", "", "../../etc/passwd", "UTC\n"])("the zone %j", (zone) => {
    expect(() => parseSchedule("@daily", zone, NOW)).toThrow("there is no time zone");
  });
});
