import { expect, test } from "vitest";
import { type CaseParts, CLOSED, caseOf, keyOf, SILENT, severityBy, UDP_SILENT } from "../port-case.test.data.js";
import { answersEverything } from "./answers-everything.js";

const MARKED = { more: { mark: "answers on nearly every port" } };

test.each<[string, CaseParts]>([
  ["an open port of a marked address", MARKED],
  ["though it is meant to be open: the answer says nothing", { ...MARKED, intended: "open" }],
  ["though nothing waits for it", { ...MARKED, waiting: [] }],
])("holds for %s", (_, parts) => {
  expect(severityBy(answersEverything, parts)).toBe("medium");
  expect(keyOf(parts)).toBe("answers-everything");
});

test.each<[string, CaseParts]>([
  ["an address without a mark", {}],
  ["a refused port of a marked address", { ...MARKED, answer: CLOSED }],
  ["a silent one", { ...MARKED, answer: SILENT }],
  ["UDP, of which marks do not speak", { ...MARKED, at: "192.0.2.10/udp/53", answer: UDP_SILENT }],
  ["what could not be asked", { ...MARKED, answer: "none" }],
])("does not hold for %s", (_, parts) => {
  expect(severityBy(answersEverything, parts)).toBeUndefined();
});

test("speaks of the address, in the words of the mark", () => {
  expect(answersEverything.judge(caseOf(MARKED))?.title).toBe(
    "192.0.2.10 answers on nearly every port: its answers say nothing about single ports",
  );
});
