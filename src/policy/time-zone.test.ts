import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFault } from "../target/fault.js";
import { hasEnded, parseEndDate } from "./end-date.js";
import { hoursAt, parseHourSpan } from "./hours.js";
import { TimeZone } from "./time-zone.js";

function zone(name: string): TimeZone {
  const found = TimeZone.of(name);
  if (isFault(found)) throw new Error(found.fault);
  return found;
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString().replace(":00.000Z", "Z");
}

const BERLIN = zone("Europe/Berlin");

test("names that are none are told, with the one that was meant", () => {
  expect(TimeZone.of("Europe/Berln")).toEqual({
    fault: 'there is no time zone "Europe/Berln"; did you mean Europe/Berlin?',
  });
  for (const name of ["+02:00", "", "../../etc/passwd", "Europe/Berlin\n", "\u001b[2J", "x".repeat(10_000)]) {
    expect(isFault(TimeZone.of(name)), name).toBe(true);
  }
});

test.each([
  ["Europe/Berlin", 3, 28, "02:30", "2027-03-28T01:00Z", "2027-03-28T01:00Z"], // left out: the moment of the change
  ["Europe/Berlin", 10, 31, "02:30", "2027-10-31T00:30Z", "2027-10-31T01:30Z"], // twice
  ["Europe/Berlin", 7, 1, "12:00", "2027-07-01T10:00Z", "2027-07-01T10:00Z"],
  ["Australia/Lord_Howe", 10, 3, "02:10", "2027-10-02T15:30Z", "2027-10-02T15:30Z"], // half an hour is left out
  ["Asia/Kathmandu", 1, 1, "00:00", "2026-12-31T18:15Z", "2026-12-31T18:15Z"],
  ["UTC", 2, 28, "24:00", "2027-03-01T00:00Z", "2027-03-01T00:00Z"],
])("%s 2027-%d-%d %s", (name, month, day, time, first, last) => {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const { firstMs, lastMs } = zone(name).instantsOf({ year: 2027, month, day }, hour * 60 + minute);
  expect([iso(firstMs), iso(lastMs)]).toEqual([first, last]);
});

test("what a wall clock shows leads back to its instant", () => {
  const zones = ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca", "UTC"].map(zone);
  const minutes = fc.integer({ min: 28_000_000, max: 40_000_000 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), minutes, (place, minute) => {
      const at = minute * 60_000;
      const wall = place.wallAt(at);
      const { firstMs, lastMs } = place.instantsOf(wall, wall.hour * 60 + wall.minute);
      expect([firstMs, lastMs]).toContain(at);
    }),
    { numRuns: 200 },
  );
});

describe("end dates", () => {
  test("last to the end of their day, in their zone", () => {
    const until = parseEndDate("2027-03-31", BERLIN);
    if (isFault(until)) throw new Error(until.fault);
    expect(iso(until.endsAtMs)).toBe("2027-03-31T22:00Z");
    expect(hasEnded(until, until.endsAtMs - 1)).toBe(false);
    expect(hasEnded(until, until.endsAtMs)).toBe(true);
    expect(hasEnded(undefined, Number.MAX_VALUE)).toBe(false);
    expect(isFault(parseEndDate("2028-02-29", BERLIN))).toBe(false);
  });

  test.each(["2027-02-29", "2027-13-01", "2027-00-10", "2027-04-31", "2027-01-00", "2027-1-1", "1999-01-01", "soon"])(
    "%s is none",
    (text) => {
      expect(isFault(parseEndDate(text, BERLIN))).toBe(true);
    },
  );
});

describe("hours", () => {
  const WEEK = "Mon-Fri 22:00-06:00";
  test.each([
    // Friday's night reaches into Saturday, Sunday's is none. 2026-11-27 is a Friday.
    [WEEK, "2026-11-27T20:59:59Z", "begins 2026-11-27T21:00Z"],
    [WEEK, "2026-11-27T21:00:00Z", "ends 2026-11-28T05:00Z"],
    [WEEK, "2026-11-28T04:59:59Z", "ends 2026-11-28T05:00Z"],
    [WEEK, "2026-11-28T05:00:00Z", "begins 2026-11-30T21:00Z"],
    [WEEK, "2026-11-29T23:00:00Z", "begins 2026-11-30T21:00Z"],
    ["Sat,Sun 00:00-24:00", "2026-11-28T12:00:00Z", "ends 2026-11-29T23:00Z"],
    ["fri-mon 08:00-08:30", "2026-11-25T12:00:00Z", "begins 2026-11-27T07:00Z"],
    ["00:00-24:00", "2026-11-25T12:00:00Z", "ends never"],
    ["22:00-06:00", "2026-11-25T12:00:00Z", "begins 2026-11-25T21:00Z"],
    ["20:00-00:00", "2026-11-25T22:30:00Z", "ends 2026-11-25T23:00Z"],
    // Clocks are put forward: 02:30 does not come, the span begins and ends with the change.
    ["02:30-04:00", "2027-03-28T00:59:00Z", "begins 2027-03-28T01:00Z"],
    ["22:00-02:30", "2027-03-28T00:59:00Z", "ends 2027-03-28T01:00Z"],
    ["02:10-02:50", "2027-03-28T00:00:00Z", "begins 2027-03-29T00:10Z"],
    // Clocks are put back: 02:30 comes twice. It begins with the second, and ends with the first.
    ["02:30-04:00", "2027-10-31T00:45:00Z", "begins 2027-10-31T01:30Z"],
    ["22:00-02:30", "2027-10-31T00:15:00Z", "ends 2027-10-31T00:30Z"],
    ["02:10-02:50", "2027-10-31T00:20:00Z", "ends 2027-10-31T00:50Z"],
  ])("%s at %s", (text, now, expected) => {
    const span = parseHourSpan(text);
    if (isFault(span)) throw new Error(span.fault);
    const state = hoursAt([span], BERLIN, Date.parse(now));
    const shown = state.isWithin ? `ends ${iso(state.endMs) ?? "never"}` : `begins ${iso(state.beginMs) ?? "never"}`;
    expect(shown).toBe(expected);
  });

  test.each([
    ["Mon-Fri", "is no time of day"],
    ["25:00-26:00", "is no time of day"],
    ["08:60-09:00", "is no time of day"],
    ["08:00-08:00", "has no length"],
    ["24:00-06:00", "cannot begin at 24:00"],
    ["Mno-Fri 08:00-09:00", "did you mean Mon?"],
    ["Monday 08:00-09:00", "did you mean Mon?"],
    ["Mon-Tue-Wed 08:00-09:00", "no range of days"],
    ["Mon, 08:00-09:00", "is no day"],
    ["", "is no span of hours"],
    ["-", "is no span of hours"],
    ["\u001b[2J 08:00-09:00", "is no day"],
  ])("%s makes no sense", (text, message) => {
    expect(parseHourSpan(text)).toMatchObject({ fault: expect.stringContaining(message) });
  });

  test("no text makes the reader throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."MonFri0129:-, 4") }), (text) => void parseHourSpan(text)),
    );
  });
});
