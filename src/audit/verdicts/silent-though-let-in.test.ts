import { expect, test } from "vitest";
import {
  type CaseParts,
  CLOSED,
  caseOf,
  keyOf,
  LOSSY,
  rulesThat,
  rulesThatLead,
  SILENT,
  severityBy,
} from "../port-case.test.data.js";
import { silentThoughLetIn } from "./silent-though-let-in.js";

const AGAIN: CaseParts = { answer: SILENT, more: { isAskedAgain: true } };

test.each<[string, CaseParts, string, string]>([
  ["it waits, is let in and keeps silent", AGAIN, "low", "likely"],
  ["it does so on a path that loses packets", { ...AGAIN, answer: LOSSY }, "low", "possible"],
  ["it is meant to be open", { ...AGAIN, intended: "open" }, "medium", "likely"],
  ["it is meant to be closed, and the host itself would let it in", { ...AGAIN, intended: "closed" }, "low", "likely"],
])("holds where %s", (_, parts, severity, confidence) => {
  expect(silentThoughLetIn.judge(caseOf(parts))).toMatchObject({ severity, confidence });
  expect(keyOf(parts)).toBe("silent-though-let-in");
});

test.each<[string, CaseParts]>([
  ["it was asked only once", { answer: SILENT }],
  ["the firewall stops it", { ...AGAIN, rules: rulesThat("drop") }],
  ["what the firewall does is not known", { ...AGAIN, rules: "unknown" }],
  ["what the firewall does cannot be told", { ...AGAIN, rules: rulesThat("unknown") }],
  ["nothing waits", { ...AGAIN, waiting: [] }],
  ["the inside was not seen", { ...AGAIN, waiting: "unseen" }],
  ["it is meant for others, from where it may well be open", { ...AGAIN, intended: "closed", isExpected: true }],
  ["NAT leads it to a container, and docker-proxy waits in vain", { ...AGAIN, rules: rulesThatLead("172.17.0.2:80") }],
  [
    "its socket takes only what comes by another interface",
    { answer: SILENT, more: { isAskedAgain: true, isBoundElsewhere: true } },
  ],
  ["it is UDP", { ...AGAIN, at: "192.0.2.10/udp/53" }],
  ["it is refused", { ...AGAIN, answer: CLOSED }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(silentThoughLetIn, parts)).toBeUndefined();
});
