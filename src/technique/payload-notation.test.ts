import fc from "fast-check";
import { expect, test } from "vitest";
import { LONG_PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MAX, PayloadReader } from "./payload-notation.js";

function hexOf(notation: string): string {
  const payload = new PayloadReader().read(notation);
  return typeof payload === "string" ? payload : Buffer.from(payload).toString("hex");
}

test.each([
  ["00ff Ab", "00ffab"],
  ['"ab" 00', "616200"],
  ['"a\\r\\n\\"\\\\"', "610d0a225c"],
  ['"a 1[*"', "6120315b2a"],
  ["0102*3 ff", "010201020102ff"],
  ['"ab"*2', "61626162"],
  ["2[0102]", "00020102"],
  ["1[]", "00"],
  ["30 1[ 02 1[05] ]", "3003020105"],
  ["c8 2+3[ 00 ]", "c8000400"],
  ["3[ 00*2 ]", "0000020000"],
  ["4+28[]", "0000001c"],
  ["12 1[34]", "120134"],
])("%s is %s", (notation, hex) => {
  expect(hexOf(notation)).toBe(hex);
});

test.each([
  ["", "the payload is empty"],
  ["long ", "the payload is empty"],
  ["0", "is no part of a payload"],
  ["012", "is no part of a payload"],
  ["0x12", "is no part of a payload"],
  ["12[34]", "is no part of a payload"],
  ["5[00]", "is no part of a payload"],
  ["1+[00]", "is no part of a payload"],
  ["1+12345[00]", "is no part of a payload"],
  ["00*", "is no part of a payload"],
  ["00*0", "is no part of a payload"],
  ["*3", "is no part of a payload"],
  ['"abc', "is no part of a payload"],
  ['"\\x41"', "is no part of a payload"],
  ['"\\', "is no part of a payload"],
  ['"é"', "is no part of a payload"],
  ["1[00", "a group is not closed"],
  ["00]", "a group is closed that is not open"],
  ["1[00*256]", "a group is too long for a length of 1 bytes"],
  ["1[".repeat(17), "more than 16 groups in each other"],
  ["00*421", "the payload is longer than 420 bytes"],
  ["00*420 00", "the payload is longer than 420 bytes"],
  ["00*9999 00*9999", "the payload is longer than 420 bytes"],
  ["long 00*1233", "the payload is longer than 1232 bytes"],
])("%j is refused", (notation, fault) => {
  expect(new PayloadReader().read(notation)).toContain(fault);
});

test("lengths up to the limits are good, and one reader reads many", () => {
  const reader = new PayloadReader();
  expect(reader.read(`00*${PAYLOAD_BYTES_MAX}`)).toHaveLength(PAYLOAD_BYTES_MAX);
  expect(reader.read(`long 00*${LONG_PAYLOAD_BYTES_MAX}`)).toHaveLength(LONG_PAYLOAD_BYTES_MAX);
  expect(reader.read("1[ 00")).toBe("a group is not closed");
  expect(reader.read("2[00]")).toEqual(Uint8Array.of(0, 1, 0));
});

test("no text makes the reader throw or pass its limit", () => {
  const parts = fc.constantFrom("00", "ff", "1[", "2+4[", "]", '"a"', '"', "*9999", "*3", " ", "\\", "+", "long ", "é");
  const texts = fc.oneof(
    fc.array(parts, { maxLength: 40 }).map((list) => list.join("")),
    fc.string({ unit: "binary" }),
  );
  const reader = new PayloadReader();
  fc.assert(
    fc.property(texts, (text) => {
      const payload = reader.read(text);
      if (typeof payload !== "string") expect(payload.length).toBeLessThanOrEqual(LONG_PAYLOAD_BYTES_MAX);
    }),
    { seed: 1, numRuns: 2000 },
  );
});
