// An audit as one HTML file without anything outside of it, and without any script: findings first, then each host port by port.
// HTML Living Standard; CSP Level 3; WCAG 2.2.
import type { AuditedHost, AuditReport, AuditVantage, Severity } from "../../model/audit-report.js";
import { timeText } from "../html-frame.js";
import { glyphSheet } from "../html-glyph.js";
import { htmlHead } from "../html-head.js";
import { isolated, joined, type Markup, markup, NOTHING } from "../html-markup.js";
import { STYLE } from "../html-style.js";
import { countOf, groupDigits } from "../quantity.js";
import { AUDIT_STYLE } from "./audit-html-style.js";
import { besideText, findingSections } from "./finding-articles.js";
import { countSeverities, type SortedFindings, sortFindings } from "./findings.js";
import { portMatrix } from "./port-matrix.js";

/** What the tiles count, the most important first. */
const TILES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** The whole page. */
export function auditHtml(report: AuditReport): string {
  const found = sortFindings(report);
  const numbers = new Map(report.hosts.map((host, number) => [host, number]));
  const title = `Audit of ${hostsText(report)}, ${report.startedAt.slice(0, 10)}`;
  return markup`${htmlHead(title, `${STYLE}${AUDIT_STYLE}`)}<body>
${glyphSheet()}<main>
${titleBlock(report)}${verdictSection(report, found)}${findingSections(found, ({ host }) => numbers.get(host) ?? 0)}${hostsSection(report)}${wordsSection()}</main>
</body>
</html>
`.text;
}

function hostsText({ hosts }: AuditReport): string {
  const [first] = hosts;
  if (first === undefined) return "no host";
  return hosts.length === 1 ? first.name : `${first.name} and ${countOf(hosts.length - 1, "other host")}`;
}

function titleBlock(report: AuditReport): Markup {
  const { version, startedAt, endedAt, policyFile, hosts } = report;
  const probes = hosts.reduce((sum, { probeCount }) => sum + probeCount, 0);
  const ports = hosts.reduce((sum, { rows }) => sum + rows.length, 0);
  return markup`<header>
<p class="brand">postern ${version}</p>
<h1>Audit of ${isolated(hostsText(report))}</h1>
<dl class="facts">${[
    fact("Started", timeText(startedAt)),
    fact("Ended", timeText(endedAt)),
    fact("Compared with", policyFile === undefined ? markup`nothing that is written down` : isolated(policyFile)),
    fact("Asked", markup`${countOf(ports, "port")} by ${countOf(probes, "probe")}`),
  ]}</dl>
</header>
`;
}

function fact(name: string, value: Markup): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function verdictSection(report: AuditReport, found: SortedFindings): Markup {
  const counts = countSeverities(found.pressing);
  const tiles = TILES.map((severity) => {
    const count = counts.get(severity) ?? 0;
    const kind = count === 0 ? "none" : `some ${severity}`;
    return markup`<div class="${kind}"><dt>${severity}</dt><dd>${groupDigits(count)}</dd></div>`;
  });
  const beside = besideText(found);
  const isGood = found.pressing.length === 0 && found.unseen.length === 0;
  return markup`<section id="verdict" aria-label="Verdict"${isGood ? markup` class="good"` : NOTHING}>
<p class="verdict">${verdictText(report, found)}</p>
<dl class="tiles">${tiles}</dl>
${
  beside === undefined
    ? NOTHING
    : markup`<p class="rest">Beside that: ${beside}.</p>
`
}<nav aria-label="Sections">${navLinks(found)}</nav>
</section>
`;
}

function verdictText({ policyFile, hosts }: AuditReport, { pressing, unseen }: SortedFindings): string {
  if (pressing.length > 0) {
    const troubled = new Set(pressing.map(({ host }) => host)).size;
    const action = countOf(pressing.length, "finding needs", "findings need");
    return hosts.length === 1 ? `${action} action.` : `${action} action, on ${troubled} of ${hosts.length} hosts.`;
  }
  if (unseen.length > 0) return "Nothing needs action in what could be seen. Not all could.";
  return policyFile === undefined ? "Nothing needs action." : "All is as intended.";
}

function navLinks({ pressing, unseen, remarks, accepted }: SortedFindings): readonly Markup[] {
  const links: readonly (readonly [id: string, name: string, isThere: boolean])[] = [
    ["action", "Needs action", pressing.length > 0],
    ["unseen", "Could not look", unseen.length > 0],
    ["remarks", "Good to know", remarks.length > 0],
    ["accepted", "Accepted", accepted.length > 0],
    ["hosts", "Hosts, port by port", true],
    ["words", "The words of this page", true],
  ];
  return links.filter(([, , isThere]) => isThere).map(([id, name]) => markup`<a href="#${id}">${name}</a>`);
}

/** The filter works by the page's style alone. */
function hostsSection({ hosts }: AuditReport): Markup {
  return markup`<section id="hosts" aria-labelledby="hosts-title">
<h2 id="hosts-title">Hosts, port by port</h2>
<p class="filter"><label><input type="checkbox" id="only-action">Only ports that need action</label></p>
${hosts.map(hostArticle)}</section>
`;
}

function hostArticle(host: AuditedHost, number: number): Markup {
  const { name, system, vantages, probeCount } = host;
  const facts = [
    fact("System", system === undefined ? markup`<i>not seen</i>` : isolated(system)),
    fact("Sent", markup`${countOf(probeCount, "probe")}`),
  ];
  return markup`<article class="host" id="h${number}">
<h3>${isolated(name)}</h3>
<dl class="facts">${facts}</dl>
<dl class="facts vantages">${vantages.map(vantageFact)}</dl>
${portMatrix(host)}</article>
`;
}

function vantageFact({ name, means, sources, limits }: AuditVantage): Markup {
  const from = sources.length === 0 ? NOTHING : markup`, from ${joined(sources.map(isolated), " and ")}`;
  const but = limits.map((text) => markup`<br><small>but ${isolated(text)}</small>`);
  return fact(`From ${name}`, markup`${isolated(means)}${from}${but}`);
}

function wordsSection(): Markup {
  const words: readonly (readonly [word: string, claim: string])[] = [
    ["Inside", "Which programs wait for what comes to this port, by the host's own word."],
    ["Firewall", "What the host's rules do with a first packet from the vantage point, and the rule that decides."],
    ["Outside", "What answered when the vantage point asked."],
    [
      "Intended",
      "What the settings file says of this port and vantage point. “!” marks an answer that is not intended.",
    ],
    ["likely", "Seen in one way alone; without a word it was seen in two."],
    ["possible", "One of several explanations of what was seen."],
    ["Could not look", "A gap: what is behind it, this page does not know."],
  ];
  return markup`<section id="words" aria-labelledby="words-title">
<h2 id="words-title">The words of this page</h2>
<dl class="words">${words.map(([word, claim]) => markup`<dt>${word}</dt><dd>${claim}</dd>`)}</dl>
</section>
`;
}
