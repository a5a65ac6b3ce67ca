import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseIpv4 } from "../target/ipv4.js";
import { parseIpv6 } from "../target/ipv6.js";
import { Ipv4Intervals, Ipv6Intervals, type Ipv6Prefix } from "./route-intervals.js";

const ipv4 = (text: string): number => parseIpv4(text) ?? Number.NaN;
const ipv6 = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array();

function prefix6(text: string): Ipv6Prefix {
  const [address = "", bits] = text.split("/");
  return [ipv6(address), Number(bits)];
}

function numberOf(bytes: Uint8Array): bigint {
  return [...bytes].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

describe("intervals of IPv4", () => {
  test("without prefixes there is one", () => {
    const intervals = new Ipv4Intervals([]);
    expect([0, 1, 0xffff_ffff].map((address) => intervals.indexOf(address))).toEqual([0, 0, 0]);
  });

  test("begin before and behind each prefix", () => {
    const intervals = new Ipv4Intervals([
      [ipv4("10.0.0.0"), 8],
      [ipv4("10.1.0.0"), 16],
      [ipv4("255.255.255.255"), 32],
    ]);
    const texts = ["9.255.255.255", "10.0.0.0", "10.0.255.255", "10.1.0.0", "10.1.255.255", "10.2.0.0", "11.0.0.0"];
    expect(texts.map((text) => intervals.indexOf(ipv4(text)))).toEqual([0, 1, 1, 2, 2, 3, 4]);
    expect(intervals.indexOf(0xffff_fffe)).toBe(4);
    expect(intervals.indexOf(0xffff_ffff)).toBe(5);
  });
});

describe("intervals of IPv6", () => {
  test("without prefixes there is one", () => {
    const intervals = new Ipv6Intervals([]);
    expect(["::", "fd00::1", "ffff::"].map((text) => intervals.indexOf(ipv6(text)))).toEqual([0, 0, 0]);
  });

  test("begin before and behind each prefix, with a carry over all bytes", () => {
    const intervals = new Ipv6Intervals(["fd00::/16", "fd00:0:ffff::/48", "fd00:ffff::/32"].map(prefix6));
    const ends = ["fcff:ffff::", "fd00::", "fd00:0:fffe::", "fd00:0:ffff::", "fd00:1::", "fd00:ffff::1", "fd01::"];
    expect(ends.map((text) => intervals.indexOf(ipv6(text)))).toEqual([0, 1, 1, 2, 3, 4, 5]);
  });

  test("what stands behind a prefix does not matter, and the last prefix ends with the address space", () => {
    const intervals = new Ipv6Intervals(["fd00::dead:beef/64", "ffff::/16", "::/1"].map(prefix6));
    expect(["::", "8000::", "fd00::", "fd00:0:0:1::", "ffff::1"].map((text) => intervals.indexOf(ipv6(text)))).toEqual([
      0, 1, 2, 3, 4,
    ]);
  });

  test("two addresses share one just when no prefix ends between them", () => {
    const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const prefixes = fc.array(fc.tuple(address, fc.integer({ min: 1, max: 128 })), { maxLength: 12 });
    const flips = fc.array(fc.nat(127), { maxLength: 4 });
    fc.assert(
      fc.property(prefixes, fc.nat(11), flips, flips, (list, pick, ...turned) => {
        // Near a prefix's own address, or nothing would ever be found inside of one.
        const [one, other] = turned.map((bits) => {
          const bytes = (list[pick]?.[0] ?? new Uint8Array(16)).slice();
          for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
          return bytes;
        });
        if (one === undefined || other === undefined) return;
        const isIn = (bytes: Uint8Array, [base, bits]: Ipv6Prefix): boolean =>
          numberOf(bytes) >> BigInt(128 - bits) === numberOf(base) >> BigInt(128 - bits);
        const [low, high] = [numberOf(one), numberOf(other)].sort((a, b) => (a < b ? -1 : 1));
        const isCut = list.some(([base, bits]) => {
          const first = (numberOf(base) >> BigInt(128 - bits)) << BigInt(128 - bits);
          const behind = first + (1n << BigInt(128 - bits));
          return [first, behind].some((start) => (low ?? 0n) < start && start <= (high ?? 0n));
        });
        const intervals = new Ipv6Intervals(list);
        expect(intervals.indexOf(one) === intervals.indexOf(other)).toBe(!isCut);
        if (!isCut) for (const each of list) expect(isIn(one, each)).toBe(isIn(other, each));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
