// An audit as SARIF, for GitHub code scanning and viewers of SARIF. OASIS SARIF 2.1.0; its sections are named where they decide.
// What GitHub reads of it: "SARIF support for code scanning" in its documentation.
import { createHash } from "node:crypto";
import type { AuditReport, Finding, Severity } from "../../model/audit-report.js";
import { jsonText } from "../json-text.js";
import { findingName, type HostFinding, isUnseen, severityRank } from "./findings.js";
import { encodedPath, messageText, policyLocation, resultLocation } from "./sarif-locations.js";

/** What the document needs beside the audit. */
export interface AuditSarifOptions {
  /** Where this project's `docs/` is on the web, with a slash at its end; undefined for no links. */
  readonly docsUri: string | undefined;
}

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** §3.27.10. */
const LEVELS: Readonly<Record<Severity, "none" | "note" | "warning" | "error">> = {
  ok: "none",
  info: "note",
  low: "note",
  medium: "warning",
  high: "error",
  critical: "error",
};

/** GitHub's words for these numbers are ours: above 9 critical, from 7 on high, from 4 on medium, below low. */
const SECURITY_SEVERITIES: Readonly<Record<Severity, string>> = {
  ok: "0.0",
  info: "0.1",
  low: "2.0",
  medium: "5.5",
  high: "8.0",
  critical: "9.5",
};

/** The whole document, with a line feed at the end. */
export function auditSarif(report: AuditReport, { docsUri }: AuditSarifOptions): string {
  const found = report.hosts.flatMap((host) =>
    host.findings.filter(({ severity }) => severity !== "ok").map((finding): HostFinding => ({ host, finding })),
  );
  const keys = [...new Set(found.map(({ finding }) => finding.key))];
  const run = {
    tool: {
      driver: {
        name: "postern",
        semanticVersion: report.version,
        informationUri: docsUri === undefined ? undefined : `${docsUri}in-ci.md`,
        rules: keys.map((key) => ruleObject(key, found, docsUri)),
      },
    },
    automationDetails: { id: "postern/audit/" },
    invocations: [invocationObject(report, found)],
    columnKind: "utf16CodeUnits",
    results: found.map((one) => resultObject(one, keys, report.policyFile)),
  };
  return `${jsonText({ $schema: SCHEMA, version: "2.1.0", runs: [run] })}\n`;
}

/** §3.49. GitHub takes how much a result matters from its rule: it is the most that this audit has of it. */
function ruleObject(key: string, found: readonly HostFinding[], docsUri: string | undefined) {
  const worst = found
    .filter(({ finding }) => finding.key === key)
    .reduce(
      (most: Severity, { finding }) => (severityRank(finding.severity) > severityRank(most) ? finding.severity : most),
      "info",
    );
  const words = messageText(key.replaceAll("-", " "));
  const page = `docs/findings/${key}.md`;
  const helpUri = docsUri === undefined ? undefined : `${docsUri}findings/${encodedPath(key)}.md`;
  return {
    id: key,
    shortDescription: { text: words },
    fullDescription: { text: `${words}: what it means, and what to do, says ${messageText(page)}` },
    help: { text: `See ${messageText(helpUri ?? page)}` },
    helpUri,
    defaultConfiguration: { level: LEVELS[worst] },
    properties: { tags: ["security", "network"], "security-severity": SECURITY_SEVERITIES[worst] },
  };
}

/** §3.20. What could not be looked at is a result, and told of the run, too: without it fewer results are no good news. */
function invocationObject({ startedAt, endedAt }: AuditReport, found: readonly HostFinding[]) {
  const gaps = found.filter(({ finding }) => isUnseen(finding) && finding.accepted === undefined);
  return {
    executionSuccessful: true,
    startTimeUtc: utcText(startedAt),
    endTimeUtc: utcText(endedAt),
    toolExecutionNotifications: gaps.map(({ host, finding }) => ({
      level: "warning",
      message: { text: messageText(`${host.name}: ${[finding.title, ...finding.evidence].join("; ")}`) },
      associatedRule: { id: finding.key },
    })),
  };
}

/** §3.9. */
function utcText(at: string): string | undefined {
  const atMs = Date.parse(at);
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString();
}

/** §3.27. */
function resultObject(one: HostFinding, keys: readonly string[], policyFile: string | undefined) {
  const { key, severity, confidence, vantages, place, nextStep } = one.finding;
  return {
    ruleId: key,
    ruleIndex: keys.indexOf(key),
    level: LEVELS[severity],
    message: { text: messageOf(one) },
    locations: [resultLocation(one, policyFile)],
    partialFingerprints: fingerprintsOf(one),
    suppressions: suppressionsOf(one.finding, policyFile),
    properties: { name: findingName(one), host: one.host.name, place, severity, confidence, vantages, nextStep },
  };
}

function messageOf({ host, finding: { title, evidence, nextStep } }: HostFinding): string {
  return [
    `${host.name}: ${title}.`,
    ...evidence.map((text) => `- ${text}`),
    ...(nextStep === "" ? [] : [`Next: ${nextStep}`]),
  ]
    .map(messageText)
    .join("\n");
}

/** §3.27.17. GitHub reads the first alone, and takes it from the source line without it: several findings share a line of rules. */
function fingerprintsOf({ host, finding: { key, place } }: HostFinding) {
  const digest = createHash("sha256")
    .update(JSON.stringify([key, host.name, place]))
    .digest("hex");
  return { primaryLocationLineHash: `${digest.slice(0, 16)}:1`, "posternFinding/v1": digest };
}

/** §3.35. An empty list says that there is none; no list would say that nobody has looked (§3.27.23). */
function suppressionsOf({ accepted }: Finding, policyFile: string | undefined) {
  if (accepted === undefined) return [];
  const { line, reason, until } = accepted;
  const justification = until === undefined ? reason : `${reason} (until ${until})`;
  const location = policyFile === undefined ? undefined : policyLocation(policyFile, line);
  return [{ kind: "external", status: "accepted", justification, location }];
}
