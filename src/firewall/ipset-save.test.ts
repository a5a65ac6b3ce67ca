import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../model/errors.js";
import { readIpsetSave } from "./ipset-save.js";
import { setText } from "./statement-notation.test.data.js";

/** The first set of a listing: its types, and its elements. */
function first(text: string): string {
  const [set] = readIpsetSave(text).values();
  if (set === undefined) return "";
  return `${set.types.map(({ name }) => name).join(" . ")} ${set.unknown ?? setText(set)}`;
}

describe("sets of each type", () => {
  test.each([
    [
      "hash:ip family inet hashsize 1024 maxelem 65536",
      ["10.0.0.1 timeout 5", "10.0.0.2-10.0.0.9"],
      "ipv4_addr {10.0.0.1, 10.0.0.2-10.0.0.9}",
    ],
    [
      "hash:ip family inet netmask 24 counters",
      ["198.51.100.0 packets 0 bytes 0"],
      "ipv4_addr {198.51.100.0-198.51.100.255}",
    ],
    ["hash:ip family inet6", ["2001:db8::1"], "ipv6_addr {2001:db8::1}"],
    [
      "hash:net family inet comment",
      ['10.0.0.0/8 comment "ends in \\"', "10.1.0.0/16 nomatch"],
      "ipv4_addr {10.0.0.0-10.255.255.255, !10.1.0.0-10.1.255.255}",
    ],
    ["hash:net family inet6", ["::/0"], "ipv6_addr {::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff}"],
    [
      "hash:ip,port family inet",
      ["10.0.0.1,tcp:80", "10.0.0.1,udp:53-55"],
      "ipv4_addr . inet_proto . inet_service {10.0.0.1 . 6 . 80, 10.0.0.1 . 17 . 53-55}",
    ],
    [
      "hash:ip,port family inet",
      ["10.0.0.1,icmp:echo-request", "10.0.0.1,icmp:3/9", "10.0.0.1,ospf:0"],
      "ipv4_addr . inet_proto . inet_service {10.0.0.1 . 1 . 2048, 10.0.0.1 . 1 . 777, 10.0.0.1 . 89 . 0}",
    ],
    [
      "hash:ip,port family inet6",
      ["fd00::1,ipv6-icmp:neighbour-solicitation"],
      "ipv6_addr . inet_proto . inet_service {fd00::1 . 58 . 34560}",
    ],
    [
      "hash:net,port,net family inet",
      ["10.0.0.0/24,tcp:80,10.9.0.0/16"],
      "ipv4_addr . inet_proto . inet_service . ipv4_addr {10.0.0.0-10.0.0.255 . 6 . 80 . 10.9.0.0-10.9.255.255}",
    ],
    [
      "hash:net,iface family inet",
      ["10.0.0.0/8,eth0", "10.0.0.0/8,ppp wildcard", "0.0.0.0/0,physdev:eth7"],
      'ipv4_addr . ifname {10.0.0.0-10.255.255.255 . "eth0", 10.0.0.0-10.255.255.255 . "ppp*", 0.0.0.0-255.255.255.255 . "eth7"?}',
    ],
    ["hash:ip,mark family inet markmask 0xffffffff", ["10.0.0.1,0x00000105"], "ipv4_addr . mark {10.0.0.1 . 0x105}"],
    ["hash:mac", ["00:11:22:33:44:55"], "ether_addr {73588229205}"],
    ["bitmap:ip range 10.0.0.0-10.0.255.255 netmask 24", ["10.0.5.0"], "ipv4_addr {10.0.5.0-10.0.5.255}"],
    [
      "bitmap:ip,mac range 10.0.0.0-10.0.0.255",
      ["10.0.0.5,00:00:00:00:00:01", "10.0.0.6"],
      "ipv4_addr . ether_addr {10.0.0.5 . 1, 10.0.0.6 . 0-281474976710655?}",
    ],
    ["bitmap:port range 0-1024", ["80"], "inet_service {80}"],
    ["list:set size 8", ["other"], 'set {"other"}'],
    ["hash:ip family inet skbinfo", ["10.0.0.1 skbmark 0x1/0xff skbprio 1:2 skbqueue 3"], "ipv4_addr {10.0.0.1}"],
    ["hash:odd family inet", ["x"], ' its type "hash:odd" is not known'],
    [
      "hash:ip,mark family inet markmask 0x000000ff",
      ["10.0.0.1,0x05"],
      "ipv4_addr . mark its marks are compared under a mask",
    ],
    [
      "hash:net,net family inet netmask 24",
      ["10.0.0.0/8,10.0.0.0/8"],
      "ipv4_addr . ipv4_addr its addresses are compared under a mask of their own (netmask)",
    ],
    [
      "hash:ip family inet bitmask 255.0.255.0",
      ["10.0.0.0"],
      "ipv4_addr its addresses are compared under a mask of their own (bitmask)",
    ],
    ["hash:ip family inet", ["10.0.0.1 odd"], 'ipv4_addr line 2 is not understood: the option "odd" of an element'],
    ["hash:ip family inet", ["10.0.0"], 'ipv4_addr line 2 is not understood: the address "10.0.0"'],
  ])("%s", (type, elements, expected) => {
    const lines = [`create x ${type}`, ...elements.map((element) => `add x ${element}`)];
    expect(first(`${lines.join("\n")}\n`)).toBe(expected);
  });
});

describe("a bad listing", () => {
  test.each([
    ["hello\n", "x:1: expected a line of ipset save"],
    ["hello", "x:1: expected a line of ipset save"],
    ["create a hash:ip\ncreate a hash:ip\n", 'x:2: the set "a" is created twice'],
    ["add a 10.0.0.1\n", 'x:1: an element for the set "a", which was not created'],
    ["destroy a b\n", "x:1: expected a line"],
    ['create a hash:ip comment\nadd a 10.0.0.1 comment "half\n', "x:2: a quote is not closed"],
  ])("%j is refused with its line", (text, message) => {
    expect(() => readIpsetSave(text, "x")).toThrow(message);
    expect(() => readIpsetSave(text, "x")).toThrow(InputError);
  });

  test("that is cut leaves the set unknown that it was about", () => {
    const sets = readIpsetSave("create a hash:ip\nadd a 10.0.0.1\ncreate b hash:ip\nadd a 10.0.0.2");
    expect(sets.get("a")?.unknown).toBe("the listing is cut at line 4");
    expect(sets.get("b")?.unknown).toBeUndefined();
    expect(readIpsetSave("create __proto__ hash:ip\nad").get("__proto__")?.unknown).toContain("cut");
  });

  test("never makes the reader throw anything but its own error", () => {
    const word = fc.constantFrom(
      ...'create add x hash:ip hash:ip,port list:set bitmap:port family inet6 netmask 24 10.0.0.1,tcp:80 10.0.0.0/ , - : " nomatch timeout icmp:x'.split(
        " ",
      ),
    );
    const check = (text: string) => {
      try {
        readIpsetSave(text);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    };
    fc.assert(fc.property(fc.string({ unit: "binary" }), check));
    const line = fc.array(word).map((words) => words.join(" "));
    fc.assert(
      fc.property(word, fc.array(line), (type, lines) =>
        check(`create x ${type}\n${lines.map((rest) => `add x ${rest}`).join("\n")}\n`),
      ),
      { numRuns: 1000 },
    );
  });
});

test("ipset's own listing is understood", () => {
  const file = path.resolve(import.meta.dirname, "../../test/firewall/rulesets/sets.ipset");
  const sets = [...readIpsetSave(readFileSync(file, "utf8"), file).values()];
  expect(sets).toHaveLength(9);
  expect(sets.filter(({ unknown }) => unknown !== undefined)).toEqual([]);
});
