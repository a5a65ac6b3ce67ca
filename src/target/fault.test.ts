import fc from "fast-check";
import { expect, test } from "vitest";
import { isFault, quote } from "./fault.js";

test("faults are told from other values", () => {
  expect(isFault({ fault: "no" })).toBe(true);
  for (const value of [undefined, null, "fault", { fault: 1 }, {}]) expect(isFault(value)).toBe(false);
});

test("a quoted text cannot steer a terminal", () => {
  expect(quote("\u001b[2J\u202eevil\u0085\u00a0")).toBe('"\\u001b[2J\\u202eevil\\u0085\\u00a0"');
  expect(quote("a".repeat(500)).length).toBeLessThan(100);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(quote(text))),
  );
});
