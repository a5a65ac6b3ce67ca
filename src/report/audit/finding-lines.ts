// Findings for people at a terminal: what is the matter, where, what was seen, what to do next.
import { printable } from "../printable.js";
import { countOf, groupDigits } from "../quantity.js";
import { findingName, type HostFinding, isPortPlace, wholePart } from "./findings.js";
import { folded } from "./folded-lines.js";

/** Findings of one kind about one host that are told in full: a host with a thousand doors has one trouble, not a thousand. */
const ALIKE_MAX = 10;
const EVIDENCE_MAX = 8;
/** As wide as "CRITICAL", and a gap. */
const MARGIN = "          ";
const BULLET = { first: `${MARGIN}- `, others: `${MARGIN}  ` };
const UNDER_MARGIN = { first: MARGIN, others: `${MARGIN}  ` };

/** A block of lines for each finding; and one for those that are only counted. */
export function findingBlocks(
  findings: readonly HostFinding[],
  columns: number | undefined,
): readonly (readonly string[])[] {
  const { told, counted } = bound(findings);
  const blocks = told.map((one) => findingBlock(one, columns));
  const rest = [...counted].flatMap(([kind, count]) =>
    folded(`… and ${countOf(count, "more finding")} of ${kind}: --json has all`, columns, UNDER_MARGIN),
  );
  return rest.length === 0 ? blocks : [...blocks, rest];
}

function bound(findings: readonly HostFinding[]): {
  readonly told: readonly HostFinding[];
  readonly counted: ReadonlyMap<string, number>;
} {
  const seen = new Map<string, number>();
  const told = findings.filter((one) => {
    const count = (seen.get(kindOf(one)) ?? 0) + 1;
    seen.set(kindOf(one), count);
    return count <= ALIKE_MAX;
  });
  const over = [...seen].filter(([, count]) => count > ALIKE_MAX);
  return { told, counted: new Map(over.map(([kind, count]) => [kind, count - ALIKE_MAX])) };
}

function kindOf({ host, finding }: HostFinding): string {
  return `${printable(finding.key)} on ${printable(host.name)}`;
}

function findingBlock(one: HostFinding, columns: number | undefined): readonly string[] {
  const { severity, title, evidence, nextStep } = one.finding;
  const more = evidence.length - EVIDENCE_MAX;
  return [
    ...folded(printable(title), columns, { first: severity.toUpperCase().padEnd(MARGIN.length), others: MARGIN }),
    ...folded(placeText(one), columns, UNDER_MARGIN),
    ...evidence.slice(0, EVIDENCE_MAX).flatMap((text) => folded(printable(text), columns, BULLET)),
    ...(more > 0 ? [`${MARGIN}… and ${more} more`] : []),
    ...(nextStep === "" ? [] : folded(`Next: ${printable(nextStep)}`, columns, UNDER_MARGIN)),
  ];
}

/** "open-not-intended@192.0.2.1/tcp/22 on db1, from self and office; likely". */
function placeText(one: HostFinding): string {
  const { finding, host } = one;
  const { confidence, vantages, place } = finding;
  const name = printable(findingName(one));
  const part = wholePart(one);
  const on = isPortPlace(place) ? ` on ${printable(host.name)}` : part === undefined ? "" : ` (${printable(part)})`;
  const from = vantages.length === 0 ? "" : `, from ${vantages.map(printable).join(" and ")}`;
  return `${name}${on}${from}${confidence === "certain" ? "" : `; ${confidence}`}`;
}

/** What is good to know: a line each. */
export function remarkLines(remarks: readonly HostFinding[], columns: number | undefined): readonly string[] {
  const { told, counted } = bound(remarks);
  const rest = [...counted].map(([kind, count]) => `… and ${groupDigits(count)} more of ${kind}`);
  const lines = [...told.map((one) => `${printable(findingName(one))}: ${printable(one.finding.title)}`), ...rest];
  return listed(`Good to know (${groupDigits(remarks.length)}):`, lines, columns);
}

/** What somebody has decided to live with: a line each, with why and until when. */
export function acceptedLines(accepted: readonly HostFinding[], columns: number | undefined): readonly string[] {
  const lines = accepted.map((one) => {
    const { reason = "", until } = one.finding.accepted ?? {};
    return `${printable(findingName(one))}${until === undefined ? "" : ` until ${printable(until)}`}: ${printable(reason)}`;
  });
  return listed(`Accepted, and not counted (${groupDigits(accepted.length)}):`, lines, columns);
}

function listed(head: string, lines: readonly string[], columns: number | undefined): readonly string[] {
  if (lines.length === 0) return [];
  return [head, ...lines.flatMap((line) => folded(line, columns, { first: "  ", others: "    " }))];
}
