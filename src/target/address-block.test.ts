import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "./address.js";
import {
  type AddressBlock,
  blockAround,
  blockAt,
  blockContains,
  blockCount,
  blockOf,
  formatBlock,
  walkableBlockOf,
} from "./address-block.js";
import { isFault } from "./fault.js";
import { octetFormRunCount, octetFormRuns } from "./octet-form.js";
import { parseTarget } from "./target-expression.js";

function block(text: string): AddressBlock {
  const target = parseTarget(text);
  if (isFault(target) || target.kind === "name") throw new Error(text);
  return blockOf(target);
}

const octet = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 3 })
  .map((pairs) => pairs.map(([first, more]) => `${first}-${Math.min(255, first + more)}`).join(","));
const octets = fc.tuple(octet, octet, octet, fc.oneof(octet, fc.constant("*"))).map((parts) => parts.join("."));

test("at, count, contains and the runs of a pattern agree", () => {
  fc.assert(
    fc.property(octets, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (text, part) => {
      const pattern = block(text);
      if (pattern.kind !== "ipv4-octets") throw new Error(text);
      const count = blockCount(pattern);
      const at = Math.floor(count * part);
      expect(blockContains(pattern, blockAt(pattern, at))).toBe(true);
      const runs = [...octetFormRuns(pattern.octets)];
      expect(runs.length).toBe(octetFormRunCount(pattern.octets));
      expect(runs.reduce((sum, [first, last]) => sum + last - first + 1, 0)).toBe(count);
      const one = blockAt(pattern, at);
      const next = at + 1 < count ? blockAt(pattern, at + 1) : undefined;
      if (one.family === 4 && next?.family === 4) expect(next.value).toBeGreaterThan(one.value);
      const edges = runs.slice(0, 20).flatMap(([first, last]) => [first - 1, last + 1]);
      for (const value of edges.filter((edge) => edge >= 0 && edge < 2 ** 32)) {
        const isIn = runs.some(([first, last]) => first <= value && value <= last);
        expect(blockContains(pattern, { family: 4, value })).toBe(isIn);
      }
    }),
  );
});

test("blocks are indexed and searched", () => {
  const shown = (text: string, at: number) => formatAddress(blockAt(block(text), at));
  expect(shown("10.0.0.0/8", 2 ** 24 - 1)).toBe("10.255.255.255");
  expect(shown("0.0.0.0/0", 2 ** 32 - 1)).toBe("255.255.255.255");
  expect(shown("10.0.1,3.7-", 249)).toBe("10.0.3.7");
  expect(shown("fe80::%eth0/76", 2 ** 52 - 1)).toBe("fe80::f:ffff:ffff:ffff%eth0");
  const contains = (text: string, address: string) => {
    const parsed = parseAddress(address);
    return parsed !== undefined && blockContains(block(text), parsed);
  };
  expect(contains("10.0.0.0/8", "10.255.0.1")).toBe(true);
  expect(contains("10.0.0.0/8", "11.0.0.0")).toBe(false);
  expect(contains("2001:db8::/33", "2001:db8:7fff::")).toBe(true);
  expect(contains("2001:db8::/33", "2001:db8:8000::")).toBe(false);
  expect(contains("::/0", "ffff::")).toBe(true);
  expect(contains("::/0", "1.2.3.4")).toBe(false);
  expect(contains("fe80::/10", "fe80::1%eth0")).toBe(true);
  expect(contains("fe80::%eth0/10", "fe80::1%eth1")).toBe(false);
});

test("blocks that no scan could end are refused, and only to be walked", () => {
  const walk = (text: string) => {
    const target = parseTarget(text);
    return isFault(target) || target.kind === "name" ? target : walkableBlockOf(target);
  };
  expect(walk("2001:db8::/48")).toEqual({
    fault: "2001:db8::/48: a /48 of IPv6 is too large to be walked: name the hosts, or a block of /96 or longer",
  });
  expect(isFault(walk("2001:db8::/76"))).toBe(false);
  expect(isFault(walk("0.0.0.0/0"))).toBe(false);
  expect(blockCount(block("2001:db8::/48"))).toBe(2 ** 80);
});

test("blocks are written as a user would", () => {
  for (const text of ["10.0.0.0/8", "10.0.0.1", "10.0.0-5.7,9", "fe80::%eth0/64", "::1"]) {
    expect(formatBlock(block(text))).toBe(text);
  }
  expect(formatBlock({ kind: "ipv4-range", base: 5, count: 3 })).toBe("0.0.0.5-0.0.0.7");
  expect(formatBlock(blockAround({ family: 4, value: 0x0a010203 }, 24))).toBe("10.1.2.0/24");
});
