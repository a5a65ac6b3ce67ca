import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditReport, Severity } from "../../model/audit-report.js";
import { malformation } from "../well-formed.test.data.js";
import { auditJunit } from "./audit-junit.js";
import { auditWith, finding, GREEN_AUDIT, RICH_AUDIT } from "./audit-report.test.data.js";

/** The start tags of an element. */
function tagsOf(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${name}[ />][^>]*>`, "g"))].map(([tag]) => tag);
}

function countOf(xml: string, name: string): number {
  return tagsOf(xml, name).length;
}

describe("an audit as JUnit XML", () => {
  it("shows everything", async () => {
    await expect(auditJunit(RICH_AUDIT, { failOn: "high" })).toMatchFileSnapshot("audit-report.test.data/rich.xml");
  });

  it("counts what it holds", () => {
    for (const failOn of ["info", "low", "medium", "high", "critical"] satisfies readonly Severity[]) {
      const xml = auditJunit(RICH_AUDIT, { failOn });
      expect(malformation(xml)).toBeUndefined();
      const [, tests, failures, skipped] =
        /<testsuites name="postern audit" tests="(\d+)" failures="(\d+)" errors="0" skipped="(\d+)"/.exec(xml) ?? [];
      expect([countOf(xml, "testcase"), countOf(xml, "failure"), countOf(xml, "skipped")].map(String)).toEqual([
        tests,
        failures,
        skipped,
      ]);
    }
  });

  it("fails at the threshold and above it, and never for what is accepted", () => {
    const failures = (failOn: Severity): readonly (string | undefined)[] =>
      tagsOf(auditJunit(RICH_AUDIT, { failOn }), "failure").map((tag) => /type="([^"]+)"/.exec(tag)?.[1]);
    expect(failures("critical")).toEqual(["open-not-intended"]);
    expect(failures("high")).toEqual(["open-not-intended", "published-around-firewall", "reachable-on-ipv6-only"]);
    expect(failures("medium")).toContain("intended-not-reachable");
    expect(failures("info")).not.toContain("mixed-back-ends");
    expect(failures("info")).not.toContain("udp-silent");
  });

  it("tells all findings of a port in one failure, since readers take the first alone", () => {
    const xml = auditJunit(RICH_AUDIT, { failOn: "low" });
    const [, failure] = /name="192\.0\.2\.10\/tcp\/443 https"[^>]*><failure[^>]*>([^<]*)</.exec(xml) ?? [];
    expect(failure).toContain("intended-not-reachable@192.0.2.10/tcp/443");
    expect(failure).toContain("deleted-binary@192.0.2.10/tcp/443");
  });

  it("skips what could not be looked at, whatever the threshold", () => {
    for (const failOn of ["info", "critical"] satisfies readonly Severity[])
      expect(countOf(auditJunit(RICH_AUDIT, { failOn }), "skipped")).toBe(2);
    const rows = GREEN_AUDIT.hosts.flatMap(({ rows }) => rows).map((row) => ({ ...row, verdict: "could-not-ask" }));
    const unasked: AuditReport = { ...GREEN_AUDIT, hosts: GREEN_AUDIT.hosts.map((host) => ({ ...host, rows })) };
    expect(countOf(auditJunit(unasked, { failOn: "high" }), "skipped")).toBe(4);
  });

  it("has a case for the host as a whole, which passes where nothing is found, and names that are unique", () => {
    const xml = auditJunit(GREEN_AUDIT, { failOn: "info" });
    expect(xml).toContain('<testcase classname="mail.example" name="the host as a whole" time="0"/>');
    const keys = tagsOf(auditJunit(RICH_AUDIT, { failOn: "info" }), "testcase");
    expect(new Set(keys).size).toBe(keys.length);
    const rules = [finding({ place: "firewall" })];
    const bad: AuditReport = { ...GREEN_AUDIT, hosts: GREEN_AUDIT.hosts.map((host) => ({ ...host, findings: rules })) };
    expect(auditJunit(bad, { failOn: "high" })).toContain('name="the host as a whole" time="0"><failure ');
  });

  it("stays well-formed whatever hosts say", () => {
    const shape = (xml: string): string => xml.replaceAll(/[^<>\n]/g, "");
    const plain = shape(auditJunit(auditWith("a"), { failOn: "low" }));
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const xml = auditJunit(auditWith(text), { failOn: "low" });
        expect(malformation(xml)).toBeUndefined();
        expect(xml.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(shape(xml)).toBe(plain);
      }),
      { numRuns: 50 },
    );
  });
});
