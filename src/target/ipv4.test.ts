import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIpv4, parseIpv4 } from "./ipv4.js";

test("what is written reads back", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => parseIpv4(formatIpv4(value)) === value));
});

test("only strict dotted quads are read", () => {
  expect(parseIpv4("255.255.255.255")).toBe(2 ** 32 - 1);
  for (const text of [
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 ",
    "0x1.2.3.4",
    "1..2.3",
    "１.2.3.4",
  ]) {
    expect(parseIpv4(text)).toBeUndefined();
  }
});
