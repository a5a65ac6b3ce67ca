import { expect, test } from "vitest";
import { type CaseParts, CLOSED, keyOf, severityBy } from "../port-case.test.data.js";
import { openUnsaid } from "./open-unsaid.js";

test("holds where something waits, answers, and nothing is said: as it should be, as far as anybody knows", () => {
  expect(severityBy(openUnsaid, {})).toBe("ok");
  expect(keyOf({})).toBe("open-unsaid");
});

test.each<[string, CaseParts]>([
  ["the host is spoken of", { intended: "closed" }],
  ["it is meant to be open", { intended: "open" }],
  ["it is closed", { answer: CLOSED }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(openUnsaid, parts)).toBeUndefined();
});
