import { expect, test } from "vitest";
import { foldChecksum, sumBytes } from "./checksum.js";
import { IGMP_BYTES, PROTOCOL_IGMP, writeIgmpQuery } from "./igmp.js";
import { unwritten } from "./watch-reads.test.data.js";

test("a query is 8 bytes, with a good checksum", () => {
  const out = unwritten(10);
  expect(writeIgmpQuery(out, 1)).toBe(IGMP_BYTES);
  expect(Buffer.from(out).toString("hex")).toBe(`a5${"1164ee9b00000000"}a5`);
  expect(foldChecksum(sumBytes(out, 1, 9))).toBe(0);
  expect(PROTOCOL_IGMP).toBe(2);
});
