import { expect, test } from "vitest";
import {
  answered,
  type CaseParts,
  caseOf,
  keyOf,
  listener,
  rulesThat,
  SILENT,
  severityBy,
  UDP_SILENT,
} from "../port-case.test.data.js";
import { udpSilent } from "./udp-silent.js";

const SYSLOG: CaseParts = {
  at: "192.0.2.10/udp/514",
  waiting: [listener("0.0.0.0:514", "rsyslogd")],
  answer: UDP_SILENT,
};
const CLIENT: CaseParts = { ...SYSLOG, at: "192.0.2.10/udp/41732" };

test.each<[string, CaseParts, string, string]>([
  ["nothing is said of it", SYSLOG, "info", "likely"],
  ["it is meant to be closed", { ...SYSLOG, intended: "closed" }, "medium", "likely"],
  ["the rules are not known", { ...SYSLOG, rules: "unknown" }, "info", "likely"],
  [
    "it is meant for others, and let in from here",
    { ...SYSLOG, intended: "closed", isExpected: true },
    "medium",
    "likely",
  ],
  ["it is perhaps a client's, which nobody can write down", { ...CLIENT, intended: "closed" }, "info", "possible"],
])("holds where %s", (_, parts, severity, confidence) => {
  expect(udpSilent.judge(caseOf(parts))).toMatchObject({ severity, confidence });
  expect(keyOf(parts)).toBe("udp-silent");
});

test.each<[string, CaseParts]>([
  ["the firewall drops it", { ...SYSLOG, rules: rulesThat("drop") }],
  ["what the firewall does cannot be told", { ...SYSLOG, rules: rulesThat("unknown") }],
  ["nothing waits", { ...SYSLOG, waiting: [] }],
  ["it answers", { ...SYSLOG, answer: answered("open", "udp-response") }],
  ["the host says that nothing listens", { ...SYSLOG, answer: answered("closed", "port-unreach") }],
  ["it is meant to be open", { ...SYSLOG, intended: "open" }],
  ["it is TCP", { answer: SILENT }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(udpSilent, parts)).toBeUndefined();
});
