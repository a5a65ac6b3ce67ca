import { expect, test } from "vitest";
import { answered, type CaseParts, CLOSED, keyOf, rulesThat, SILENT, UDP_SILENT } from "../port-case.test.data.js";

const BY_POLICY = rulesThat("accept", { isNamed: false });

test.each<[string, CaseParts]>([
  ["nothing waits, and it is refused", { waiting: [], answer: CLOSED, rules: BY_POLICY }],
  ["nothing waits, and it is dropped", { waiting: [], answer: SILENT, rules: rulesThat("drop") }],
  ["nothing is known but that it is closed", { waiting: "unseen", rules: "unknown", answer: CLOSED }],
  ["it is meant to be closed", { waiting: [], answer: SILENT, rules: rulesThat("drop"), intended: "closed" }],
  [
    "a program waits, was refused all the same and may have ended since it was seen",
    { answer: CLOSED, rules: BY_POLICY },
  ],
  [
    "the host says of UDP that nothing listens",
    { at: "192.0.2.10/udp/53", waiting: [], answer: answered("closed", "port-unreach"), rules: BY_POLICY },
  ],
  ["nothing waits for silent UDP", { at: "192.0.2.10/udp/53", waiting: [], answer: UDP_SILENT, rules: BY_POLICY }],
  [
    "it is meant for others, and the firewall keeps the rest out",
    { answer: SILENT, rules: rulesThat("drop"), intended: "closed", isExpected: true },
  ],
])("holds where %s", (_, parts) => {
  expect(keyOf(parts)).toBe("shut");
});
