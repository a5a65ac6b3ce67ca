// An audit for programs: one JSON document, a line for each port and each finding. docs/audit-json.md describes its keys.
import type { AuditedHost, AuditReport, Finding } from "../../model/audit-report.js";
import { jsonText } from "../json-text.js";
import { countSeverities, findingName, isUnseen, sortFindings } from "./findings.js";

/** The whole document, with a line feed at the end. */
export function auditJson(report: AuditReport): string {
  const { version, startedAt, endedAt, policyFile, hosts } = report;
  const head = {
    format: "postern-audit",
    formatVersion: 1,
    postern: version,
    startedAt,
    endedAt,
    policyFile,
    summary: summaryOf(report),
  };
  return `${opened(head)},"hosts":${listText(hosts.map(hostText))}}\n`;
}

function summaryOf(report: AuditReport) {
  const { pressing, remarks, unseen, accepted } = sortFindings(report);
  return {
    hostCount: report.hosts.length,
    portCount: report.hosts.reduce((sum, { rows }) => sum + rows.length, 0),
    probeCount: report.hosts.reduce((sum, { probeCount }) => sum + probeCount, 0),
    findings: Object.fromEntries(countSeverities([...pressing, ...remarks])),
    couldNotLookCount: unseen.length,
    acceptedCount: accepted.length,
  };
}

function hostText(host: AuditedHost): string {
  const { name, system, vantages, rows, findings, probeCount } = host;
  const head = opened({ name, system, probeCount, vantages });
  const found = findings.map((finding) => jsonText(findingObject(host, finding)));
  return `${head},"findings":${listText(found)},"rows":${listText(rows.map(jsonText))}}`;
}

function findingObject(host: AuditedHost, finding: Finding) {
  return { name: findingName({ host, finding }), isUnseen: isUnseen(finding), ...finding };
}

/** An object's text without its end. */
function opened(value: object): string {
  return jsonText(value).slice(0, -1);
}

function listText(texts: readonly string[]): string {
  return texts.length === 0 ? "[]" : `[\n${texts.join(",\n")}\n]`;
}
