import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "./address.js";
import { type AddressBlock, blockAt, blockContains, blockCount, blockOf } from "./address-block.js";
import { isFault } from "./fault.js";
import { PortSet } from "./port-set.js";
import { parseTarget } from "./target-expression.js";
import { type TargetGroup, TargetSet } from "./target-set.js";

const DEFAULT = PortSet.of({ tcp: [[1, 2]] });

function block(text: string): AddressBlock {
  const target = parseTarget(text);
  if (isFault(target) || target.kind === "name") throw new Error(text);
  return blockOf(target);
}

function group(text: string, port?: number, name?: string): TargetGroup {
  const base = { block: block(text) };
  const named = name === undefined ? base : { ...base, name };
  return port === undefined ? named : { ...named, ports: PortSet.of({ tcp: [[port, port]] }).toData() };
}

/** Each target as `address ports`, in the order of indexes. */
function shown(set: TargetSet): string[] {
  const lines: string[] = [];
  for (let at = 0; at < set.count; at++) {
    const target = set.at(at);
    if (target !== undefined) lines.push(`${formatAddress(target.address)} ${target.ports.key().split(";")[0]}`);
  }
  return lines;
}

test("host:port pairs of one host are one target", () => {
  const set = TargetSet.of(
    [group("10.0.0.1", 80), group("10.0.0.2"), group("10.0.0.1", 443), group("::1", 7), group("::1", 8)],
    [],
    DEFAULT,
  );
  expect(set.count).toBe(5);
  expect(shown(set)).toEqual(["10.0.0.1 T:80,443", "10.0.0.2 T:1-2", "::1 T:7-8"]);
});

test("blocks that overlap give each address once, with all of its ports", () => {
  const groups = [
    group("10.0.0.0/30"),
    group("10.0.0.2", 80),
    group("10.0.0.2-5", 9),
    group("10.0.0.4,6", 5),
    group("10.0.0.7", 3),
  ];
  expect(shown(TargetSet.of(groups, [], DEFAULT))).toEqual([
    "10.0.0.0 T:1-2",
    "10.0.0.1 T:1-2",
    "10.0.0.2 T:1-2,9,80",
    "10.0.0.3 T:1-2,9",
    "10.0.0.4 T:5,9",
    "10.0.0.5 T:9",
    "10.0.0.6 T:5",
    "10.0.0.7 T:3",
  ]);
});

test("zones are hosts of their own", () => {
  const set = TargetSet.of([group("fe80::/127"), group("fe80::1%eth0"), group("fe80::1", 80)], [], DEFAULT);
  expect(shown(set)).toEqual(["fe80:: T:1-2", "fe80::1 T:1-2,80", "fe80::1%eth0 T:1-2"]);
});

test("what is excluded has no target, not even as an IPv4-mapped address", () => {
  const excluded = [block("10.0.0.0/31"), block("10.0.*.3"), block("2001:db8::/126"), block("fe80::/10")];
  const groups = [group("10.0.0.0/29"), group("::ffff:10.0.0.1"), group("2001:db8::/125"), group("fe80::1%eth0")];
  expect(shown(TargetSet.of(groups, excluded, DEFAULT)).map((line) => line.split(" ")[0])).toEqual([
    "10.0.0.2",
    "10.0.0.4",
    "10.0.0.5",
    "10.0.0.6",
    "10.0.0.7",
    "2001:db8::4",
    "2001:db8::5",
    "2001:db8::6",
    "2001:db8::7",
  ]);
});

test("a name is kept when a block has the address first", () => {
  const named: TargetGroup = { ...group("10.0.0.1", undefined, "web.example"), otherAddresses: ["10.0.0.9"] };
  const set = TargetSet.of([group("10.0.0.0/31"), named, group("10.0.0.1", undefined, "other.example")], [], DEFAULT);
  expect(set.at(1)).toMatchObject({ name: "web.example", otherAddresses: ["10.0.0.9"] });
  expect(set.at(0)).toMatchObject({ name: undefined, otherAddresses: [] });
  expect(set.at(2)).toBeUndefined();
});

test("indexes that are none have no target", () => {
  const set = TargetSet.of([group("10.0.0.1")], [], DEFAULT);
  for (const index of [-1, 1, 1e9, Number.NaN]) expect(set.at(index)).toBeUndefined();
  expect(TargetSet.of([], [], DEFAULT).at(0)).toBeUndefined();
});

test("targets with the same ports share the object", () => {
  const set = TargetSet.of([group("10.0.0.0/24"), group("10.0.1.1", 80), group("10.0.1.2", 80)], [], DEFAULT);
  expect(set.at(0)?.ports).toBe(set.at(255)?.ports);
  expect(set.at(256)?.ports).toBe(set.at(257)?.ports);
});

test("any groups give what a walk over all of them gives", () => {
  const last = fc.integer({ min: 0, max: 63 });
  const text = fc.oneof(
    last.map((octet) => `10.0.0.${octet}`),
    fc.tuple(last, fc.integer({ min: 27, max: 31 })).map(([octet, prefix]) => `10.0.0.${octet}/${prefix}`),
    fc.tuple(last, last).map(([one, other]) => `10.0.0-1.${Math.min(one, other)}-${Math.max(one, other)},99`),
    last.map((octet) => `fe80::${octet.toString(16)}`),
    fc
      .tuple(last, fc.integer({ min: 122, max: 127 }))
      .map(([octet, prefix]) => `fe80::${octet.toString(16)}/${prefix}`),
  );
  const groups = fc.array(fc.tuple(text, fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })));
  fc.assert(
    fc.property(groups, fc.array(text, { maxLength: 3 }), (given, excludedTexts) => {
      const all = given.map(([each, port]) => group(each, port));
      const excluded = excludedTexts.map(block);
      const wanted = new Map<string, PortSet>();
      for (const each of all) {
        const ports = each.ports === undefined ? DEFAULT : PortSet.fromData(each.ports);
        for (let at = 0; at < blockCount(each.block); at++) {
          const address = blockAt(each.block, at);
          if (excluded.some((one) => blockContains(one, address))) continue;
          const key = formatAddress(address);
          wanted.set(key, wanted.get(key)?.union(ports) ?? ports);
        }
      }
      const set = TargetSet.of(all, excluded, DEFAULT);
      const lines = shown(set);
      expect(lines).toEqual([...wanted].map(([key, ports]) => `${key} ${ports.key().split(";")[0]}`));
      expect(shown(TargetSet.fromData(structuredClone(set.toData())))).toEqual(lines);
    }),
  );
});

test("a hundred thousand hosts and a /8 with holes are quick", () => {
  const groups: TargetGroup[] = [group("11.0.0.0/8")];
  for (let at = 0; at < 100_000; at++) {
    const address = parseAddress(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    if (address?.family === 4)
      groups.push({ ...group("10.0.0.1", (at % 7) + 1), block: { kind: "ipv4-range", base: address.value, count: 1 } });
  }
  const set = TargetSet.of(groups, [block("11.1.0.0/16")], DEFAULT);
  expect(set.count).toBe(2 ** 24 + 100_000);
  const startedAt = performance.now();
  let found = 0;
  for (let at = 0; at < 100_000; at++) if (set.at((at * 7919) % set.count) !== undefined) found++;
  expect((performance.now() - startedAt) / 100).toBeLessThan(20);
  expect(found).toBeGreaterThan(99_000);
});

test("one host with every port on a line of its own is quick", () => {
  const groups = Array.from({ length: 65_535 }, (_, at) => group("10.0.0.1", at + 1));
  const startedAt = performance.now();
  const set = TargetSet.of(groups, [], DEFAULT);
  expect(set.at(0)?.ports.ranges("tcp")).toEqual([[1, 65535]]);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
