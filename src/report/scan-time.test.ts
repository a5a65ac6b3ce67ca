import { expect, it } from "vitest";
import { calendarText, epochSeconds } from "./scan-time.js";

it("writes points in time as the scanning machine's clock showed them", () => {
  expect(calendarText("2026-11-04T12:06:49.5Z")).toBe("Wed Nov  4 12:06:49 2026");
  expect(calendarText("2026-11-24T23:06:49+05:30")).toBe("Tue Nov 24 23:06:49 2026");
  expect(calendarText("some day")).toBe("some day");
});

it("counts seconds since 1970, whatever the zone", () => {
  expect(epochSeconds("1970-01-01T01:00:01.9+01:00")).toBe(1);
  expect(epochSeconds("some day")).toBe(0);
});
