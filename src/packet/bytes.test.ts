import fc from "fast-check";
import { expect, test } from "vitest";
import { readUint8, readUint16, readUint32, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { unwritten } from "./watch-reads.test.data.js";

test("numbers are in network order", () => {
  const bytes = Uint8Array.of(0x80, 0x01, 0xfe, 0xff, 0x05);
  expect(readUint8(bytes, 1)).toBe(0x01);
  expect(readUint16(bytes, 0)).toBe(0x8001);
  expect(readUint32(bytes, 1)).toBe(0x01feff05);
});

test("four bytes are unsigned", () => {
  expect(readUint32(Uint8Array.of(0xff, 0xff, 0xff, 0xff), 0)).toBe(0xffff_ffff);
  expect(readUint32(Uint8Array.of(0x80, 0, 0, 0), 0)).toBe(0x8000_0000);
});

test("a byte past the end is 0", () => {
  expect(readUint32(Uint8Array.of(1, 2), 0)).toBe(0x0102_0000);
  expect(readUint8(Uint8Array.of(), 0)).toBe(0);
});

test("writers keep to their bytes and cut what is too large", () => {
  const out = unwritten(9);
  writeUint8(out, 1, 0x1ff);
  writeUint16(out, 2, 0x1_0203);
  writeUint32(out, 4, -2);
  expect([...out]).toEqual([0xa5, 0xff, 0x02, 0x03, 0xff, 0xff, 0xff, 0xfe, 0xa5]);
});

test("what is written reads back", () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.nat(7), (value, at) => {
      const out = unwritten(12);
      writeUint32(out, at, value);
      expect(readUint32(out, at)).toBe(value);
      writeUint16(out, at, value);
      expect(readUint16(out, at)).toBe(value % 0x1_0000);
    }),
  );
});
