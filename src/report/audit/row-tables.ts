// The ports of a host for people at a terminal: a row each with inside, firewall, outside and intention side by side; with several
// vantage points a column for each of them.
import type { AuditedHost, AuditRow, AuditVantage, RowView } from "../../model/audit-report.js";
import { type Column, fittedTable } from "../fitted-table.js";
import { shortenProcess } from "../inside/socket-cells.js";
import { printable } from "../printable.js";
import { countOf } from "../quantity.js";
import { severityRank } from "./findings.js";
import { folded } from "./folded-lines.js";
import {
  firewallCell,
  insideCell,
  intendedCell,
  isContrary,
  isQuiet,
  outsideCell,
  portCell,
  ruleCell,
  unitCell,
} from "./row-cells.js";

/** What a vantage point's view mostly takes, what it takes at least, and what stands beside all of them. */
const VANTAGE_COLUMNS = 17;
const VANTAGE_COLUMNS_MIN = 8;
const OTHER_COLUMNS = 48;

/** A column, and what stands in it of a row. */
interface RowColumn extends Column {
  cell(row: AuditRow): string;
}

const MARK: RowColumn = {
  head: "",
  weight: 13,
  cell: ({ severity }) => (severityRank(severity) >= severityRank("low") ? "!" : ""),
};
const ADDRESS: RowColumn = { head: "ADDRESS", weight: 12, cell: ({ address }) => address };
const PORT: RowColumn = { head: "PORT", weight: 13, cell: portCell };
const SERVICE: RowColumn = { head: "SERVICE", weight: 2, widthMin: 8, cell: ({ service }) => service ?? "" };
/** Beside several vantage points it is there only if nothing is cut for it. */
const WHOLE_SERVICE: RowColumn = { ...SERVICE, widthMin: undefined };
const INSIDE: RowColumn = { head: "INSIDE", weight: 9, widthMin: 12, shorten: shortenProcess, cell: insideCell };
const UNIT: RowColumn = { head: "UNIT", weight: 1, widthMin: 10, cell: unitCell };
const VERDICT: RowColumn = { head: "VERDICT", weight: 8, widthMin: 17, cell: ({ verdict }) => verdict };

/** One vantage point: each of the three has a column. */
const SINGLE: readonly RowColumn[] = [
  MARK,
  ADDRESS,
  PORT,
  SERVICE,
  INSIDE,
  UNIT,
  { head: "FIREWALL", weight: 11, widthMin: 10, cell: ofFirst(firewallCell) },
  { head: "RULE", weight: 3, widthMin: 16, cell: ofFirst(ruleCell) },
  { head: "OUTSIDE", weight: 11, widthMin: 8, cell: ofFirst(outsideCell) },
  { head: "INTENDED", weight: 7, cell: ofFirst(intendedCell) },
  VERDICT,
];

function ofFirst(cell: (view: RowView) => string): RowColumn["cell"] {
  return ({ views: [first] }) => (first === undefined ? "" : cell(first));
}

/**
 * The lines, each with two blanks before it.
 * @param columns Characters of a line; undefined for no limit
 */
export function rowTables({ rows, vantages }: AuditedHost, columns: number | undefined): readonly string[] {
  const shown = rows.filter((row) => !isQuiet(row));
  const quiet = rows.length - shown.length;
  const width = columns === undefined ? undefined : Math.max(1, columns - 2);
  const tables = tablesOf(vantages, width).map((table) => tableLines(table, shown, width));
  const rest = `${countOf(quiet, "port is", "ports are")} not open, and nothing waits there: as it should be.`;
  const lines = [
    ...(shown.length === 0 ? [] : tables.flatMap((table, at) => (at === 0 ? table : ["", ...table]))),
    ...(shown.length > 0 && vantages.length > 1 ? folded(MATRIX_LEGEND, width) : []),
    ...(quiet === 0 ? [] : folded(rest, width)),
  ];
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

const MATRIX_LEGEND =
  "Below each vantage point: what answers there, in brackets what the rules do with its packets, ! where that is not intended.";

function tableLines(columns: readonly RowColumn[], rows: readonly AuditRow[], width: number | undefined) {
  const cells = rows.map((row) => columns.map(({ cell }) => printable(cell(row))));
  return fittedTable(columns, cells, width);
}

/** With many vantage points and little room, several tables: none is left out. */
function tablesOf(vantages: readonly AuditVantage[], width: number | undefined): readonly (readonly RowColumn[])[] {
  if (vantages.length < 2) return [SINGLE];
  const beside = width === undefined ? vantages.length : Math.floor((width - OTHER_COLUMNS) / VANTAGE_COLUMNS);
  const most = Math.max(1, beside);
  const tables: RowColumn[][] = [];
  for (let from = 0; from < vantages.length; from += most) {
    const some = vantages.slice(from, from + most).map((vantage, at) => vantageColumn(vantage, from + at));
    tables.push([MARK, ADDRESS, PORT, WHOLE_SERVICE, INSIDE, ...some, VERDICT]);
  }
  return tables;
}

function vantageColumn({ name }: AuditVantage, at: number): RowColumn {
  return { head: printable(name), weight: 14, widthMin: VANTAGE_COLUMNS_MIN, cell: ({ views }) => viewCell(views[at]) };
}

/** "open! (accept)". The mark is where no cutting takes it away. */
function viewCell(view: RowView | undefined): string {
  if (view === undefined) return "";
  const rules = view.firewall === undefined ? "" : ` (${view.firewall.verdict})`;
  return `${outsideCell(view)}${isContrary(view) ? "!" : ""}${rules}`;
}
