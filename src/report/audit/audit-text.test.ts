import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditReport } from "../../model/audit-report.js";
import { auditWith, finding, GREEN_AUDIT, HOSTILE, RICH_AUDIT } from "./audit-report.test.data.js";
import { auditText } from "./audit-text.js";

/** The first host with other findings. */
function withFindings(findings: AuditReport["hosts"][number]["findings"]): AuditReport {
  return { ...RICH_AUDIT, hosts: RICH_AUDIT.hosts.slice(0, 1).map((host) => ({ ...host, findings })) };
}

describe("an audit as text", () => {
  it("shows everything, what needs action first", async () => {
    const text = auditText(RICH_AUDIT, { columns: 100, isBrief: false, isVerbose: true });
    await expect(text).toMatchFileSnapshot("audit-report.test.data/rich.txt");
  });

  it("is short where all is as intended", () => {
    expect(auditText(GREEN_AUDIT, { columns: 80, isBrief: true, isVerbose: false })).toBe(
      [
        "Audit of mail.example, 2026-11-24 19:00 UTC, compared with postern.yaml",
        "All is as intended.",
        "",
        "On mail.example (Linux 6.12.9): 4 probes to 4 ports",
        "  from self: a namespace beside this machine, joined by a veth, from",
        "    198.51.100.7, 2001:db8:ffff::7",
        "    not all is as from a real host elsewhere: -v tells what",
        "",
        "1 host, 4 ports: nothing to act on; 4 probes in 2.1 s",
        "",
      ].join("\n"),
    );
  });

  it("does not call it intended where nothing is written down, nor seen where it was not", () => {
    const text = auditText(
      { ...GREEN_AUDIT, policyFile: undefined },
      { columns: undefined, isBrief: true, isVerbose: true },
    );
    expect(text).toContain("Nothing needs action.");
    expect(text).toContain("postern policy init");
    const unseen = withFindings([finding({ key: "could-not-look", place: "inside" })]);
    expect(auditText(unseen, { columns: undefined, isBrief: true, isVerbose: true })).toContain("Not all could.");
  });

  it("names each vantage point's view however narrow the terminal is", () => {
    for (const columns of [40, 60, 80, 100, 200, undefined]) {
      const text = auditText(RICH_AUDIT, { columns, isBrief: false, isVerbose: true });
      for (const head of ["self", "ssh:gate.example"]) expect(text).toMatch(new RegExp(`(ADDRESS|PORT) .*${head}`));
    }
  });

  it("cuts its tables to the terminal", () => {
    for (const columns of [80, 100, 120]) {
      const rows =
        auditText(RICH_AUDIT, { columns, isBrief: false, isVerbose: true }).match(/^ {2}[! ] {2}\d.*$/gm) ?? [];
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(columns);
    }
  });

  it("tells ten findings of a kind, and counts the others", () => {
    const many = Array.from({ length: 1010 }, (_, port) => finding({ place: `192.0.2.10/tcp/${port}` }));
    const text = auditText(withFindings(many), { columns: 100, isBrief: true, isVerbose: true });
    expect(text).toContain("… and 1,000 more findings of open-not-intended on db1.example: --json has all");
    expect(text.match(/^CRITICAL/gm)).toHaveLength(10);
  });

  it("cannot be steered by text from outside", () => {
    const shape = (text: string): number =>
      auditText(auditWith(text), { columns: undefined, isBrief: false, isVerbose: true }).split("\n").length;
    const lineCount = shape("a");
    fc.assert(
      fc.property(fc.oneof(fc.constant(HOSTILE), fc.string({ unit: "binary", minLength: 1 })), (text) => {
        const written = auditText(auditWith(text), { columns: undefined, isBrief: false, isVerbose: true });
        expect(written.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(written.split("\n")).toHaveLength(lineCount);
      }),
      { numRuns: 50 },
    );
  });

  it("gives no orders to CI systems, which take lines that begin with :: or ##[ for some", () => {
    for (const text of ["::add-mask::x", "a ::error::x", "##[error]x"]) {
      const report = auditWith(text);
      const hosts = report.hosts.map((host) => ({
        ...host,
        findings: host.findings.map((one) => ({ ...one, key: "a-key" })), // keys are ours
      }));
      const written = auditText({ ...report, hosts }, { columns: undefined, isBrief: false, isVerbose: true });
      for (const line of written.split("\n")) expect(line.trimStart()).not.toMatch(/^(::|##\[)/);
    }
  });

  it("names a finding's host once", () => {
    const whole = withFindings([finding({ key: "could-not-look", place: "db1.example", vantages: [] })]);
    const text = auditText(whole, { columns: undefined, isBrief: true, isVerbose: true });
    expect(text).toMatch(/^ +could-not-look@db1\.example$/m);
  });
});
