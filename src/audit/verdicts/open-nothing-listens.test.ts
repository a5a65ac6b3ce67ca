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
import { openNothingListens } from "./open-nothing-listens.js";

const LED = { waiting: [], rules: rulesThatLead("172.17.0.2:80") } as const;

test.each<[string, CaseParts, string, string]>([
  ["something answers in its place", { waiting: [] }, "high", "likely"],
  ["it does, and it is meant to be closed", { waiting: [], intended: "closed" }, "high", "likely"],
  ["it does, and somebody means it to be open", { waiting: [], intended: "open" }, "medium", "likely"],
  ["the rules are not known, so NAT may explain it", { waiting: [], rules: "unknown" }, "medium", "possible"],
  ["what the rules do cannot be told", { waiting: [], rules: rulesThat("unknown") }, "medium", "possible"],
  ["a socket with that port waits at another address", { waiting: [], isAwaitedElsewhere: true }, "medium", "possible"],
  ["NAT leads it on, and nothing is said of it", LED, "low", "certain"],
  ["NAT leads it on, and it is meant to be closed", { ...LED, intended: "closed" }, "high", "certain"],
])("holds where %s", (_, parts, severity, confidence) => {
  expect(openNothingListens.judge(caseOf(parts))).toMatchObject({ severity, confidence });
  expect(keyOf(parts)).toBe("open-nothing-listens");
});

test.each<[string, CaseParts, string]>([
  ["a program waits for it", {}, "open-unsaid"],
  ["the inside was not seen", { waiting: "unseen" }, "open-unsaid"],
  ["it is closed", { waiting: [], answer: CLOSED, rules: rulesThat("drop") }, "shut"],
  ["NAT leads it on as intended", { ...LED, intended: "open" }, "open-intended"],
  [
    "silent UDP may be closed as well",
    { waiting: [], at: "192.0.2.10/udp/53", answer: UDP_SILENT, rules: rulesThat("drop") },
    "shut",
  ],
])("is another verdict where %s", (_, parts, key) => {
  expect(keyOf(parts)).toBe(key);
});

test("says where it is led", () => {
  expect(openNothingListens.judge(caseOf(LED))?.title).toBe("22/tcp is open from office: it is led to 172.17.0.2:80");
  const { title } =
    openNothingListens.judge(caseOf({ ...LED, intended: "closed", onLoopback: [listener("127.0.0.1:22", "sshd")] })) ??
    {};
  expect(title).toBe("22/tcp is open from office without being meant to: it is led to 172.17.0.2:80");
});
