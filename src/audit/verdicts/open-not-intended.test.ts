import { expect, test } from "vitest";
import { type CaseParts, CLOSED, keyOf, SILENT, severityBy, UDP_SILENT } from "../port-case.test.data.js";
import { openNotIntended } from "./open-not-intended.js";

test.each<[string, CaseParts]>([
  ["it answers though it is meant to be closed", { intended: "closed" }],
  ["it is meant for others, and answers here", { intended: "closed", isExpected: true }],
  ["nothing else is known of the host", { intended: "closed", waiting: "unseen", rules: "unknown" }],
  ["UDP answers", { intended: "closed", at: "192.0.2.10/udp/161", answer: { state: "open", reason: "udp-response" } }],
])("holds where %s", (_, parts) => {
  expect(severityBy(openNotIntended, parts)).toBe("high");
  expect(keyOf(parts)).toBe("open-not-intended");
});

test.each<[string, CaseParts]>([
  ["nothing is said of the host", {}],
  ["it is meant to be open", { intended: "open" }],
  ["it is closed", { intended: "closed", answer: CLOSED }],
  ["it is silent", { intended: "closed", answer: SILENT }],
  ["UDP is silent, which is no proof", { intended: "closed", at: "192.0.2.10/udp/161", answer: UDP_SILENT }],
  ["it could not be asked", { intended: "closed", answer: "none" }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(openNotIntended, parts)).toBeUndefined();
});
