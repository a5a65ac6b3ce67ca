import { expect, test } from "vitest";
import {
  type CaseParts,
  CLOSED,
  caseOf,
  keyOf,
  listener,
  rulesThat,
  rulesThatLead,
  severityBy,
} from "../port-case.test.data.js";
import { publishedAroundFirewall } from "./published-around-firewall.js";

const DOCKER = { at: "192.0.2.10/tcp/8080", waiting: [], rules: rulesThatLead("172.17.0.2:80", "drop") } as const;
const PROXY = listener("0.0.0.0:8080", "docker-proxy");

test.each<[string, CaseParts]>([
  ["Docker leads it on before ufw drops it", DOCKER],
  ["docker-proxy waits for it, too", { ...DOCKER, waiting: [PROXY] }],
  ["ufw would reject it", { ...DOCKER, rules: rulesThatLead("172.17.0.2:80", "reject") }],
  ["it is meant to be closed", { ...DOCKER, intended: "closed" }],
  ["the inside was not seen", { ...DOCKER, waiting: "unseen" }],
])("holds where %s", (_, parts) => {
  expect(severityBy(publishedAroundFirewall, parts)).toBe("high");
  expect(keyOf(parts)).toBe("published-around-firewall");
});

test.each<[string, CaseParts, string]>([
  [
    "the rules for the host would let it in",
    { ...DOCKER, rules: rulesThatLead("172.17.0.2:80") },
    "open-nothing-listens",
  ],
  [
    "what they would do is not known",
    { ...DOCKER, rules: rulesThatLead("172.17.0.2:80", "unknown") },
    "open-nothing-listens",
  ],
  [
    "it is led to the host itself, where its rules see it",
    { ...DOCKER, rules: { ...DOCKER.rules, isForwarded: false } },
    "open-nothing-listens",
  ],
  ["somebody wants it so", { ...DOCKER, intended: "open" }, "open-intended"],
  ["nobody answers", { ...DOCKER, answer: CLOSED }, "shut"],
  ["no address is translated", { ...DOCKER, rules: rulesThat("accept"), waiting: [PROXY] }, "open-unsaid"],
])("is another verdict where %s", (_, parts, key) => {
  expect(keyOf(parts)).toBe(key);
});

test("names the rule that never sees it", () => {
  expect(publishedAroundFirewall.judge(caseOf(DOCKER))?.evidence).toContain(
    "without the translation it would meet drop: tcp dport 22 drop",
  );
});
