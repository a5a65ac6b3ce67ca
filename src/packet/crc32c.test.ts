import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.js";
import { watchReads } from "./watch-reads.test.data.js";

function unsignedCrc(bytes: Uint8Array): number {
  return crc32c(bytes, 0, bytes.length) >>> 0;
}

/** One bit at a time, straight from the definition: what the table must agree with. */
function slowCrc(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

test("the check value", () => {
  expect(unsignedCrc(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(unsignedCrc(new Uint8Array(0))).toBe(0);
});

/** RFC 3720 B.4 prints them in the order in which they are sent, lowest byte first. */
test.each([
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["counting up", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ["counting down", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
])("the vector of RFC 3720 B.4: %s", (_name, bytes, crc) => {
  expect(unsignedCrc(bytes)).toBe(crc);
});

test("pieces give what the whole gives, and the table what the bits give", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), (bytes, split) => {
      const middle = Math.min(split, bytes.length);
      const inPieces = crc32c(bytes, middle, bytes.length, crc32c(bytes, 0, middle));
      expect(inPieces).toBe(crc32c(bytes, 0, bytes.length));
      expect(inPieces >>> 0).toBe(slowCrc(bytes));
    }),
  );
});

test("reads from `at` to `end` only", () => {
  const watched = watchReads(Buffer.from("??123456789?????"));
  expect(crc32c(watched.bytes, 2, 11) >>> 0).toBe(0xe3069283);
  expect(watched.highestRead()).toBe(10);
});
