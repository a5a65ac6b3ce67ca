// Findings as reports need them: what needs action, what could not be looked at and what somebody has accepted are three things.
import type { AuditedHost, AuditReport, AuditRow, Finding, Severity } from "../../model/audit-report.js";
import { SEVERITIES } from "../../model/audit-report.js";

/** The key of what could not be looked at. */
const COULD_NOT_LOOK = "could-not-look";

/** A finding and its host. */
export interface HostFinding {
  readonly host: AuditedHost;
  readonly finding: Finding;
}

/** The findings of an audit, each list with the most important first. */
export interface SortedFindings {
  /** What needs action. */
  readonly pressing: readonly HostFinding[];
  /** What is good to know, and needs none: "info". */
  readonly remarks: readonly HostFinding[];
  readonly unseen: readonly HostFinding[];
  readonly accepted: readonly HostFinding[];
}

/** Sorts the findings of all hosts; where two matter alike, the order of hosts and findings stays. */
export function sortFindings({ hosts }: AuditReport): SortedFindings {
  const all = hosts
    .flatMap((host) => host.findings.map((finding): HostFinding => ({ host, finding })))
    .sort((one, other) => severityRank(other.finding.severity) - severityRank(one.finding.severity));
  const counted = all.filter(({ finding }) => finding.accepted === undefined);
  return {
    pressing: counted.filter(({ finding }) => !isUnseen(finding) && isAtLeast(finding.severity, "low")),
    remarks: counted.filter(({ finding }) => !isUnseen(finding) && finding.severity === "info"),
    unseen: counted.filter(({ finding }) => isUnseen(finding)),
    accepted: all.filter(({ finding }) => finding.accepted !== undefined),
  };
}

/** True for a finding that says that something could not be looked at. */
export function isUnseen({ key }: Finding): boolean {
  return key === COULD_NOT_LOOK;
}

/** True where a finding counts as one at or above a threshold. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severityRank(severity) >= severityRank(threshold);
}

/** How much it matters: 0 for "ok". */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** "192.0.2.1/tcp/22": the place of findings about a port. */
export function rowPlace({ address, protocol, port }: Pick<AuditRow, "address" | "protocol" | "port">): string {
  return `${address}/${protocol}/${port}`;
}

/**
 * The finding's name, as `postern policy accept` takes it: its key and where it is, "open-not-intended@192.0.2.1/tcp/22". What
 * is of a host as a whole stands at the host's name. Text from outside, as it came.
 */
export function findingName({ host, finding: { key, place } }: HostFinding): string {
  return `${key}@${isPortPlace(place) ? place : host.name}`;
}

/** True for the place of a finding about one port. */
export function isPortPlace(place: string): boolean {
  return /\/(?:tcp|udp)\/\d{1,5}$/.test(place);
}

/** What of the host a finding is about, "firewall", where it is about none of its ports; undefined for the host itself. */
export function wholePart({ host, finding: { place } }: HostFinding): string | undefined {
  return isPortPlace(place) || place === host.name ? undefined : place;
}

/** How many of each severity there are, the most important first; none that is not there. */
export function countSeverities(findings: readonly HostFinding[]): ReadonlyMap<Severity, number> {
  const counts = new Map<Severity, number>();
  for (const severity of [...SEVERITIES].reverse()) {
    const count = findings.filter(({ finding }) => finding.severity === severity).length;
    if (count > 0) counts.set(severity, count);
  }
  return counts;
}

/** "1 critical, 2 high"; "nothing" where there is none. */
export function severitiesText(findings: readonly HostFinding[]): string {
  const texts = [...countSeverities(findings)].map(([severity, count]) => `${count} ${severity}`);
  return texts.length === 0 ? "nothing" : texts.join(", ");
}
