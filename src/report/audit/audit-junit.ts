// An audit as JUnit XML: a suite a host, a case a port, one for the host as a whole, and one for each thing that could not be looked
// at. Read by GitLab ("Unit test reports": classname and name tell cases apart, the content of failure is shown, skipped counts),
// Jenkins' JUnit plugin and GitHub's test reporters; attributes as Apache Ant's JUnit task writes them.
import type { AuditedHost, AuditReport, AuditRow, Finding, Severity } from "../../model/audit-report.js";
import { printable } from "../printable.js";
import { type Attributes, element, xmlLines } from "../xml-text.js";
import { findingName, isAtLeast, isUnseen, rowPlace, severityRank } from "./findings.js";
import { firewallCell, insideCell, intendedCell, outsideCell } from "./row-cells.js";

/** What makes a case fail. */
export interface AuditJunitOptions {
  /** Findings of this severity or above it are failures, unless they are accepted. */
  readonly failOn: Severity;
}

/** A test case. */
interface Case {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** The element that says so, and what else is to be told. */
  readonly content: string;
}

/** The verdict of a port that could not be asked. */
const COULD_NOT_ASK = "could-not-ask";
const HOST_CASE = "the host as a whole";

/** The whole document, with a line feed at the end. */
export function auditJunit(report: AuditReport, { failOn }: AuditJunitOptions): string {
  const suites = report.hosts.map((host) => casesOf(host, failOn));
  const seconds = (Date.parse(report.endedAt) - Date.parse(report.startedAt)) / 1000;
  const time = Number.isFinite(seconds) ? Math.max(0, seconds).toFixed(3) : "0.000";
  const content = report.hosts.map((host, at) => suiteText(report, host, suites[at] ?? []));
  const attributes = { name: "postern audit", ...countsOf(suites.flat()), time };
  const root = element("testsuites", attributes, `\n${content.join("")}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function suiteText({ startedAt, version }: AuditReport, host: AuditedHost, cases: readonly Case[]): string {
  const { name, vantages, probeCount } = host;
  const asked = vantages.map((vantage) => property(`vantage ${vantage.name}`, vantage.means));
  const properties = [property("postern", version), property("probes", String(probeCount)), ...asked].join("");
  const content = cases.map((one) => caseText(one, name)).join("");
  const attributes = {
    name,
    ...countsOf(cases),
    time: "0",
    timestamp: timestampText(startedAt),
    hostname: name,
  };
  return `${element("testsuite", attributes, `\n${element("properties", {}, properties)}\n${content}`)}\n`;
}

/** GitLab makes a case's key of its class and name. */
function caseText({ name, content }: Case, host: string): string {
  const attributes = { classname: host, name, time: "0" };
  return `${content === "" ? element("testcase", attributes) : element("testcase", attributes, content)}\n`;
}

function property(name: string, value: string): string {
  return element("property", { name, value });
}

function countsOf(cases: readonly Case[]): Attributes {
  const count = (outcome: Case["outcome"]): number => cases.filter((one) => one.outcome === outcome).length;
  return { tests: cases.length, failures: count("failed"), errors: 0, skipped: count("skipped") };
}

/** Ant's form has no zone: it is UTC. */
function timestampText(at: string): string | undefined {
  const atMs = Date.parse(at);
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString().slice(0, 19);
}

function casesOf(host: AuditedHost, failOn: Severity): readonly Case[] {
  const places = new Set(host.rows.map(rowPlace));
  const byPlace = new Map<string, Finding[]>();
  const whole: Finding[] = [];
  const unseen = new Map<string, Finding[]>();
  for (const finding of host.findings) {
    const { place } = finding;
    if (isUnseen(finding) && finding.accepted === undefined) unseen.set(place, [...(unseen.get(place) ?? []), finding]);
    else if (places.has(place)) byPlace.set(place, [...(byPlace.get(place) ?? []), finding]);
    else whole.push(finding);
  }
  return [
    ...host.rows.map((row) => rowCase(host, row, byPlace.get(rowPlace(row)) ?? [], failOn)),
    judged(host, HOST_CASE, whole, failOn) ?? { name: HOST_CASE, outcome: "passed", content: outText(host, whole) },
    ...[...unseen].map(([place, findings]) => unseenCase(place, findings)),
  ];
}

function rowCase(host: AuditedHost, row: AuditRow, findings: readonly Finding[], failOn: Severity): Case {
  const service = row.service === undefined ? "" : ` ${row.service}`;
  const name = `${rowPlace(row)}${service}`;
  const failed = judged(host, name, findings, failOn);
  if (failed !== undefined) return failed;
  const out = outText(host, findings);
  if (row.verdict !== COULD_NOT_ASK) return { name, outcome: "passed", content: out };
  const skipped = element("skipped", { message: factsText(row) });
  return { name, outcome: "skipped", content: `${skipped}${out}` };
}

/** A case that fails: readers take the first failure of a case alone, so one tells of all findings. */
function judged(host: AuditedHost, name: string, findings: readonly Finding[], failOn: Severity): Case | undefined {
  const failing = findings
    .filter(({ accepted, severity }) => accepted === undefined && isAtLeast(severity, failOn))
    .sort((one, other) => severityRank(other.severity) - severityRank(one.severity));
  const [worst] = failing;
  if (worst === undefined) return undefined;
  const text = failing.map((finding) => findingText(host, finding)).join("\n\n");
  const failure = element("failure", { type: worst.key, message: worst.title }, xmlLines(text));
  const others = findings.filter((finding) => !failing.includes(finding));
  return { name, outcome: "failed", content: `${failure}${outText(host, others)}` };
}

/** All gaps at one place: its name must not change with what is told, since readers compare runs by names. */
function unseenCase(place: string, findings: readonly Finding[]): Case {
  const message = findings.flatMap(({ title, evidence }) => [title, ...evidence]).join("; ");
  const steps = findings
    .filter(({ nextStep }) => nextStep !== "")
    .map(({ nextStep }) => printable(`Next: ${nextStep}`));
  const out = steps.length === 0 ? "" : element("system-out", {}, xmlLines(steps.join("\n")));
  return {
    name: `could not look: ${place}`,
    outcome: "skipped",
    content: `${element("skipped", { message })}${out}`,
  };
}

/** Findings that do not make a case fail. */
function outText(host: AuditedHost, findings: readonly Finding[]): string {
  const told = findings.filter(({ severity }) => severity !== "ok");
  if (told.length === 0) return "";
  return element("system-out", {}, xmlLines(told.map((finding) => findingText(host, finding)).join("\n\n")));
}

function findingText(host: AuditedHost, finding: Finding): string {
  const { severity, title, evidence, nextStep, vantages, accepted } = finding;
  const until = accepted?.until === undefined ? "" : ` until ${accepted.until}`;
  return [
    `${severity}: ${title}`,
    `${findingName({ host, finding })}${vantages.length === 0 ? "" : `, from ${vantages.join(" and ")}`}`,
    ...evidence.map((text) => `- ${text}`),
    ...(nextStep === "" ? [] : [`Next: ${nextStep}`]),
    ...(accepted === undefined ? [] : [`Accepted${until}: ${accepted.reason}`]),
  ]
    .map(printable)
    .join("\n");
}

/** What is known of a port that was not asked. */
function factsText(row: AuditRow): string {
  const views = row.views.map((view) => {
    const intended = intendedCell(view);
    const meant = intended === "" ? "" : `, meant to be ${intended}`;
    return `from ${view.vantage}: ${outsideCell(view)}, firewall ${firewallCell(view)}${meant}`;
  });
  return [`inside: ${insideCell(row)}`, ...views].join("; ");
}
