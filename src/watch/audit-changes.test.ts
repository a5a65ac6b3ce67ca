import { describe, expect, test } from "vitest";
import type { AuditReport, AuditRow, Finding, RowView } from "../model/audit-report.js";
import type { Reason } from "../model/reason.js";
import { isFault } from "../target/fault.js";
import { takeAudit } from "./audit-changes.js";
import { type AuditFacts, factsOf, packFacts, readAuditReport, unpackFacts } from "./audit-facts.js";
import { changeLine } from "./change.js";

const REDIS = "192.0.2.1/tcp/6379";

function findingOf(key: string, place: string, more: Partial<Finding> = {}): Finding {
  const words = { title: `${key} there`, evidence: [], nextStep: "look", vantages: ["here"], accepted: undefined };
  return { key, place, severity: "high", confidence: "certain", ...words, ...more };
}

function rowOf(
  port: number,
  verdict: string,
  reason: Reason | null = "syn-ack",
  more: Partial<AuditRow> = {},
): AuditRow {
  const outside =
    reason === null ? undefined : ({ state: "open", reason, responder: undefined, rttMs: 1, tries: 1 } as const);
  const firewall = {
    verdict: "accept",
    detail: undefined,
    rule: undefined,
    place: undefined,
    deliveredTo: undefined,
  } as const;
  const intended = { state: "closed", line: undefined, why: undefined } as const;
  const view: RowView = { vantage: "here", firewall, outside, intended, verdict };
  const row = { address: "192.0.2.1", protocol: "tcp", port, service: undefined, inside: [], views: [view] } as const;
  return { ...row, verdict, severity: "high", ...more };
}

/** An audit of one host. */
function audit(rows: readonly AuditRow[], findings: readonly Finding[], vantages = ["here"]): AuditReport {
  const places = vantages.map((name) => ({ name, means: "", sources: [], limits: [] }));
  const host = { name: "db", system: undefined, vantages: places, rows, findings, probeCount: 1 };
  const at = "2026-11-24T12:00:00Z";
  return { version: "0.1.0", startedAt: at, endedAt: at, policyFile: undefined, hosts: [host] };
}

/** As a report comes, and a belief is kept. */
function factsThrough(report: AuditReport): AuditFacts {
  const read = readAuditReport(JSON.stringify({ format: "postern-audit", formatVersion: 1, ...report }));
  if (isFault(read)) throw new Error(read.fault);
  return unpackFacts(packFacts(factsOf(read)), "test");
}

/** A watch: each run tells lines. */
function watch(first: AuditReport) {
  let facts = factsThrough(first);
  return (report: AuditReport): readonly string[] => {
    const lines: string[] = [];
    facts = takeAudit(facts, factsThrough(report), (change) => lines.push(changeLine(change)) > 0).facts;
    return lines;
  };
}

const OPEN = audit([rowOf(6379, "open-not-intended")], [findingOf("open-not-intended", REDIS)]);
const SHUT = audit([rowOf(6379, "shut", "reset")], []);
const BLIND = findingOf("could-not-look", "db", { severity: "low", vantages: [], evidence: ["rules: not allowed"] });

describe("findings", () => {
  test("come, change and go, each once", () => {
    const look = watch(SHUT);
    expect(look(OPEN)).toEqual([`+ ${REDIS} open-not-intended (high from here) open-not-intended there`]);
    expect(look(OPEN)).toEqual([]);
    const accepted = { line: 3, reason: "lab", until: undefined };
    const known = audit([rowOf(6379, "open-not-intended")], [findingOf("open-not-intended", REDIS, { accepted })]);
    expect(look(known)).toEqual([
      `~ ${REDIS} open-not-intended (high from here) -> open-not-intended (high, accepted from here) open-not-intended there`,
    ]);
    expect(look(SHUT)).toEqual([`- ${REDIS} open-not-intended (high, accepted from here) open-not-intended there`]);
  });

  test("in other words are the same", () => {
    const words = { title: "redis[99] is open", evidence: ["redis[99] waits"] };
    const look = watch(OPEN);
    expect(look(audit([rowOf(6379, "open-not-intended")], [findingOf("open-not-intended", REDIS, words)]))).toEqual([]);
  });

  test("of a port that nobody names any more are gone, where everything was looked at", () => {
    expect(watch(OPEN)(audit([], []))).toHaveLength(1);
  });
});

describe("what could not be looked at", () => {
  test.each([
    ["the port was not asked", audit([rowOf(6379, "could-not-ask", null)], [])],
    ["silence may be loss", audit([rowOf(6379, "shut", "no-response-lossy")], [])],
    ["the rules could not be read", audit([], [BLIND])],
    ["a vantage point is missing", audit([rowOf(6379, "shut", "reset", { views: [] })], [], [])],
    ["the inside was not seen", audit([rowOf(6379, "shut", "reset", { inside: undefined })], [])],
    ["the host was not audited", { ...OPEN, hosts: [] }],
  ])("makes nothing gone: %s", (_why, report) => {
    const look = watch(OPEN);
    expect(look(report).filter((line) => !line.includes("could-not-look"))).toEqual([]);
    expect(look(OPEN).filter((line) => !line.includes("could-not-look"))).toEqual([]);
    expect(look(SHUT)).toHaveLength(1);
  });

  test("is told itself, and that it can be looked at again", () => {
    const look = watch(OPEN);
    expect(look(audit([rowOf(6379, "open-not-intended")], [...(OPEN.hosts[0]?.findings ?? []), BLIND]))).toEqual([
      "+ db could-not-look (low) could-not-look there",
    ]);
    expect(look(OPEN)).toEqual(["- db could-not-look (low) could-not-look there"]);
  });

  test("makes nothing new of silence that may be loss", () => {
    const place = "192.0.2.1/tcp/443";
    const lossy = audit(
      [rowOf(443, "intended-not-reachable", "no-response-lossy")],
      [findingOf("intended-not-reachable", place)],
    );
    const look = watch(audit([rowOf(443, "open-intended")], []));
    expect(look(lossy)).toEqual([]);
    expect(
      look(audit([rowOf(443, "intended-not-reachable", "no-response")], [findingOf("intended-not-reachable", place)])),
    ).toHaveLength(1);
  });
});

test("a view that changed without a finding is told", () => {
  const look = watch(audit([rowOf(443, "open-intended")], []));
  expect(look(audit([rowOf(443, "shut", "reset")], []))).toEqual([
    "~ 192.0.2.1/tcp/443 open-intended -> shut from here",
  ]);
});

describe("what is no report", () => {
  test.each([
    "",
    "null",
    "[]",
    "{}",
    '{"hosts":[{}]}',
    '{"hosts":[{"name":1}]}',
    '{"format":"postern-diff","hosts":[]}',
  ])("%s", (text) => {
    expect(isFault(readAuditReport(text))).toBe(true);
  });

  test("a report with any part of another kind is refused, or read without harm", () => {
    const whole = JSON.stringify(OPEN);
    for (let at = 0; at < whole.length; at++) {
      const read = readAuditReport(`${whole.slice(0, at)}7${whole.slice(at + 1)}`);
      if (!isFault(read)) packFacts(factsOf(read));
    }
  });

  test("what was kept and is damaged says so", () => {
    expect(() => unpackFacts(Uint8Array.of(1, 2), "nightly")).toThrow("nightly: what this watch knew is damaged");
    expect(() => unpackFacts(packFacts({ hosts: [{ name: 1 }] } as never), "nightly")).toThrow("damaged");
  });
});
