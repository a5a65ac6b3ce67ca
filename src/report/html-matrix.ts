// Hosts x ports at a glance. A real table of small shapes: it breaks between rows on paper, and is its own text.
import { PORT_STATES, type PortState } from "../model/port-state.js";
import { addressSortKey } from "./address-order.js";
import type { HostAccumulator } from "./host-accumulator.js";
import { glyph } from "./html-glyph.js";
import { type HostRef, hostLink } from "./html-host-ref.js";
import { isolated, type Markup, markup, NOTHING } from "./html-markup.js";
import { portText } from "./html-ports.js";
import type { OpenPort, OpenPorts } from "./html-services.js";
import { countOf, groupDigits } from "./quantity.js";
import type { ReportOptions } from "./report-writer.js";

/** What still is an overview: a /24 with a host in four, and the ports that fit beside each other on paper. */
const ROWS_MAX = 64;
const COLUMNS_MAX = 24;

interface Row {
  readonly host: HostRef;
  readonly ports: HostAccumulator;
  readonly sortKey: string;
}

/** The hosts with the most open ports, of all that come. */
export class Matrix {
  readonly #rows: Row[] = [];
  #hostCount = 0;

  /** Takes a host with open ports. */
  add(host: HostRef, ports: HostAccumulator): void {
    this.#hostCount += 1;
    const last = this.#rows[ROWS_MAX - 1];
    if (last !== undefined && last.host.openCount > host.openCount) return;
    const row: Row = { host, ports, sortKey: addressSortKey(host.address) };
    const place = this.#rows.findIndex((other) => compareRows(row, other) < 0);
    this.#rows.splice(place < 0 ? this.#rows.length : place, 0, row);
    this.#rows.length = Math.min(this.#rows.length, ROWS_MAX);
  }

  /** The section; nothing for fewer than two hosts, whose own section says all. */
  toMarkup(openPorts: OpenPorts, options: ReportOptions): Markup {
    if (this.#hostCount < 2) return NOTHING;
    const columns = openPorts.most(COLUMNS_MAX);
    const hasRest = openPorts.count > columns.length;
    const rows = this.#rows.map((row) => ({ host: row.host, states: statesOf(row.ports, columns) }));
    const heads = columns.map((column) => columnHead(column, options));
    if (hasRest) heads.push(markup`<th scope="col"><span>others open</span></th>`);
    return markup`<section slot="charts" id="matrix" aria-labelledby="matrix-title">
<h2 id="matrix-title">Hosts and open ports</h2>
<p class="rest" id="matrix-text">${this.#rowsText()}${columnsText(columns.length, openPorts.count)}</p>
${legend(rows.flatMap(({ states }) => states))}
<div class="wide" role="region" aria-labelledby="matrix-title" tabindex="0">
<table class="matrix" aria-describedby="matrix-text"><caption>Hosts by ports</caption>
<thead><tr><th scope="col">Host</th>${heads}</tr></thead>
<tbody>
${rows.map(({ host, states }) => matrixRow(host, states, hasRest))}</tbody></table>
</div>
</section>
`;
  }

  #rowsText(): string {
    const shown = this.#rows.length;
    if (shown === this.#hostCount) return `The ${shown} hosts with open ports, those with the most first.`;
    const rest = countOf(this.#hostCount - shown, "other host with open ports is", "other hosts with open ports are");
    return `The ${shown} hosts with the most open ports; ${rest} only listed below.`;
  }
}

function columnsText(columnCount: number, portCount: number): string {
  if (columnCount === portCount) return "";
  const rest = countOf(portCount - columnCount, "other port is", "other ports are");
  return ` The ${columnCount} ports that are open on the most hosts; ${rest} counted in the last column.`;
}

function compareRows(one: Row, other: Row): number {
  const byCount = other.host.openCount - one.host.openCount;
  if (byCount !== 0) return byCount;
  return one.sortKey < other.sortKey ? -1 : 1;
}

/** A port that was not asked, or not decided, has no state. */
type FieldState = PortState | undefined;

function statesOf(ports: HostAccumulator, columns: readonly OpenPort[]): readonly FieldState[] {
  const places = new Map(columns.map((column, place) => [portText(column), place]));
  const states = new Array<FieldState>(columns.length).fill(undefined);
  for (const row of ports.rows(() => true)) {
    const place = places.get(portText(row));
    if (place !== undefined) states[place] = row.state;
  }
  return states;
}

function legend(shown: readonly FieldState[]): Markup {
  const present = PORT_STATES.filter((state) => shown.includes(state));
  const words = present.map((state) => markup`<span>${glyph(state, "beside")}${state}</span>`);
  const empty = shown.includes(undefined) ? markup`<span class="why">empty: not asked, or not decided</span>` : NOTHING;
  return markup`<p class="legend">${words}${empty}</p>`;
}

function columnHead(column: OpenPort, options: ReportOptions): Markup {
  const name = options.serviceName(column.port, column.protocol);
  const words = name === undefined ? NOTHING : markup` ${isolated(name)}`;
  return markup`<th scope="col"><span><b>${portText(column)}</b>${words}</span></th>`;
}

function matrixRow(host: HostRef, states: readonly FieldState[], hasRest: boolean): Markup {
  const fields = states.map((state) => markup`<td>${state === undefined ? NOTHING : glyph(state, "instead")}</td>`);
  const restCount = host.openCount - states.filter((state) => state === "open").length;
  if (hasRest) fields.push(markup`<td class="n">${restCount === 0 ? "" : `+${groupDigits(restCount)}`}</td>`);
  const name = host.name === undefined ? NOTHING : markup` ${isolated(host.name)}`;
  return markup`<tr><th scope="row">${hostLink(host)}${name}</th>${fields}</tr>
`;
}
