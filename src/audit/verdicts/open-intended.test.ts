import { expect, test } from "vitest";
import {
  type CaseParts,
  CLOSED,
  caseOf,
  keyOf,
  listener,
  rulesThat,
  rulesThatLead,
  UDP_SILENT,
} from "../port-case.test.data.js";
import { openIntended } from "./open-intended.js";

const UDP = { at: "192.0.2.10/udp/51820", intended: "open", answer: UDP_SILENT } as const;

test.each<[string, CaseParts, string]>([
  ["it answers", { intended: "open" }, "certain"],
  ["it answers, and the inside was not seen", { intended: "open", waiting: "unseen", rules: "unknown" }, "certain"],
  [
    "NAT leads it to a container",
    { intended: "open", waiting: [], rules: rulesThatLead("172.17.0.2:80", "drop") },
    "certain",
  ],
  ["UDP waits and is let in, and answers nobody", UDP, "likely"],
  ["UDP waits, and the rules are not known", { ...UDP, rules: "unknown" }, "possible"],
  ["what the rules do with UDP cannot be told", { ...UDP, rules: rulesThat("unknown") }, "possible"],
  ["of silent UDP nothing else is known", { ...UDP, waiting: "unseen", rules: "unknown" }, "possible"],
  ["NAT leads silent UDP to a container", { ...UDP, waiting: [], rules: rulesThatLead("172.17.0.2:53") }, "possible"],
])("holds where %s", (_, parts, confidence) => {
  expect(openIntended.judge(caseOf(parts))).toMatchObject({ severity: "ok", confidence });
  expect(keyOf(parts)).toBe("open-intended");
});

test.each<[string, CaseParts, string]>([
  ["nothing says that it should be open", {}, "open-unsaid"],
  ["it should not be", { intended: "closed" }, "open-not-intended"],
  ["it refuses", { intended: "open", answer: CLOSED }, "intended-not-reachable"],
  ["nothing waits for it, and no rule leads it on", { intended: "open", waiting: [] }, "open-nothing-listens"],
  [
    "it waits on loopback alone",
    { intended: "open", waiting: [], onLoopback: [listener("127.0.0.1:22", "sshd")] },
    "loopback-reachable",
  ],
  ["the rules stop silent UDP", { ...UDP, rules: rulesThat("drop") }, "intended-not-reachable"],
  ["nothing waits for silent UDP", { ...UDP, waiting: [] }, "intended-not-reachable"],
])("is another verdict where %s", (_, parts, key) => {
  expect(keyOf(parts)).toBe(key);
});
