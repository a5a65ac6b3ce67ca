import { expect, test } from "vitest";
import {
  type CaseParts,
  CLOSED,
  caseOf,
  keyOf,
  listener,
  rulesThat,
  SILENT,
  severityBy,
  UDP_SILENT,
} from "../port-case.test.data.js";
import { listeningBlocked } from "./listening-blocked.js";

const BLOCKED: CaseParts = { answer: SILENT, rules: rulesThat("drop") };
const CLIENT: CaseParts = {
  ...BLOCKED,
  at: "192.0.2.10/udp/41732",
  waiting: [listener("0.0.0.0:41732", "avahi-daemon")],
  answer: UDP_SILENT,
};

test.each<[string, CaseParts, string]>([
  ["a rule drops it", BLOCKED, "certain"],
  ["a rule rejects it", { answer: CLOSED, rules: rulesThat("reject") }, "certain"],
  ["it is meant to be closed", { ...BLOCKED, intended: "closed" }, "certain"],
  ["it could not be asked", { ...BLOCKED, answer: "none" }, "likely"],
  ["UDP waits at a service's port", { ...CLIENT, at: "192.0.2.10/udp/5353" }, "certain"],
])("holds where %s", (_, parts, confidence) => {
  expect(listeningBlocked.judge(caseOf(parts))).toMatchObject({ severity: "info", confidence });
  expect(keyOf(parts)).toBe("listening-blocked");
});

test.each<[string, CaseParts]>([
  ["it is let in", { answer: SILENT }],
  ["what the rules do is not known", { ...BLOCKED, rules: "unknown" }],
  ["nothing waits", { ...BLOCKED, waiting: [] }],
  ["the inside was not seen", { ...BLOCKED, waiting: "unseen" }],
  ["it is meant for others", { ...BLOCKED, intended: "closed", isExpected: true }],
  ["it is open all the same", { ...BLOCKED, answer: {} }],
  ["it is a UDP client's port, which waits for answers", CLIENT],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(listeningBlocked, parts)).toBeUndefined();
});
