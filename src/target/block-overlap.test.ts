import fc from "fast-check";
import { expect, test } from "vitest";
import { type AddressBlock, blockAt, blockContains, blockCount, blockOf } from "./address-block.js";
import { blocksOverlap } from "./block-overlap.js";
import { isFault } from "./fault.js";
import { parseTarget } from "./target-expression.js";

function block(text: string): AddressBlock {
  const target = parseTarget(text);
  if (isFault(target) || target.kind === "name") throw new Error(text);
  return blockOf(target);
}

test.each([
  ["10.0.0.0/8", "10.1.2.3", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["0.0.0.0/0", "255.255.255.255", true],
  ["0.0.0.0/0", "::/0", false],
  ["10.0.0.0/24", "::ffff:10.0.0.7", true],
  ["2001:db8::/32", "2001:db8:ffff::1", true],
  ["2001:db8::/33", "2001:db8:8000::/33", false],
  ["fe80::/10", "fe80::1%eth0", true],
  ["fe80::1%eth1", "fe80::1%eth0", false],
  ["*.*.*.1", "10.0.0.0/31", true],
  ["*.*.*.9", "10.0.0.0/31", false],
  ["10-20.*.*.1-5,200", "20.0.0.200", true],
  ["10,30.*.*.*", "11-29.*.*.*", false],
])("%s and %s: %s", (one, other, isOverlap) => {
  expect(blocksOverlap(block(one), block(other))).toBe(isOverlap);
  expect(blocksOverlap(block(other), block(one))).toBe(isOverlap);
});

test("as their addresses say, one by one", () => {
  const octet = fc.integer({ min: 0, max: 7 });
  const network = fc.tuple(octet, octet, fc.integer({ min: 27, max: 32 })).map(([a, b, p]) => `10.0.${a}.${b}/${p}`);
  const list = fc.array(octet, { minLength: 1, maxLength: 3 }).map((octets) => octets.join(","));
  const any = fc
    .oneof(
      network,
      fc.tuple(list, list).map(([a, b]) => `10.0.${a}.${b}`),
    )
    .map(block);
  fc.assert(
    fc.property(any, any, (one, other) => {
      let isShared = false;
      for (let at = 0; at < blockCount(one); at++) isShared ||= blockContains(other, blockAt(one, at));
      expect(blocksOverlap(one, other)).toBe(isShared);
    }),
  );
});
