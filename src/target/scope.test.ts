import fc from "fast-check";
import { expect, test } from "vitest";
import { type Address, formatAddress, parseAddress } from "./address.js";
import { type AddressBlock, blockAt, blockContains, blockCount, blockOf } from "./address-block.js";
import { isFault } from "./fault.js";
import { parseIpv4 } from "./ipv4.js";
import { Scope } from "./scope.js";
import { parseTarget } from "./target-expression.js";

function block(text: string): AddressBlock {
  const target = parseTarget(text);
  if (isFault(target) || target.kind === "name") throw new Error(text);
  return blockOf(target);
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function scope(own: readonly string[], authorized: readonly string[]): Scope {
  return Scope.of({ own: own.map(address), authorized: authorized.map(block) });
}

function firstRefused(given: Scope, text: string): string | undefined {
  const refused = given.firstRefused(block(text));
  return refused === undefined ? undefined : formatAddress(refused);
}

test("what needs no entry", () => {
  const bare = scope([], []);
  for (const text of [
    "127.0.0.1",
    "10.0.0.0",
    "10.255.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.1.1",
  ]) {
    expect(bare.allows(address(text)), text).toBe(true);
    expect(bare.allowsIpv4(parseIpv4(text) ?? 0), text).toBe(true);
    expect(bare.allows(address(`::ffff:${text}`)), text).toBe(true);
  }
  for (const text of ["::1", "fc00::1", "fdff::1", "fe80::1%eth0", "febf::1"])
    expect(bare.allows(address(text)), text).toBe(true);
});

test("what needs an entry", () => {
  const bare = scope([], []);
  const refused = [
    "9.255.255.255",
    "11.0.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
  ];
  for (const text of [...refused, "8.8.8.8", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1"]) {
    expect(bare.allows(address(text)), text).toBe(false);
    expect(bare.allowsIpv4(parseIpv4(text) ?? 0), text).toBe(false);
    expect(bare.allows(address(`::ffff:${text}`)), text).toBe(false);
  }
  for (const text of ["::", "::2", "2001:db8::1", "fec0::1", "ff02::1", "fbff::1"])
    expect(bare.allows(address(text)), text).toBe(false);
});

test("own addresses and authorized blocks", () => {
  const given = scope(
    ["203.0.113.7", "2001:db8::7"],
    ["198.51.100.0/24", "192.0.0-2.1,3", "2001:db8:1::/48", "::ffff:192.88.99.0/120"],
  );
  const allowed = ["203.0.113.7", "2001:db8::7", "198.51.100.255", "192.0.2.3", "2001:db8:1:ffff::1", "192.88.99.5"];
  for (const text of allowed) expect(given.allows(address(text)), text).toBe(true);
  for (const text of ["203.0.113.8", "2001:db8::8", "198.51.101.0", "192.0.2.2", "2001:db8:2::", "192.88.98.5"]) {
    expect(given.allows(address(text)), text).toBe(false);
  }
  const copy = Scope.fromData(structuredClone(given.toData()));
  for (const text of allowed) expect(copy.allows(address(text)), text).toBe(true);
});

test("a wide IPv6 block does not authorize what would be sent as IPv4", () => {
  const given = scope([], ["::/0"]);
  expect(given.allows(address("2001:db8::1"))).toBe(true);
  expect(given.allows(address("::ffff:8.8.8.8"))).toBe(false);
  expect(firstRefused(given, "::/80")).toBe("::ffff:0.0.0.0");
  expect(firstRefused(given, "::ffff:8.0.0.0/104")).toBe("::ffff:8.0.0.0");
});

test("what is excluded is excluded, whoever allows it", () => {
  const blocks = ["10.0.0.0/24", "127.0.0.1", "198.51.100.1", "fe80::5%eth0", "2001:db8::/64", "203.0.113.7"].map(
    block,
  );
  const given = Scope.of({
    own: [address("203.0.113.7")],
    authorized: [block("198.51.100.0/24"), block("2001:db8::/32")],
    excluded: blocks,
  });
  const copy = Scope.fromData(structuredClone(given.toData()));
  for (const text of [
    "10.0.0.9",
    "127.0.0.1",
    "198.51.100.1",
    "fe80::5",
    "fe80::5%eth1",
    "2001:db8::9",
    "203.0.113.7",
  ]) {
    for (const one of [given, copy])
      expect([one.allows(address(text)), one.excludes(address(text))]).toEqual([false, true]);
  }
  expect(given.allows(address("::ffff:10.0.0.9"))).toBe(false);
  expect(given.allowsIpv4(parseIpv4("10.0.0.9") ?? 0)).toBe(false);
  for (const text of ["10.0.1.9", "198.51.100.2", "2001:db8:1::9"])
    expect(given.allows(address(text)), text).toBe(true);
  expect(given.excludes(address("8.8.8.8"))).toBe(false);
  expect(firstRefused(given, "198.51.100.0/24")).toBeUndefined();
});

test("the first refused address of a block", () => {
  const given = scope(
    [],
    ["198.51.100.0/25", "198.51.100.128/25", "198.51.101.0/25", "2001:db8::/33", "2001:db8:8000::/34"],
  );
  const cases: [text: string, refused: string | undefined][] = [
    ["10.0.0.0/8", undefined],
    ["10.0.0.0/7", "11.0.0.0"],
    ["8.0.0.0/6", "8.0.0.0"],
    ["0.0.0.0/0", "0.0.0.0"],
    ["198.51.100.0/24", undefined],
    ["198.51.100.0/23", "198.51.101.128"],
    ["198.51.100-101.5,6", undefined],
    ["198.51.100-101.5,200", "198.51.101.200"],
    ["10,172,192.16,168.*.*", "172.168.0.0"],
    ["10,127.*.*.1", undefined],
    ["2001:db8::/33", undefined],
    ["2001:db8::/32", "2001:db8:c000::"],
    ["fe80::%eth0/10", undefined],
    ["::/127", "::"],
    ["::1", undefined],
    ["::ffff:10.0.0.0/104", undefined],
    ["::ffff:10.0.0.0/103", "::ffff:11.0.0.0"],
  ];
  for (const [text, refused] of cases) expect(firstRefused(given, text), text).toBe(refused);
});

test("huge patterns are answered at once", () => {
  const given = scope([], ["0-255.0-255.0-255.1"]);
  expect(given.allowsIpv4(parseIpv4("8.8.8.1") ?? 0)).toBe(true);
  expect(given.allowsIpv4(parseIpv4("8.8.8.2") ?? 0)).toBe(false);
  expect(firstRefused(given, "8.*.1.1")).toBe(undefined);
  expect(firstRefused(given, "8.*.1.1-2")).toBe("8.0.1.2");
});

test("a scope answers as its blocks do, one by one", () => {
  const small = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 22, max: 32 }))
    .map(([third, fourth, prefix]) => `198.51.${third}.${fourth}/${prefix}`);
  const pattern = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 55 }))
    .map(([third, first, more]) => `198.51.${third}-3.${first}-${first + more},250`);
  const any = fc.oneof(small, pattern).map(block);
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), any, (authorized, asked) => {
      const given = Scope.of({ own: [], authorized });
      let refused: Address | undefined;
      for (let at = 0; at < blockCount(asked) && refused === undefined; at++) {
        const one = blockAt(asked, at);
        const isIn = authorized.some((each) => blockContains(each, one));
        if (given.allows(one) !== isIn) throw new Error(formatAddress(one));
        if (!isIn) refused = one;
      }
      expect(given.firstRefused(asked)).toEqual(refused);
    }),
  );
});
