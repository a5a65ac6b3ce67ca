// A table that fits the terminal: what matters least is cut, or left out where it cannot be cut, before what matters more.

/** A column. */
export interface Column {
  readonly head: string;
  /** How much it matters: where the width does not suffice, the column with the lowest number goes first. */
  readonly weight: number;
  /** Its cells may be cut down to so many characters; undefined for a column that is shown whole or not at all. */
  readonly widthMin?: number | undefined;
  /** Cuts a cell that is longer than `width`; undefined for one that loses its end. */
  readonly shorten?: ((text: string, width: number) => string) | undefined;
}

/** A column with its cells, one for each row. */
export interface FilledColumn extends Column {
  readonly cells: readonly string[];
}

/** A column that is shown, and how wide. */
interface Shown {
  readonly column: FilledColumn;
  readonly width: number;
}

const GAP = "  ";
/** Lines that are told together: few enough for little memory, many enough to be written with few calls. */
const LINES_MAX = 2000;
/** Runs of blanks, ready made. */
const BLANKS: readonly string[] = Array.from({ length: 128 }, (_, count) => " ".repeat(count));

/**
 * The rows as lines below a head, without trailing blanks. Columns that are empty in every row are left out.
 * @param width Characters of a line; undefined for no limit
 */
export function fittedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] {
  const filled = columns.map((column, at) => ({ ...column, cells: rows.map((row) => row[at] ?? "") }));
  return [...fittedColumns(filled, width)].join("").split("\n").slice(0, -1);
}

/**
 * The same for tables of 100,000 rows, which have no object for each: as pieces of text, each of which is some lines with
 * their ends. Without rows there is nothing.
 */
export function* fittedColumns(columns: readonly FilledColumn[], width: number | undefined): Generator<string, void> {
  const rowCount = Math.max(0, ...columns.map(({ cells }) => cells.length));
  if (rowCount === 0) return;
  const used = columns.filter(({ cells }) => cells.some((text) => text !== ""));
  const shown = fitColumns(used, width);
  yield linesOf(shown.map(headOf), 0, 1);
  for (let from = 0; from < rowCount; from += LINES_MAX) {
    yield linesOf(shown, from, Math.min(rowCount, from + LINES_MAX));
  }
}

function headOf({ column, width }: Shown): Shown {
  return { column: { ...column, cells: [column.head] }, width };
}

/**
 * The columns for which there is room, and how wide each is. A column that is shown whole or not at all goes before
 * anything that matters more is cut.
 */
function fitColumns(columns: readonly FilledColumn[], width: number | undefined): readonly Shown[] {
  let left: readonly Shown[] = columns.map((column) => ({ column, width: naturalWidth(column) }));
  if (width === undefined) return left;
  while (left.length > 1) {
    const shown = shrink(left, width);
    const isCut = shown.some((one, at) => one.width < (left[at]?.width ?? 0));
    const least = left.reduce((low, one) => (one.column.weight < low.column.weight ? one : low));
    if (total(shown) <= width && !(isCut && least.column.widthMin === undefined)) return shown;
    left = left.filter((one) => one !== least);
  }
  return shrink(left, width);
}

function naturalWidth({ head, cells }: FilledColumn): number {
  let widest = head.length;
  for (const { length } of cells) if (length > widest) widest = length;
  return widest;
}

/**
 * Cuts columns until the line fits or nothing can be cut: first what matters least, down to its least width. Of those that
 * matter alike the widest loses a character at a time.
 */
function shrink(natural: readonly Shown[], width: number): readonly Shown[] {
  const widths = natural.map((one) => one.width);
  for (let excess = total(natural) - width; excess > 0; excess--) {
    const at = nextToCut(natural, widths);
    if (at === undefined) break;
    widths[at] = (widths[at] ?? 0) - 1;
  }
  return natural.map(({ column }, at) => ({ column, width: widths[at] ?? 0 }));
}

function nextToCut(shown: readonly Shown[], widths: readonly number[]): number | undefined {
  let next: number | undefined;
  for (const [at, { column }] of shown.entries()) {
    const have = widths[at] ?? 0;
    if (have <= (column.widthMin ?? Number.POSITIVE_INFINITY)) continue;
    const best = next === undefined ? undefined : shown[next]?.column;
    const order = best === undefined ? -1 : column.weight - best.weight;
    if (order < 0 || (order === 0 && have > (widths[next ?? 0] ?? 0))) next = at;
  }
  return next;
}

function total(shown: readonly Shown[]): number {
  return shown.reduce((sum, { width }) => sum + width, GAP.length * Math.max(0, shown.length - 1));
}

function linesOf(shown: readonly Shown[], from: number, to: number): string {
  const lines: string[] = [];
  for (let row = from; row < to; row++) lines.push(lineOf(shown, row));
  lines.push("");
  return lines.join("\n");
}

function lineOf(shown: readonly Shown[], row: number): string {
  let line = "";
  let blanks = 0; // that are due before the next cell which is not empty
  for (const { column, width } of shown) {
    const whole = column.cells[row] ?? "";
    const text = whole.length <= width ? whole : (column.shorten ?? cut)(whole, width);
    if (text !== "") {
      if (blanks > 0) line += BLANKS[blanks] ?? " ".repeat(blanks);
      line += text;
      blanks = 0;
    }
    blanks += width - text.length + GAP.length;
  }
  return line;
}

function cut(text: string, width: number): string {
  return `${text.slice(0, Math.max(0, width - 1))}…`;
}
