import fc from "fast-check";
import { expect, test } from "vitest";
import { writeUint16 } from "./bytes.js";
import { foldChecksum, sumBytes } from "./checksum.js";

/** RFC 1071 §1 word for word, with numbers that cannot overflow. */
function checksumByTheBook(bytes: readonly number[]): number {
  let sum = 0n;
  for (let index = 0; index < bytes.length; index += 2) {
    sum += BigInt((bytes[index] ?? 0) * 256 + (bytes[index + 1] ?? 0));
  }
  while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n);
  return Number(~sum & 0xffffn);
}

test("the example of RFC 1071 §3", () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(foldChecksum(sumBytes(bytes, 0, bytes.length))).toBe(~0xddf2 & 0xffff);
});

test("no bytes sum up to nothing", () => {
  expect(sumBytes(Uint8Array.of(1, 2), 1, 1)).toBe(0);
  expect(sumBytes(Uint8Array.of(1, 2), 2, 1)).toBe(0);
  expect(foldChecksum(0)).toBe(0xffff);
});

test("an odd end is padded with zero, and the byte behind it is not read", () => {
  expect(sumBytes(Uint8Array.of(0x12, 0x34, 0x56, 0x78), 0, 3)).toBe(0x1234 + 0x5600);
});

test("carries survive any length", () => {
  const bytes = new Uint8Array(1_000_001).fill(0xff);
  const sum = sumBytes(bytes, 0, bytes.length, 0x7fff_ffff);
  expect(sum).toBeLessThan(2 ** 31);
  expect(foldChecksum(sumBytes(bytes, 0, 1_000_000))).toBe(0);
});

test("a carry out of the carry is added too", () => {
  expect(foldChecksum(0xffff_ffff)).toBe(0);
  expect(foldChecksum(0x0001_ffff)).toBe(~0x0001 & 0xffff);
});

test("a pseudo header's addresses add as halves, its protocol and length as they are", () => {
  const addresses = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0a, 0x62, 0x00, 0x01);
  const sum = sumBytes(addresses, 0, addresses.length);
  expect(sum).toBe(0xffff + 0xffff + 0x0a62 + 0x0001);
  expect(sumBytes(addresses, 0, 0, sum + 6 + 20)).toBe(((sum + 26) & 0xffff) + ((sum + 26) >>> 16));
});

test("equals the book for all bytes, in one piece or two", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(100), (bytes, half) => {
      const expected = checksumByTheBook([...bytes]);
      const middle = Math.min(half * 2, bytes.length - (bytes.length % 2));
      expect(foldChecksum(sumBytes(bytes, 0, bytes.length))).toBe(expected);
      expect(foldChecksum(sumBytes(bytes, middle, bytes.length, sumBytes(bytes, 0, middle)))).toBe(expected);
    }),
  );
});

test("a checksum that is put in makes the whole come out as 0", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 99 }), (bytes) => {
      writeUint16(bytes, 0, 0);
      writeUint16(bytes, 0, foldChecksum(sumBytes(bytes, 0, bytes.length)));
      expect(foldChecksum(sumBytes(bytes, 0, bytes.length))).toBe(0);
    }),
  );
});
