import { describe, expect, test } from "vitest";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { blockAround, blockContains } from "../target/address-block.js";
import { seededRandom } from "../target/random.js";
import { AddressCandidates } from "./address-candidates.js";

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

/** Up to `most` candidates of the prefix around an address, as text. */
function drawn(own: string, prefix: number, most: number, taken: readonly string[] = []): string[] {
  const isTaken = (each: Address): boolean => taken.includes(formatAddress(each));
  const candidates = new AddressCandidates({ address: address(own), prefix }, seededRandom(1), isTaken);
  const found: string[] = [];
  for (let next = candidates.next(); next !== undefined && found.length < most; next = candidates.next()) {
    found.push(formatAddress(next));
  }
  return found;
}

describe("candidates of IPv4", () => {
  test("are all of a prefix but network and broadcast, each once, in no order", () => {
    const found = drawn("10.9.3.5", 29, 100);
    expect(found.toSorted()).toEqual(["10.9.3.1", "10.9.3.2", "10.9.3.3", "10.9.3.4", "10.9.3.5", "10.9.3.6"]);
    expect(found).not.toEqual(found.toSorted());
  });

  test("are none of those that are taken", () => {
    expect(drawn("10.9.3.5", 30, 100, ["10.9.3.5"])).toEqual(["10.9.3.6"]);
  });

  test.each([31, 32])("there are none in a /%i", (prefix) => {
    expect(drawn("10.9.3.4", prefix, 100)).toEqual([]);
  });

  test("come from anywhere in a large prefix", () => {
    const found = drawn("200.1.2.3", 1, 500);
    expect(new Set(found).size).toBe(500);
    expect(new Set(found.map((text) => text.split(".")[0])).size).toBeGreaterThan(60);
    expect(found.every((text) => Number(text.split(".")[0]) >= 128)).toBe(true);
  });

  test("come to an end where all of a large prefix is taken", () => {
    let looks = 0;
    const isTaken = (): boolean => {
      looks++;
      return true;
    };
    const own = { address: address("10.0.0.1"), prefix: 8 };
    expect(new AddressCandidates(own, seededRandom(1), isTaken).next()).toBeUndefined();
    expect(looks).toBeLessThan(20_000);
  });
});

describe("candidates of IPv6", () => {
  test.each([
    ["2001:db8:1:2::5", 64, 64],
    ["2001:db8:1:2::5", 48, 64],
    ["2001:db8:1:2:aaaa:bbbb:cccc:5", 83, 83],
    ["2001:db8:1:2:aaaa:bbbb:cccc:5", 96, 96],
    ["2001:db8:1:2:aaaa:bbbb:cccc:5", 117, 117],
    ["fe80::1%eth0", 64, 64],
  ])("of %s/%i lie in its /%i, each once", (own, prefix, bits) => {
    const found = drawn(own, prefix, 500);
    expect(new Set(found).size).toBe(500);
    const block = blockAround(address(own), bits);
    expect(found.filter((text) => !blockContains(block, address(text)))).toEqual([]);
  });

  test("have no anycast address: the first of a subnet, and its last 128", () => {
    const found = drawn("2001:db8::5", 120, 500).toSorted();
    expect(found).toHaveLength(127);
    expect(found).not.toContain("2001:db8::");
    expect(found).toContain("2001:db8::7f");
    expect(found).not.toContain("2001:db8::80");
  });

  test.each([127, 128])("there are none in a /%i", (prefix) => {
    expect(drawn("2001:db8::4", prefix, 100)).toEqual([]);
  });

  test("use all 64 bits", () => {
    const words = drawn("2001:db8::1", 64, 400).map((text) => {
      const parsed = address(text);
      return parsed.family === 6 ? Buffer.from(parsed.bytes).readBigUInt64BE(8) : 0n;
    });
    const bits = Array.from({ length: 64 }, (_, bit) => words.filter((word) => (word >> BigInt(bit)) & 1n).length);
    for (const count of bits) expect(Math.abs(count - 200)).toBeLessThan(60); // six standard deviations
  });
});
