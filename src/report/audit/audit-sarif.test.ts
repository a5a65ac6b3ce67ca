// The structure is checked by facts of the specification: OASIS SARIF 2.1.0.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditReport } from "../../model/audit-report.js";
import { auditWith, finding, GREEN_AUDIT, RICH_AUDIT } from "./audit-report.test.data.js";
import { auditSarif } from "./audit-sarif.js";

const DOCS = "https://docs.example/postern/";

interface Message {
  readonly text: string;
}

interface Location {
  readonly physicalLocation?: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
    readonly region?: { readonly startLine: number };
  };
  readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: Message;
  readonly locations: readonly Location[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions: readonly {
    readonly kind: string;
    readonly justification: string;
    readonly location?: Location;
  }[];
}

interface Rule {
  readonly id: string;
  readonly helpUri?: string;
  readonly shortDescription: Message;
  readonly fullDescription: Message;
  readonly help: Message;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Run {
  readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Rule[] } };
  readonly invocations: readonly {
    readonly executionSuccessful: boolean;
    readonly startTimeUtc?: string;
    readonly toolExecutionNotifications: readonly { readonly message: Message }[];
  }[];
  readonly results: readonly Result[];
}

function runOf(report: AuditReport): Run {
  const log = JSON.parse(auditSarif(report, { docsUri: DOCS }));
  expect(Object.keys(log)).toEqual(["$schema", "version", "runs"]); // §3.13
  expect(log.version).toBe("2.1.0");
  expect(log.runs).toHaveLength(1);
  return log.runs[0];
}

/** A file's line, as "FILE:LINE". */
function lineText({ physicalLocation }: Location): string | undefined {
  if (physicalLocation === undefined) return undefined;
  const { artifactLocation, region } = physicalLocation;
  return region === undefined ? artifactLocation.uri : `${artifactLocation.uri}:${region.startLine}`;
}

function green(facts: Parameters<typeof finding>[0]): AuditReport {
  return { ...GREEN_AUDIT, hosts: GREEN_AUDIT.hosts.map((host) => ({ ...host, findings: [finding(facts)] })) };
}

describe("an audit as SARIF", () => {
  it("has a rule for each kind, once, and each result leads to its rule (§3.27.6)", () => {
    const { tool, results } = runOf(RICH_AUDIT);
    const ids = tool.driver.rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(results).toHaveLength(10);
    for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId);
  });

  it("leads to the page of each kind", () => {
    const { tool } = runOf(RICH_AUDIT);
    for (const { id, helpUri, shortDescription, fullDescription, help } of tool.driver.rules) {
      expect(helpUri).toBe(`${DOCS}findings/${id}.md`);
      for (const { text } of [shortDescription, fullDescription, help]) expect(text).not.toBe("");
    }
    expect(auditSarif(RICH_AUDIT, { docsUri: undefined })).not.toMatch(/Uri":|https?:\/\/(?!json\.schemastore\.org)/);
  });

  it("has levels by severity, and numbers by which GitHub ranks rules", () => {
    const { tool, results } = runOf(RICH_AUDIT);
    expect(Object.fromEntries(results.map(({ ruleId, level }) => [ruleId, level]))).toMatchObject({
      "open-not-intended": "error",
      "published-around-firewall": "error",
      "intended-not-reachable": "warning",
      "deleted-binary": "note",
      "answered-by-other": "note",
    });
    const [first] = tool.driver.rules;
    expect(first?.properties).toEqual({ tags: ["security", "network"], "security-severity": "9.5" });
    expect(runOf(green({ severity: "ok" })).results).toEqual([]);
  });

  it("stands at the rule's line where its file is known, else in the settings file", () => {
    const { results } = runOf(RICH_AUDIT);
    const lines = Object.fromEntries(results.map(({ ruleId, locations: [at] }) => [ruleId, at && lineText(at)]));
    expect(lines).toMatchObject({
      "open-not-intended": "firewall/rules.v4:14",
      "intended-not-reachable": "firewall/rules.v4:9",
      "reachable-on-ipv6-only": "postern.yaml",
      "mixed-back-ends": "postern.yaml:47",
    });
    const [at] = runOf({ ...green({ place: "inside" }), policyFile: undefined }).results[0]?.locations ?? [];
    expect(at).toEqual({
      logicalLocations: [{ name: "inside", fullyQualifiedName: "mail.example/inside", kind: "resource" }],
    });
  });

  it("writes names of files as URIs (§3.4.3), relative to the checkout (§3.14.14)", () => {
    const uriOf = (policyFile: string) => {
      const [at] = runOf({ ...green({ place: "inside" }), policyFile }).results[0]?.locations ?? [];
      return at?.physicalLocation?.artifactLocation;
    };
    expect(uriOf("a b/c:d#e.yaml")).toEqual({ uri: "a%20b/c%3Ad%23e.yaml", uriBaseId: "%SRCROOT%" });
    expect(uriOf("/etc/postern/postern.yaml")).toEqual({ uri: "file:///etc/postern/postern.yaml" });
  });

  it("takes a listing of the kernel's rules for no file", () => {
    const rows = RICH_AUDIT.hosts.slice(0, 1).map((host) => ({
      ...host,
      findings: [finding()],
      rows: host.rows.map((row) => ({
        ...row,
        views: row.views.map((view) => ({
          ...view,
          firewall: view.firewall && { ...view.firewall, place: "iptables-save:24" },
        })),
      })),
    }));
    const [result] = runOf({ ...RICH_AUDIT, hosts: rows }).results;
    expect(result?.locations.map(lineText)).toEqual(["postern.yaml"]);
  });

  it("keeps its fingerprints from run to run, one for each finding (§3.27.17)", () => {
    const prints = (report: AuditReport) => runOf(report).results.map((one) => one.partialFingerprints);
    const texts = prints(RICH_AUDIT).map((one) => JSON.stringify(one));
    expect(new Set(texts).size).toBe(texts.length);
    const later = green({ title: "other words", evidence: [], severity: "low", vantages: [] });
    expect(prints(later)).toEqual(prints(green({})));
    expect(prints(green({ key: "deleted-binary" }))).not.toEqual(prints(green({})));
  });

  it("suppresses what is accepted, with why and where (§3.35)", () => {
    const { results } = runOf(RICH_AUDIT);
    const accepted = results.find(({ ruleId }) => ruleId === "udp-silent")?.suppressions ?? [];
    expect(accepted.map(({ kind, justification }) => [kind, justification])).toEqual([
      ["external", "monitoring, until it speaks SNMPv3 (until 2027-03-31)"],
    ]);
    expect(accepted[0]?.location && lineText(accepted[0].location)).toBe("postern.yaml:42");
    expect(results.filter(({ suppressions }) => suppressions.length === 0)).toHaveLength(8);
  });

  it("says of the run what could not be looked at (§3.20.21)", () => {
    const [invocation] = runOf(RICH_AUDIT).invocations;
    expect(invocation?.startTimeUtc).toBe("2026-11-24T19:00:00.000Z");
    expect(invocation?.toolExecutionNotifications).toHaveLength(2);
    expect(runOf(GREEN_AUDIT).invocations[0]?.toolExecutionNotifications).toEqual([]);
  });

  it("doubles braces, and makes no links of what others write (§3.11.5, §3.11.6)", () => {
    const [result] = runOf(
      green({ title: "tcp dport { 22, 80 } [here](https://evil.example) {0}", evidence: [] }),
    ).results;
    expect(result?.message.text).toContain("tcp dport {{ 22, 80 }} [here] (https://evil.example) {{0}}");
  });

  it("is of one shape whatever hosts say", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const written = auditSarif(auditWith(text), { docsUri: DOCS });
        expect(written.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        const { tool, results } = runOf(auditWith(text));
        for (const { id, helpUri = "" } of tool.driver.rules) {
          expect(URL.canParse(helpUri)).toBe(true);
          expect(results.some(({ ruleId }) => ruleId === id)).toBe(true);
        }
        for (const { locations } of results) expect(locations.map(lineText).join("")).toMatch(/^[\w%.~!*'()/:-]+$/);
      }),
      { numRuns: 50 },
    );
  });
});
