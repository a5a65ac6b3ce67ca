import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFindingName, parseFindingName } from "../../policy/finding-name.js";
import { isFault } from "../../target/fault.js";
import { auditJson } from "./audit-json.js";
import { auditWith, GREEN_AUDIT, RICH_AUDIT } from "./audit-report.test.data.js";

const PAGE = readFileSync(new URL("../../../docs/audit-json.md", import.meta.url), "utf8");

test("it reads back as the audit, with names and a summary", () => {
  const { hosts, summary, ...head } = JSON.parse(auditJson(RICH_AUDIT));
  expect(head).toEqual({
    format: "postern-audit",
    formatVersion: 1,
    postern: "0.1.0",
    startedAt: RICH_AUDIT.startedAt,
    endedAt: RICH_AUDIT.endedAt,
    policyFile: "postern.yaml",
  });
  expect(summary).toEqual({
    hostCount: 3,
    portCount: 14,
    probeCount: 21,
    findings: { critical: 1, high: 2, medium: 1, low: 1, info: 1 },
    couldNotLookCount: 2,
    acceptedCount: 2,
  });
  for (const host of hosts) for (const finding of host.findings) delete finding.name;
  for (const host of hosts) for (const finding of host.findings) delete finding.isUnseen;
  expect(hosts).toEqual(JSON.parse(JSON.stringify(RICH_AUDIT.hosts)));
});

test("a finding has the name by which it is accepted", () => {
  const [db] = JSON.parse(auditJson(RICH_AUDIT)).hosts;
  const names = db.findings.map(({ name }: { name: string }) => name);
  expect(names[0]).toBe("open-not-intended@192.0.2.10/tcp/6379");
  for (const name of names) {
    const read = parseFindingName(name);
    expect(isFault(read) ? read.fault : formatFindingName(read)).toBe(name);
  }
  expect(names.slice(-2)).toEqual(["mixed-back-ends@db1.example", "could-not-look@db1.example"]);
});

test("each port and each finding is a line, and nothing in it steers a terminal", () => {
  const lineCount = auditJson(auditWith("a")).split("\n").length;
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const written = auditJson(auditWith(text));
      expect(written.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(written.split("\n")).toHaveLength(lineCount);
      expect(JSON.parse(written).hosts[0].name).toBe(text);
    }),
    { numRuns: 50 },
  );
});

/** All keys below a value, as the page writes them: "hosts[].rows[].port". */
function keysOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = path === "" ? key : `${path}.${key}`;
    return name === "summary.findings" ? [name] : [name, ...keysOf(inner, name)];
  });
}

test("the page describes every key, and no other", () => {
  const written = new Set(
    [RICH_AUDIT, GREEN_AUDIT, auditWith("a")].flatMap((one) => keysOf(JSON.parse(auditJson(one)), "")),
  );
  const cells = [...PAGE.matchAll(/^\| (`[^|]*`) +\|/gm)].flatMap(([, cell = ""]) => cell.match(/`[^`]+`/g) ?? []);
  const described = cells.map((cell) => cell.slice(1, -1));
  const withoutBrackets = (name: string) => name.replace(/\[\]$/, "");
  expect([...new Set(described.map(withoutBrackets))].sort()).toEqual([...written].sort());
});
