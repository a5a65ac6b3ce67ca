// Findings in a page: each with what was seen, what to do next, and a link to its host.
import { isolated, joined, type Markup, markup, NOTHING } from "../html-markup.js";
import { countOf, groupDigits } from "../quantity.js";
import { findingName, type HostFinding, type SortedFindings, wholePart } from "./findings.js";

/** A host's place in the page, by its number. */
export type HostNumber = (one: HostFinding) => number;

/** All sections of findings, those that need action first. */
export function findingSections(found: SortedFindings, numberOf: HostNumber): readonly Markup[] {
  const { pressing, unseen, remarks, accepted } = found;
  const articles = (findings: readonly HostFinding[]) => findings.map((one) => findingArticle(one, numberOf));
  return [
    section("action", "Needs action", articles(pressing)),
    section("unseen", "Could not look", articles(unseen)),
    section("remarks", "Good to know", articles(remarks)),
    accepted.length === 0 ? NOTHING : section("accepted", "Accepted", [acceptedTable(accepted, numberOf)]),
  ];
}

function section(id: string, name: string, content: readonly Markup[]): Markup {
  if (content.length === 0) return NOTHING;
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${name}</h2>
${content}</section>
`;
}

function findingArticle(one: HostFinding, numberOf: HostNumber): Markup {
  const { severity, title, evidence, nextStep } = one.finding;
  const seen = evidence.map((text) => markup`<li>${isolated(text)}</li>`);
  const next =
    nextStep === ""
      ? NOTHING
      : markup`<p class="next"><b>Next:</b>${isolated(nextStep)}</p>
`;
  return markup`<article class="finding ${severity}">
<h3><span class="severity">${severity}</span>${isolated(title)}</h3>
${whereText(one, numberOf)}${
  seen.length === 0
    ? NOTHING
    : markup`<ul>${seen}</ul>
`
}${next}</article>
`;
}

function whereText(one: HostFinding, numberOf: HostNumber): Markup {
  const { finding } = one;
  const { confidence, vantages } = finding;
  const part = wholePart(one);
  const facts = [
    hostLink(one, numberOf),
    part === undefined ? NOTHING : markup`, ${isolated(part)}`,
    vantages.length === 0 ? NOTHING : markup`, from ${joined(vantages.map(isolated), " and ")}`,
    confidence === "certain" ? NOTHING : markup`; ${confidence}`,
  ];
  return markup`<p class="where">${facts}. <code>${isolated(findingName(one))}</code></p>
`;
}

function hostLink(one: HostFinding, numberOf: HostNumber): Markup {
  return markup`<a href="#h${numberOf(one)}">${isolated(one.host.name)}</a>`;
}

function acceptedTable(accepted: readonly HostFinding[], numberOf: HostNumber): Markup {
  const rows = accepted.map((one) => {
    const { severity, title } = one.finding;
    const { line, reason = "", until } = one.finding.accepted ?? {};
    const end = until === undefined ? markup`<i>without end</i>` : isolated(until);
    return markup`<tr><th scope="row">${isolated(title)}<br><small class="why">${isolated(findingName(one))}</small></th><td>${hostLink(one, numberOf)}</td><td>${severity}</td><td>${isolated(reason)}</td><td>${end}</td><td class="n">${line}</td></tr>
`;
  });
  return markup`<table class="accepted"><caption>${countOf(accepted.length, "finding")} that somebody has decided to live with: not counted above</caption>
<thead><tr><th scope="col">Finding</th><th scope="col">Host</th><th scope="col">Severity</th><th scope="col">Why</th><th scope="col">Until</th><th scope="col" class="n">Line</th></tr></thead>
<tbody>
${rows}</tbody></table>
`;
}

/** What is beside the tiles: "2 could not be looked at, 1 to know, 2 accepted"; undefined for nothing. */
export function besideText({ unseen, remarks, accepted }: SortedFindings): string | undefined {
  const texts = [
    ...(unseen.length === 0 ? [] : [`${groupDigits(unseen.length)} could not be looked at`]),
    ...(remarks.length === 0 ? [] : [`${groupDigits(remarks.length)} to know`]),
    ...(accepted.length === 0 ? [] : [`${groupDigits(accepted.length)} accepted`]),
  ];
  return texts.length === 0 ? undefined : texts.join(", ");
}
