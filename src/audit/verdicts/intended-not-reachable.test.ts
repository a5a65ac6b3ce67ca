import { expect, test } from "vitest";
import {
  answered,
  type CaseParts,
  CLOSED,
  caseOf,
  keyOf,
  LOSSY,
  rulesThat,
  rulesThatLead,
  SILENT,
  severityBy,
  UDP_SILENT,
} from "../port-case.test.data.js";
import { intendedNotReachable } from "./intended-not-reachable.js";

const WANTED: CaseParts = { intended: "open", answer: SILENT };
const UDP: CaseParts = { ...WANTED, at: "192.0.2.10/udp/53", answer: UDP_SILENT };
const UNKNOWN = { waiting: "unseen", rules: "unknown" } as const;

test.each<[string, CaseParts, string, string]>([
  ["the firewall drops it", { ...WANTED, rules: rulesThat("drop") }, "the firewall stops it", "certain"],
  ["nothing listens, and the host says so", { ...WANTED, waiting: [], answer: CLOSED }, "nothing listens", "certain"],
  [
    "nothing listens and nothing else is known",
    { ...WANTED, waiting: [], rules: "unknown" },
    "nothing listens",
    "likely",
  ],
  ["a program waits, and it was asked once", WANTED, "something keeps it from the program that waits", "likely"],
  [
    "the path loses packets",
    { ...WANTED, answer: LOSSY },
    "something keeps it from the program that waits",
    "possible",
  ],
  [
    "it is refused though a program waits",
    { ...WANTED, answer: CLOSED },
    "it is refused, though a program waits",
    "likely",
  ],
  ["nothing is known but that it is silent", { ...WANTED, ...UNKNOWN }, "it does not answer", "likely"],
  [
    "a container does not answer",
    { ...WANTED, waiting: [], rules: rulesThatLead("172.17.0.2:80") },
    "it is led to 172.17.0.2:80, and nothing there takes it",
    "likely",
  ],
  ["the rules stop silent UDP", { ...UDP, rules: rulesThat("reject") }, "the firewall stops it", "certain"],
  ["nothing waits for silent UDP", { ...UDP, waiting: [] }, "nothing listens", "certain"],
  [
    "the host itself refuses UDP",
    { ...UDP, waiting: [], answer: answered("closed", "port-unreach") },
    "nothing listens",
    "certain",
  ],
])("holds where %s", (_, parts, why, confidence) => {
  const judgement = intendedNotReachable.judge(caseOf(parts));
  expect(judgement).toMatchObject({ severity: "medium", confidence });
  expect(judgement?.title).toMatch(/^\d+\/(?:tcp|udp) is meant to be open from office, and is not: /);
  expect(judgement?.title.endsWith(`: ${why}`)).toBe(true);
  expect(keyOf(parts)).toBe("intended-not-reachable");
});

test("is no more than a hint where its socket waits for what comes in by another interface", () => {
  const judgement = intendedNotReachable.judge(caseOf({ ...WANTED, answer: CLOSED, more: { isBoundElsewhere: true } }));
  expect(judgement).toMatchObject({ severity: "info", confidence: "possible" });
});

test.each<[string, CaseParts]>([
  ["it is open", { intended: "open" }],
  ["it is not meant to be open", { ...WANTED, intended: "closed" }],
  ["nothing is said", { ...WANTED, intended: "unsaid" }],
  ["it could not be asked", { ...WANTED, answer: "none" }],
  ["UDP waits, is let in and keeps silent", UDP],
  ["of silent UDP nothing else is known", { ...UDP, ...UNKNOWN }],
  ["silent UDP is led to a container", { ...UDP, waiting: [], rules: rulesThatLead("172.17.0.2:53") }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(intendedNotReachable, parts)).toBeUndefined();
});
