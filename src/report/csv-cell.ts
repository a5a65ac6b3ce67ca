// Cells of CSV: quoted where RFC 4180 wants it, and such that no spreadsheet takes one for a formula.
import { printable } from "./printable.js";

/** What begins a formula in Excel, LibreOffice or Google Sheets, in full width, too (OWASP, "CSV Injection"). */
const FORMULA = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** What must stand in quotes, and what some readers take for the end of a cell. */
const SPECIAL = /[",;\r\n]/;

/** A row with its end. Undefined is an empty cell. */
export function csvRow(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** Numbers are ours and stay as they are; text may be anybody's. */
function csvCell(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = FORMULA.test(value) ? `'${printable(value)}` : printable(value);
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
