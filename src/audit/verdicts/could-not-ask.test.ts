import { expect, test } from "vitest";
import { caseOf, keyOf, SILENT, severityBy } from "../port-case.test.data.js";
import { couldNotAsk } from "./could-not-ask.js";

const UNASKED = { answer: "none", rules: "unknown" } as const;

test("holds where there is no answer, and the finding is that of the vantage point", () => {
  expect(severityBy(couldNotAsk, UNASKED)).toBe("ok");
  expect(keyOf(UNASKED)).toBe("could-not-ask");
  expect(keyOf({ ...UNASKED, intended: "open" })).toBe("could-not-ask");
  expect(couldNotAsk.judge(caseOf(UNASKED))?.title).toBe("22/tcp could not be asked from office");
});

test("does not hold for silence", () => {
  expect(severityBy(couldNotAsk, { answer: SILENT })).toBeUndefined();
});
