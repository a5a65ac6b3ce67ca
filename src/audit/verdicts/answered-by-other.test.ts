import { expect, test } from "vitest";
import {
  answered,
  type CaseParts,
  caseOf,
  keyOf,
  rulesThat,
  rulesThatLead,
  severityBy,
} from "../port-case.test.data.js";
import { answeredByOther } from "./answered-by-other.js";

const BY_ROUTER = answered("filtered", "admin-prohibited", "203.0.113.1");
const BY_POLICY = rulesThat("accept", { isNamed: false });
const BY_RESET = answered("closed", "reset-by-other");

test.each<[string, CaseParts, string]>([
  ["a router refuses what waits and is let in", { answer: BY_ROUTER }, "low"],
  ["it does so with a RST in the host's name", { answer: BY_RESET }, "low"],
  ["it refuses what is meant to be open", { answer: BY_ROUTER, intended: "open" }, "medium"],
  [
    "the same, and nothing is known of the host itself",
    { answer: BY_ROUTER, intended: "open", waiting: "unseen", rules: "unknown" },
    "medium",
  ],
  ["it is meant to be closed, and the host would take it", { answer: BY_ROUTER, intended: "closed" }, "low"],
])("holds where %s", (_, parts, severity) => {
  expect(severityBy(answeredByOther, parts)).toBe(severity);
  expect(keyOf(parts)).toBe("answered-by-other");
});

test.each<[string, CaseParts, string]>([
  ["a router refuses what nothing waits for", { answer: BY_ROUTER, waiting: [], rules: BY_POLICY }, "shut"],
  [
    "a Docker host resets what nothing waits for: those are its own RSTs",
    { answer: BY_RESET, waiting: [], intended: "closed", rules: BY_POLICY },
    "shut",
  ],
  ["nothing is known of the inside, and nobody misses it", { answer: BY_ROUTER, waiting: "unseen" }, "shut"],
  [
    "it is meant for others, and a router keeps the rest out",
    { answer: BY_ROUTER, intended: "closed", isExpected: true },
    "shut",
  ],
  ["the host's own rules reject it", { answer: BY_ROUTER, rules: rulesThat("reject") }, "listening-blocked"],
  [
    "its own rules reject it with a RST",
    { answer: BY_RESET, rules: rulesThat("reject", { fact: { detail: "tcp-reset" } }) },
    "listening-blocked",
  ],
  [
    "nothing listens for what is meant to be open",
    { answer: BY_ROUTER, waiting: [], intended: "open" },
    "intended-not-reachable",
  ],
  [
    "the error comes from another address of the host",
    { answer: BY_ROUTER, more: { isAnsweredByOther: false } },
    "shut",
  ],
  ["NAT leads it on, and who is there refuses", { answer: BY_ROUTER, rules: rulesThatLead("172.17.0.2:80") }, "shut"],
  [
    "its socket takes only what comes by another interface",
    { answer: BY_RESET, more: { isBoundElsewhere: true } },
    "shut",
  ],
])("is another verdict where %s", (_, parts, key) => {
  expect(keyOf(parts)).toBe(key);
});

test("says who it was, and is sure only of an address", () => {
  const byRouter = answeredByOther.judge(caseOf({ answer: BY_ROUTER }));
  expect(byRouter).toMatchObject({
    confidence: "certain",
    title: "22/tcp of 192.0.2.10 is refused by 203.0.113.1 before it gets there",
  });
  expect(answeredByOther.judge(caseOf({ answer: BY_RESET }))?.confidence).toBe("likely");
});
