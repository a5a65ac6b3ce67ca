import { expect, test } from "vitest";
import { allEvidence, endpointText, isPerhapsClient, rulesEvidence, waitingText } from "./case-words.js";
import { answered, caseOf, listener, rulesThat, rulesThatLead, SILENT } from "./port-case.test.data.js";

test("evidence is what listens, what the rules do and what answered", () => {
  expect(allEvidence(caseOf())).toEqual([
    "sshd[812] (ssh.service, root) waits at 0.0.0.0:22",
    "the firewall lets it in: tcp dport 22 accept (inet filter input, handle 4)",
    "from office it is open (syn-ack)",
  ]);
  expect(allEvidence(caseOf({ waiting: "unseen", rules: "unknown", answer: "none" }))).toEqual([
    "the inside was not seen",
    "the firewall's rules are not known",
    "from office it could not be asked",
  ]);
});

test("evidence names loopback where nothing else waits, and who answered in its place", () => {
  const one = caseOf({
    waiting: [],
    onLoopback: [listener("127.0.0.1:22", "sshd")],
    answer: answered("filtered", "admin-prohibited", "203.0.113.1"),
  });
  expect(allEvidence(one)).toContain("sshd[812] (root) waits at 127.0.0.1:22");
  expect(allEvidence(one)).toContain("from office it is filtered (admin-prohibited by 203.0.113.1)");
  expect(allEvidence(caseOf({ waiting: [] }))[0]).toBe("no socket waits for it");
  expect(allEvidence(caseOf({ answer: SILENT, more: { isAskedAgain: true } })).at(-1)).toBe(
    "from office it is filtered (no-response, asked again slowly)",
  );
});

test.each([
  [
    rulesThat("reject", { fact: { detail: "tcp-reset" } }),
    "the firewall rejects it with tcp-reset: tcp dport 22 reject (inet filter input, handle 4)",
  ],
  [
    rulesThat("unknown", { fact: { detail: "a set is not listed", rule: undefined, place: undefined } }),
    "what the firewall does is not known (a set is not listed)",
  ],
  [
    rulesThat("drop", { fact: { rule: "policy drop", place: "inet filter input, its policy" } }),
    "the firewall drops it: policy drop (inet filter input, its policy)",
  ],
  [
    rulesThat("drop", { fact: { detail: "there is no route", rule: undefined, place: undefined } }),
    "the kernel drops it (there is no route)",
  ],
])("tells what the rules do", (rules, text) => {
  expect(rulesEvidence(caseOf({ rules }))).toEqual([text]);
});

test("tells where it is led", () => {
  expect(rulesEvidence(caseOf({ rules: rulesThatLead("172.17.0.2:80") }))[1]).toBe("it is led to 172.17.0.2:80");
});

test("a socket without an owner is one, and containers are named", () => {
  expect(waitingText(listener("*:80", undefined, { user: undefined }))).toBe(
    "a socket without a known owner waits at *:80",
  );
  expect(waitingText(listener("*:80", "nginx", { container: "web", user: undefined }))).toBe(
    "nginx[812] (container web) waits at *:80",
  );
});

test("endpoints are written as everybody writes them", () => {
  expect(endpointText("192.0.2.1", 22)).toBe("192.0.2.1:22");
  expect(endpointText("2001:db8::1", 22)).toBe("[2001:db8::1]:22");
});

test("clients' ports are UDP, high, and written down nowhere", () => {
  expect(isPerhapsClient(caseOf({ at: "192.0.2.10/udp/32768" }))).toBe(true);
  expect(isPerhapsClient(caseOf({ at: "192.0.2.10/udp/32767" }))).toBe(false);
  expect(isPerhapsClient(caseOf({ at: "192.0.2.10/tcp/40000" }))).toBe(false);
  expect(isPerhapsClient(caseOf({ at: "192.0.2.10/udp/51820", isExpected: true }))).toBe(false);
});
