import { describe, expect, it } from "vitest";
import { countOf, durationText, groupDigits, percentAbout, percentDone, plainDecimal } from "./quantity.js";

describe("quantities", () => {
  it("groups digits", () => {
    expect([0, 999, 1000, 120_311, 4_294_967_296].map(groupDigits)).toEqual([
      "0",
      "999",
      "1,000",
      "120,311",
      "4,294,967,296",
    ]);
  });

  it("counts things", () => {
    expect(countOf(1, "port")).toBe("1 port");
    expect(countOf(1000, "port")).toBe("1,000 ports");
    expect(countOf(2, "address", "addresses")).toBe("2 addresses");
  });

  it("rounds what is done down", () => {
    expect([0, 0.4326, 0.9999, 1, 1.2, -1, 0.007].map(percentDone)).toEqual([
      "0.0 %",
      "43.2 %",
      "99.9 %",
      "100.0 %",
      "100.0 %",
      "0.0 %",
      "0.7 %",
    ]);
  });

  it("writes estimates without a false zero", () => {
    expect([0.098, 0.0001, 0.5, 0.123].map(percentAbout)).toEqual([
      "about 9.8 %",
      "less than 0.1 %",
      "about 50 %",
      "about 12 %",
    ]);
  });

  it("writes decimals without an exponent", () => {
    expect([0, 0.00004, 0.000123, 0.13, 1, 9.8, 120, 12_345].map(plainDecimal)).toEqual([
      "0",
      "0.00004",
      "0.00012",
      "0.13",
      "1",
      "9.8",
      "120",
      "12,345",
    ]);
  });

  it("writes durations with their two largest units", () => {
    expect([0, 2600, 125_000, 4_320_000, 183_600_000].map(durationText)).toEqual([
      "0 s",
      "3 s",
      "2 min 5 s",
      "1 h 12 min",
      "2 d 3 h",
    ]);
  });
});
