import { expect, test } from "vitest";
import { describeReadResult, READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

test("every result has words of its own", () => {
  const results: ReadResult[] = [READ_OK, ...Object.values(ReadFault)];
  expect(results).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(results.map(describeReadResult)).size).toBe(results.length);
  expect(describeReadResult(ReadFault.CUT)).toBe("cut short");
});
