// A table that fits the terminal: long cells are cut first, then the least important columns are left out.

/** A column. */
export interface Column {
  readonly head: string;
  /** How much it matters: where the width does not suffice, the column with the lowest number goes first. */
  readonly weight: number;
  /** Its cells may be cut down to so many characters; undefined for a column that is shown whole or not at all. */
  readonly widthMin?: number;
}

const GAP = "  ";

/**
 * The rows as lines below a head, without trailing blanks. Columns that are empty in every row are left out.
 * @param width Characters of a line; undefined for no limit
 */
export function fittedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] {
  const natural = columns.map(({ head }, at) =>
    rows.reduce((most, row) => Math.max(most, (row[at] ?? "").length), rows.length === 0 ? 0 : head.length),
  );
  const used = columns.map((_column, at) => at).filter((at) => rows.some((row) => (row[at] ?? "") !== ""));
  const widths = fitWidths(columns, used, natural, width);
  return [columns.map(({ head }) => head), ...rows].map((row) => lineOf(row, widths));
}

/** Width by column; columns that are left out are missing. */
function fitWidths(
  columns: readonly Column[],
  used: readonly number[],
  natural: readonly number[],
  width: number | undefined,
): ReadonlyMap<number, number> {
  const widths = new Map(used.map((at) => [at, natural[at] ?? 0]));
  if (width === undefined) return widths;
  while (widths.size > 1) {
    for (const at of widths.keys()) widths.set(at, natural[at] ?? 0);
    shrink(columns, widths, width);
    if (total(widths) <= width) break;
    const [least] = [...widths.keys()].sort((a, b) => (columns[a]?.weight ?? 0) - (columns[b]?.weight ?? 0));
    if (least !== undefined) widths.delete(least);
  }
  return widths;
}

/** Cuts the widest column that can be cut, a character at a time, until the line fits or nothing can be cut. */
function shrink(columns: readonly Column[], widths: Map<number, number>, width: number): void {
  for (let excess = total(widths) - width; excess > 0; excess--) {
    let widest: number | undefined;
    for (const [at, have] of widths) {
      const least = columns[at]?.widthMin ?? Number.POSITIVE_INFINITY;
      if (have > least && (widest === undefined || have > (widths.get(widest) ?? 0))) widest = at;
    }
    if (widest === undefined) return;
    widths.set(widest, (widths.get(widest) ?? 0) - 1);
  }
}

function total(widths: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const one of widths.values()) sum += one;
  return sum + GAP.length * Math.max(0, widths.size - 1);
}

function lineOf(row: readonly string[], widths: ReadonlyMap<number, number>): string {
  const cells: string[] = [];
  for (const [at, width] of widths) cells.push(cut(row[at] ?? "", width).padEnd(width));
  return cells.join(GAP).trimEnd();
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
