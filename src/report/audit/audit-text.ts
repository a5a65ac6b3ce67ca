// An audit for people at a terminal: what needs action comes first, then what could not be looked at, then each host port by
// port, and one line about all of it at the end. docs/in-ci.md.
import type { AuditedHost, AuditReport, AuditVantage } from "../../model/audit-report.js";
import { printable } from "../printable.js";
import { countOf, groupDigits } from "../quantity.js";
import { minuteText } from "../scan-time.js";
import { acceptedLines, findingBlocks, remarkLines } from "./finding-lines.js";
import { type SortedFindings, severitiesText, sortFindings } from "./findings.js";
import { folded } from "./folded-lines.js";
import { rowTables } from "./row-tables.js";

/** A namespace has eight source addresses a family, to name which says nothing. */
const SOURCES_SHOWN = 2;

/** How it is shown. */
export interface AuditTextOptions {
  /** Characters of a line; undefined for no limit. */
  readonly columns: number | undefined;
  /** True: the ports of each host are left out. */
  readonly isBrief: boolean;
  /** True: what vantage points cannot show is told in full. */
  readonly isVerbose: boolean;
}

/** The whole text, with a line feed at the end. */
export function auditText(report: AuditReport, options: AuditTextOptions): string {
  const { columns } = options;
  const found = sortFindings(report);
  const blocks = [
    headLines(report, found, columns),
    ...findingBlocks(found.pressing, columns),
    ...unseenBlocks(found, columns),
    remarkLines(found.remarks, columns),
    acceptedLines(found.accepted, columns),
    ...report.hosts.map((host) => hostLines(host, options)),
    [sumText(report, found)],
  ].filter((lines) => lines.length > 0);
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function headLines(report: AuditReport, found: SortedFindings, columns: number | undefined): readonly string[] {
  const { hosts, startedAt, policyFile } = report;
  const [first] = hosts;
  const whom = hosts.length === 1 && first !== undefined ? printable(first.name) : countOf(hosts.length, "host");
  const against =
    policyFile === undefined
      ? "nothing is written down as intended (postern policy init)"
      : `compared with ${printable(policyFile)}`;
  return [
    ...folded(`Audit of ${whom}, ${printable(minuteText(startedAt))}, ${against}`, columns),
    ...folded(verdictText(report, found), columns),
  ];
}

function verdictText({ policyFile }: AuditReport, { pressing, unseen }: SortedFindings): string {
  if (pressing.length > 0) return `Needs action: ${severitiesText(pressing)}`;
  if (unseen.length > 0) return "Nothing needs action in what could be seen. Not all could.";
  return policyFile === undefined ? "Nothing needs action." : "All is as intended.";
}

function unseenBlocks({ unseen }: SortedFindings, columns: number | undefined): readonly (readonly string[])[] {
  const [first = [], ...others] = findingBlocks(unseen, columns);
  return unseen.length === 0 ? [] : [["Could not look:", ...first], ...others];
}

function hostLines(host: AuditedHost, { columns, isBrief, isVerbose }: AuditTextOptions): readonly string[] {
  const { name, system, vantages, probeCount, rows } = host;
  const what = system === undefined ? "" : ` (${printable(system)})`;
  const asked = `${countOf(probeCount, "probe")} to ${countOf(rows.length, "port")}`;
  return [
    ...folded(`On ${printable(name)}${what}: ${asked}`, columns),
    ...vantages.flatMap((vantage) => vantageLines(vantage, columns, isVerbose)),
    ...(isBrief ? [] : rowTables(host, columns)),
  ];
}

/** Where packets come from, and what is not as it were from a real host elsewhere. */
function vantageLines(
  { name, means, sources, limits }: AuditVantage,
  columns: number | undefined,
  isVerbose: boolean,
): readonly string[] {
  const shown = sources.slice(0, SOURCES_SHOWN).map(printable).join(", ");
  const more = sources.length > SOURCES_SHOWN ? ` and ${sources.length - SOURCES_SHOWN} more` : "";
  const from = sources.length === 0 ? "" : `, from ${shown}${more}`;
  return [
    ...folded(`from ${printable(name)}: ${printable(means)}${from}`, columns, { first: "  ", others: "    " }),
    ...(isVerbose || limits.length === 0 ? [] : [`    not all is as from a real host elsewhere: -v tells what`]),
    ...(isVerbose ? limits : []).flatMap((limit) =>
      folded(printable(limit), columns, { first: "    - ", others: "      " }),
    ),
  ];
}

/** One line that can be kept of a run, in a log or a mail's subject. */
function sumText(report: AuditReport, { pressing, remarks, unseen, accepted }: SortedFindings): string {
  const { hosts, startedAt, endedAt } = report;
  const ports = hosts.reduce((sum, { rows }) => sum + rows.length, 0);
  const probes = hosts.reduce((sum, { probeCount }) => sum + probeCount, 0);
  const elapsedMs = Date.parse(endedAt) - Date.parse(startedAt);
  const seconds = Number.isFinite(elapsedMs) ? ` in ${(Math.max(0, elapsedMs) / 1000).toFixed(1)} s` : "";
  const facts = [
    `${countOf(hosts.length, "host")}, ${countOf(ports, "port")}: ${severitiesText(pressing)} to act on`,
    ...(remarks.length === 0 ? [] : [`${groupDigits(remarks.length)} to know`]),
    ...(unseen.length === 0 ? [] : [`${groupDigits(unseen.length)} could not be looked at`]),
    ...(accepted.length === 0 ? [] : [`${groupDigits(accepted.length)} accepted`]),
    `${countOf(probes, "probe")}${seconds}`,
  ];
  return facts.join("; ");
}
