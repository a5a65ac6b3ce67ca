import { isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIpv6, mappedIpv4, parseIpv6 } from "./ipv6.js";

const bytes = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), { minLength: 16, maxLength: 16 });

test("what is written reads back, and the kernel's library reads it too", () => {
  fc.assert(
    fc.property(bytes, (values) => {
      const text = formatIpv6(Uint8Array.from(values));
      expect(isIPv6(text)).toBe(true);
      expect(Array.from(parseIpv6(text) ?? [])).toEqual(values);
    }),
  );
});

test("reads exactly what node's library reads", () => {
  const part = fc.constantFrom("0", "1", "ffff", "12345", "g", "", ":", "::", "1.2.3.4", "1.2.3", ".");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), fc.boolean(), (parts, isJoined) => {
      const text = parts.join(isJoined ? ":" : "");
      expect(parseIpv6(text) !== undefined, text).toBe(isIPv6(text));
    }),
    { numRuns: 5000 },
  );
});

test("is written as RFC 5952 wants", () => {
  const cases: [given: string, written: string][] = [
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1::", "1::"],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["::ffff:a00:1", "::ffff:10.0.0.1"],
    ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
  ];
  for (const [given, written] of cases) expect(formatIpv6(parseIpv6(given) ?? new Uint8Array())).toBe(written);
});

test("an IPv4-mapped address has its IPv4 address", () => {
  expect(mappedIpv4(parseIpv6("::ffff:255.0.0.1") ?? new Uint8Array())).toBe(0xff000001);
  expect(mappedIpv4(parseIpv6("::fffe:255.0.0.1") ?? new Uint8Array())).toBeUndefined();
});
