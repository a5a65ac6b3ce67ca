import { expect, test } from "vitest";
import {
  type CaseParts,
  CLOSED,
  caseOf,
  keyOf,
  listener,
  rulesThat,
  rulesThatLead,
  SILENT,
  severityBy,
} from "../port-case.test.data.js";
import { letInNothingListens } from "./let-in-nothing-listens.js";

const LATENT: CaseParts = { waiting: [], answer: CLOSED };
const REDIRECT = rulesThat("accept", { isTranslated: true, fact: { deliveredTo: "192.0.2.10:8080" } });

test.each<[string, CaseParts]>([
  ["a rule names it and nothing waits", LATENT],
  ["it is meant to be closed", { ...LATENT, intended: "closed" }],
  ["it could not be asked", { ...LATENT, answer: "none" }],
  ["it waits on loopback alone", { ...LATENT, onLoopback: [listener("127.0.0.1:22", "sshd")] }],
  ["it is led to another port, which refuses", { ...LATENT, rules: REDIRECT }],
])("holds where %s", (_, parts) => {
  expect(severityBy(letInNothingListens, parts)).toBe("low");
  expect(keyOf(parts)).toBe("let-in-nothing-listens");
});

test.each<[string, CaseParts]>([
  ["a policy lets it in, or a rule for everything", { ...LATENT, rules: rulesThat("accept", { isNamed: false }) }],
  ["it is dropped", { ...LATENT, rules: rulesThat("drop") }],
  ["the rules are not known", { ...LATENT, rules: "unknown" }],
  ["something waits", { answer: CLOSED }],
  ["something waits at another address", { ...LATENT, isAwaitedElsewhere: true }],
  ["the inside was not seen", { ...LATENT, waiting: "unseen" }],
  ["something answers", { waiting: [] }],
  ["it is meant to be open, and its program is down", { ...LATENT, intended: "open" }],
  ["it is meant for others, and its program is down", { ...LATENT, intended: "closed", isExpected: true }],
  ["it is passed on to a container", { ...LATENT, rules: rulesThatLead("172.17.0.2:80") }],
  ["it is led to another port, which may take it", { ...LATENT, rules: REDIRECT, answer: SILENT }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(letInNothingListens, parts)).toBeUndefined();
});

test("says that something waits on loopback", () => {
  const { title } =
    letInNothingListens.judge(caseOf({ ...LATENT, onLoopback: [listener("127.0.0.1:22", "sshd")] })) ?? {};
  expect(title).toBe("22/tcp is let in, and nothing listens but on loopback");
});
