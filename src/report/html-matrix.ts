// Hosts x ports at a glance. A real table of small shapes: it breaks between rows on paper, and is its own text.
import type { PortState } from "../model/port-state.js";
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
    return markup`<section slot="charts" id="matrix" aria-labelledby="matrix-title">
<h2 id="matrix-title">Hosts and open ports</h2>
<div class="wide" role="region" aria-labelledby="matrix-title" tabindex="0">
<table class="matrix"><caption>${this.#caption(columns.length, openPorts.count)}</caption>
<thead><tr><th scope="col">Host</th>${columns.map((column) => columnHead(column, options))}${hasRest ? markup`<th scope="col"><span>others open</span></th>` : NOTHING}</tr></thead>
<tbody>
${this.#rows.map((row) => matrixRow(row, columns, hasRest))}</tbody></table>
</div>
</section>
`;
  }

  #caption(columnCount: number, portCount: number): string {
    const shown = this.#rows.length;
    const hosts =
      shown < this.#hostCount
        ? `The ${shown} hosts with the most open ports; ${countOf(this.#hostCount - shown, "other host")} with open ports ${this.#hostCount - shown === 1 ? "is" : "are"} only listed below.`
        : `The ${shown} hosts with open ports, those with the most first.`;
    const ports =
      columnCount < portCount
        ? ` The ${columnCount} ports that are open on the most hosts; ${countOf(portCount - columnCount, "other port")} ${portCount - columnCount === 1 ? "is" : "are"} counted in the last column.`
        : "";
    return `${hosts}${ports} An empty field: not asked, or not decided.`;
  }
}

function compareRows(one: Row, other: Row): number {
  const byCount = other.host.openCount - one.host.openCount;
  if (byCount !== 0) return byCount;
  return one.sortKey < other.sortKey ? -1 : 1;
}

function columnHead(column: OpenPort, options: ReportOptions): Markup {
  const name = options.serviceName(column.port, column.protocol);
  return markup`<th scope="col"><span><b>${portText(column)}</b>${name === undefined ? NOTHING : markup` ${isolated(name)}`}</span></th>`;
}

function matrixRow({ host, ports }: Row, columns: readonly OpenPort[], hasRest: boolean): Markup {
  const states = new Map<string, PortState>();
  for (const row of ports.rows(() => true)) states.set(portText(row), row.state);
  let shownCount = 0;
  const cells = columns.map((column) => {
    const state = states.get(portText(column));
    if (state === undefined) return markup`<td></td>`;
    if (state === "open") shownCount += 1;
    return markup`<td>${glyph(state, "instead")}</td>`;
  });
  const restCount = host.openCount - shownCount;
  const rest = hasRest ? markup`<td class="n">${restCount === 0 ? "" : `+${groupDigits(restCount)}`}</td>` : NOTHING;
  const name = host.name === undefined ? NOTHING : markup` ${isolated(host.name)}`;
  return markup`<tr><th scope="row">${hostLink(host)}${name}</th>${cells}${rest}</tr>
`;
}
