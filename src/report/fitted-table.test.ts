import fc from "fast-check";
import { expect, test } from "vitest";
import { type Column, fittedColumns, fittedTable } from "./fitted-table.js";

const COLUMNS: readonly Column[] = [
  { head: "PROTO", weight: 9 },
  { head: "NAME", weight: 7, widthMin: 4 },
  { head: "NOTE", weight: 1 },
  { head: "EMPTY", weight: 8 },
  { head: "UNIT", weight: 3, widthMin: 4 },
];
const ROWS = [
  ["tcp", "a long name", "note", "", "a long unit"],
  ["udp", "b", "", "", ""],
];

test("without a limit everything is shown but what is empty", () => {
  expect(fittedTable(COLUMNS, ROWS, undefined)).toEqual([
    "PROTO  NAME         NOTE  UNIT",
    "tcp    a long name  note  a long unit",
    "udp    b",
  ]);
});

test("what cannot be cut goes before anything else is cut, and what matters least is cut first", () => {
  const wide = (width: number) => fittedTable(COLUMNS, ROWS, width)[1];
  expect(wide(37)).toBe("tcp    a long name  note  a long unit");
  expect(wide(36)).toBe("tcp    a long name  a long unit");
  expect(wide(30)).toBe("tcp    a long name  a long un…");
  expect(wide(24)).toBe("tcp    a long name  a l…");
  expect(wide(20)).toBe("tcp    a long…  a l…");
  expect(wide(12)).toBe("tcp    a lo…");
  expect(wide(1)).toBe("tcp");
});

test("a column may shorten its cells in its own way", () => {
  const columns = [{ head: "P", weight: 1, widthMin: 2, shorten: (text: string, width: number) => text.slice(-width) }];
  expect(fittedTable(columns, [["abcdef"]], 3)).toEqual(["P", "def"]);
});

test("no line is longer than the width, as long as one column fits", () => {
  const cell = fc.string({ maxLength: 20 }).map((text) => text.replaceAll("\n", "").trim());
  const rows = fc.array(fc.tuple(cell, cell, cell, cell, cell), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 20, max: 120 }), (table, width) => {
      for (const line of fittedTable(COLUMNS, table, width)) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
});

test("a long table comes in pieces of whole lines, with one head and all rows", () => {
  const cells = Array.from({ length: 5000 }, (_, row) => `row ${row}`);
  const pieces = [...fittedColumns([{ head: "ROW", weight: 1, cells }], undefined)];
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.every((piece) => piece.endsWith("\n"))).toBe(true);
  expect(pieces.join("")).toBe(`${["ROW", ...cells].join("\n")}\n`);
});

test("without rows there is no table", () => {
  expect(fittedTable(COLUMNS, [], 80)).toEqual([]);
});
