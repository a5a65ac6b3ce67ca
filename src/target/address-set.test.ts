import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress } from "./address.js";
import { type AddressBlock, blockAround, blockAt, blockCount } from "./address-block.js";
import { AddressSet } from "./address-set.js";
import { parseIpv6 } from "./ipv6.js";

function prefix(text: string, bits: number): AddressBlock {
  return blockAround({ family: 6, bytes: parseIpv6(text) ?? new Uint8Array(16) }, bits);
}

test("the first missing IPv6 address is the one that a walk finds, across the IPv4-mapped ones too", () => {
  const base = fc.constantFrom(
    "2001:db8::",
    "::fffe:ffff:fff0",
    "::ffff:0.0.0.0",
    "::ffff:255.255.255.240",
    "::1:0:0:0",
  );
  const any = fc
    .tuple(base, fc.integer({ min: 0, max: 31 }), fc.integer({ min: 122, max: 128 }))
    .map(([text, add, bits]) => {
      const start = blockAt(prefix(text, 123), add);
      return blockAround(start, bits);
    });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 8 }), any, (blocks, asked) => {
      const set = AddressSet.of(blocks);
      const walked = Array.from({ length: blockCount(asked) }, (_, at) => blockAt(asked, at)).find(
        (one) => !set.has(one),
      );
      const found = set.firstMissing(asked);
      expect(found && formatAddress(found)).toBe(walked && formatAddress(walked));
    }),
  );
});

test("a block around all IPv4-mapped addresses needs the IPv4 ranges too", () => {
  const all = prefix("::", 0);
  const ipv4 = blockAround({ family: 4, value: 0 }, 0);
  const middle = prefix("::", 80);
  const shown = (blocks: readonly AddressBlock[]) => {
    const missing = AddressSet.of(blocks).firstMissing(middle);
    return missing && formatAddress(missing);
  };
  expect(shown([all, ipv4])).toBeUndefined();
  expect(shown([all])).toBe("::ffff:0.0.0.0");
  expect(shown([ipv4])).toBe("::");
  expect(shown([all, blockAround({ family: 4, value: 0 }, 1)])).toBe("::ffff:128.0.0.0");
});

test("numbers that are no addresses are in no set", () => {
  const set = AddressSet.of([blockAround({ family: 4, value: 0 }, 0)]);
  const form: AddressBlock = { kind: "ipv4-octets", octets: [[[0, 255]], [[0, 255]], [[0, 255]], [[0, 254]]] };
  for (const value of [-1, 2 ** 32, Number.NaN]) {
    expect(set.hasIpv4(value)).toBe(false);
    expect(AddressSet.of([form]).hasIpv4(value)).toBe(false);
  }
  expect(AddressSet.of([]).hasIpv4(0)).toBe(false);
});
