// Where a finding is, in the terms of SARIF 2.1.0: the port as a logical location, and the line of a file that somebody can change.
import type { AuditRow, FirewallFact, RowView } from "../../model/audit-report.js";
import { printable } from "../printable.js";
import { type HostFinding, rowPlace } from "./findings.js";

/** §3.29, as far as it is used here. */
export interface PhysicalLocation {
  readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
  readonly region?: { readonly startLine: number };
}

/** §3.28, as far as it is used here. */
export interface SarifLocation {
  readonly physicalLocation: PhysicalLocation | undefined;
  readonly logicalLocations?: readonly LogicalLocation[];
}

/** §3.33, as far as it is used here. */
export interface LogicalLocation {
  readonly name: string;
  readonly fullyQualifiedName: string;
  readonly kind: "resource";
}

/** A line of a file; without a number the file as a whole. */
interface FileLine {
  readonly file: string;
  readonly line: number | undefined;
}

/** Names of listings that were read from a kernel: such a line is in no file. */
const LISTING = /^ip6?tables(?:-legacy|-nft)?-save$|^(?:nft|ipset)(?: |$)/;

/**
 * §3.28. GitHub wants a file: the one with the firewall's rule where it is known, or else the settings file, in which the port is
 * written down or missing.
 */
export function resultLocation({ host, finding }: HostFinding, policyFile: string | undefined): SarifLocation {
  const { place, vantages } = finding;
  const row = host.rows.find((one) => rowPlace(one) === place);
  const views = row?.views.filter(({ vantage }) => vantages.length === 0 || vantages.includes(vantage)) ?? [];
  const line = ruleLine(views) ?? policyLine(views, policyFile, finding.accepted?.line);
  return {
    physicalLocation: line === undefined ? undefined : physicalLocation(line),
    logicalLocations: [logicalLocation(host.name, place, row)],
  };
}

/** §3.35.5: the line that accepts a finding. */
export function policyLocation(file: string, line: number): SarifLocation {
  return { physicalLocation: physicalLocation({ file, line }) };
}

/** §3.33. A port of a host is a resource of it. */
function logicalLocation(host: string, place: string, row: AuditRow | undefined): LogicalLocation {
  const name = row === undefined ? place : `${row.port}/${row.protocol}`;
  return { name, fullyQualifiedName: place === host ? host : `${host}/${place}`, kind: "resource" };
}

function ruleLine(views: readonly RowView[]): FileLine | undefined {
  for (const { firewall } of views) {
    const line = firewall === undefined ? undefined : lineOf(firewall);
    if (line !== undefined) return line;
  }
  return undefined;
}

/** "rules.v4:14". */
function lineOf({ place = "" }: FirewallFact): FileLine | undefined {
  const [, file = "", digits = ""] = /^(.+):([1-9]\d{0,8})$/s.exec(place) ?? [];
  return file === "" || LISTING.test(file) ? undefined : { file, line: Number(digits) };
}

function policyLine(
  views: readonly RowView[],
  file: string | undefined,
  acceptedLine: number | undefined,
): FileLine | undefined {
  if (file === undefined) return undefined;
  const intended = views.find((view) => view.intended.line !== undefined)?.intended.line;
  return { file, line: intended ?? acceptedLine };
}

function physicalLocation({ file, line }: FileLine): PhysicalLocation {
  const isAbsolute = file.startsWith("/");
  const uri = `${isAbsolute ? "file://" : ""}${encodedPath(file)}`;
  const artifactLocation = isAbsolute ? { uri } : { uri, uriBaseId: "%SRCROOT%" };
  return line === undefined ? { artifactLocation } : { artifactLocation, region: { startLine: line } };
}

/** A path as a URI has it, RFC 3986 §3.3. Half surrogates, which no file's name has, become U+FFFD. */
export function encodedPath(file: string): string {
  const wellFormed = Buffer.from(file).toString();
  return wellFormed.split("/").map(encodeURIComponent).join("/");
}

/**
 * Text from outside in a message, where braces stand doubled (§3.11.5), and text in brackets with an address in parentheses behind
 * it would be a link (§3.11.6).
 */
export function messageText(text: string): string {
  return printable(text).replaceAll("{", "{{").replaceAll("}", "}}").replaceAll("](", "] (");
}
