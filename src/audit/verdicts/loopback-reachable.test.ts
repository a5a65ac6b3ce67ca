import { expect, test } from "vitest";
import { type CaseParts, CLOSED, caseOf, keyOf, listener, rulesThat, rulesThatLead } from "../port-case.test.data.js";
import { loopbackReachable } from "./loopback-reachable.js";

const REDIS = {
  at: "192.0.2.10/tcp/6379",
  waiting: [],
  onLoopback: [listener("127.0.0.1:6379", "redis-server")],
} as const;
const TO_LOOPBACK = rulesThat("accept", { isTranslated: true, fact: { deliveredTo: "127.0.0.1:6379" } });

test.each<[string, CaseParts, string]>([
  ["DNAT leads to 127.0.0.1", { ...REDIS, rules: TO_LOOPBACK }, "certain"],
  ["DNAT leads to another port of loopback", { ...REDIS, onLoopback: [], rules: TO_LOOPBACK }, "certain"],
  ["it is open, and nobody knows how", REDIS, "likely"],
  ["the rules are not known", { ...REDIS, rules: "unknown" }, "likely"],
])("holds where %s", (_, parts, confidence) => {
  expect(loopbackReachable.judge(caseOf(parts))).toMatchObject({ severity: "high", confidence });
  expect(keyOf(parts)).toBe("loopback-reachable");
});

test.each<[string, CaseParts, string]>([
  ["it is closed, though a rule lets it in", { ...REDIS, answer: CLOSED }, "let-in-nothing-listens"],
  [
    "something waits for others, too",
    { ...REDIS, waiting: [listener("192.0.2.10:6379", "redis-server")] },
    "open-unsaid",
  ],
  [
    "NAT leads to a container, not to loopback",
    { ...REDIS, rules: rulesThatLead("172.17.0.2:6379") },
    "open-nothing-listens",
  ],
  ["the inside was not seen", { ...REDIS, waiting: "unseen", onLoopback: [] }, "open-unsaid"],
  ["somebody wants it so", { ...REDIS, rules: TO_LOOPBACK, intended: "open" }, "open-intended"],
])("is another verdict where %s", (_, parts, key) => {
  expect(keyOf(parts)).toBe(key);
});
