// The ports of a host in a page: inside, and beside it for each vantage point what the firewall does, what answers and what is
// intended. A real table: it breaks between rows on paper, and is its own text.
import type { AuditedHost, AuditRow, AuditVantage, RowView } from "../../model/audit-report.js";
import { glyph } from "../html-glyph.js";
import { isolated, joined, type Markup, markup, NOTHING } from "../html-markup.js";
import { countOf, plainDecimal } from "../quantity.js";
import { isAtLeast } from "./findings.js";
import { firewallCell, insideCell, isContrary, isQuiet, portCell, unitCell, userCell } from "./row-cells.js";

/** Firewall, outside, intended. */
const VIEW_COLUMNS = 3;

/** The table, and how many ports are not in it. */
export function portMatrix(host: AuditedHost): Markup {
  const shown = host.rows.filter((row) => !isQuiet(row));
  const quiet = host.rows.length - shown.length;
  const rest = `${countOf(quiet, "port is", "ports are")} not open, and nothing waits there: as it should be.`;
  return markup`${shown.length === 0 ? NOTHING : table(host, shown)}${
    quiet === 0
      ? NOTHING
      : markup`<p class="rest">${rest}</p>
`
  }`;
}

function table({ name, vantages }: AuditedHost, rows: readonly AuditRow[]): Markup {
  const bodies = [...byAddress(rows)].map(([address, some]) => addressBody(address, some, vantages));
  const views = vantages.map(
    () => markup`<th scope="col" class="from">Firewall</th><th scope="col">Outside</th><th scope="col">Intended</th>`,
  );
  return markup`<div class="wide" role="region" aria-label="${`Ports of ${name}`}" tabindex="0">
<table class="audit">
<thead><tr><th scope="col" rowspan="2">Port</th><th scope="col" rowspan="2">Inside</th>${vantages.map(vantageHead)}<th scope="col" rowspan="2" class="from">Verdict</th></tr>
<tr>${views}</tr></thead>
${bodies}</table>
</div>
`;
}

function vantageHead({ name }: AuditVantage): Markup {
  return markup`<th scope="colgroup" colspan="${VIEW_COLUMNS}" class="vantage from">from ${isolated(name)}</th>`;
}

function byAddress(rows: readonly AuditRow[]): ReadonlyMap<string, readonly AuditRow[]> {
  const groups = new Map<string, AuditRow[]>();
  for (const row of rows) {
    const group = groups.get(row.address);
    if (group === undefined) groups.set(row.address, [row]);
    else group.push(row);
  }
  return groups;
}

function addressBody(address: string, rows: readonly AuditRow[], vantages: readonly AuditVantage[]): Markup {
  const columnCount = vantages.length * VIEW_COLUMNS + 3;
  const needsNothing = rows.every((row) => !isToAct(row));
  return markup`<tbody>
<tr class="address${needsNothing ? " fine" : ""}"><th scope="rowgroup" colspan="${columnCount}">${isolated(address)}</th></tr>
${rows.map(portRow)}</tbody>
`;
}

function isToAct({ severity }: AuditRow): boolean {
  return isAtLeast(severity, "low");
}

function portRow(row: AuditRow): Markup {
  const { service, severity, verdict, views } = row;
  const usual = service === undefined ? NOTHING : markup`<i>${isolated(service)}</i>`;
  const kind = isToAct(row) ? `act ${severity}` : "fine";
  const grade = severity === "ok" ? NOTHING : markup`<span class="severity ${severity}">${severity}</span><br>`;
  return markup`<tr class="${kind}"><th scope="row">${portCell(row)}${usual}</th><td class="name">${insideOf(row)}</td>${views.map(viewCells)}<td class="from">${grade}${isolated(verdict)}</td></tr>
`;
}

/** The programs, and below them who runs them and where. */
function insideOf(row: AuditRow): Markup {
  const name = insideCell(row);
  if (row.inside === undefined || row.inside.length === 0) return markup`<i>${name}</i>`;
  const more = [userCell(row), unitCell(row)].filter((text) => text !== "");
  return markup`${isolated(name)}${more.length === 0 ? NOTHING : markup`<small class="why">${joined(more.map(isolated), ", ")}</small>`}`;
}

function viewCells(view: RowView): Markup {
  const contrary = isContrary(view) ? markup`<span class="contrary" title="not as intended">` : undefined;
  const answer = outsideOf(view);
  const outside = contrary === undefined ? answer : markup`${contrary}${answer}</span>`;
  return markup`<td class="from rule">${firewallOf(view)}</td><td class="state">${outside}${howText(view)}</td><td>${intendedOf(view)}</td>`;
}

function firewallOf(view: RowView): Markup {
  const { firewall } = view;
  if (firewall === undefined) return markup`<i>not known</i>`;
  const { detail, rule, place } = firewall;
  const lines = [detail, rule, place].filter((text) => text !== undefined);
  return markup`${isolated(firewallCell(view))}${lines.map((text) => markup`<small class="why">${isolated(text)}</small>`)}`;
}

function outsideOf({ outside }: RowView): Markup {
  if (outside === undefined) return markup`<i>not asked</i>`;
  return markup`${glyph(outside.state, "beside")}${outside.state}`;
}

/** "syn-ack, 0.21 ms", "reset-by-other by 192.0.2.1". */
function howText({ outside }: RowView): Markup {
  if (outside === undefined) return NOTHING;
  const { reason, responder, rttMs } = outside;
  const by = responder === undefined ? NOTHING : markup` by ${isolated(responder)}`;
  const rtt = rttMs === undefined ? NOTHING : markup`, ${plainDecimal(rttMs)} ms`;
  return markup`<small class="why">${isolated(reason)}${by}${rtt}</small>`;
}

function intendedOf({ intended: { state, line, why } }: RowView): Markup {
  if (state === "unsaid") return markup`<i>unsaid</i>`;
  const facts = [why === undefined ? NOTHING : isolated(why), line === undefined ? NOTHING : markup`line ${line}`];
  const told = facts.filter((one) => one !== NOTHING);
  return markup`${state}${told.length === 0 ? NOTHING : markup`<small class="why">${joined(told, ", ")}</small>`}`;
}
