// What every reader of a table must bear: any text, and the kernel's own cut anywhere or with damage in it.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TableReading } from "./table-reading.js";

/**
 * Suite over one reader, with a true table of it.
 * @param hasOpenLines True where a line may go on in the next one: then junk between lines becomes a part of the first
 */
export function testTableReader(
  parse: (text: string) => TableReading<unknown>,
  table: string,
  hasOpenLines: boolean = false,
): void {
  const whole = parse(table);
  const rows = table.trimEnd().split("\n");

  test("a true table has no faults", () => {
    expect(whole.faultCount).toBe(0);
    expect(whole.sockets).toHaveLength(rows.length - 1);
  });

  test("an empty text, a head alone and blank lines are no faults", () => {
    for (const text of ["", "\n", `${rows[0]}`, `${rows[0]}\n`, `${rows[0]}\n\n\n`]) {
      expect(parse(text)).toEqual({ sockets: [], faultCount: 0 });
    }
  });

  test("cut at any length it has the sockets before the cut, and at most one fault", () => {
    for (let end = 0; end < table.length; end++) {
      const { sockets, faultCount } = parse(table.slice(0, end));
      const before = Math.max(0, table.slice(0, end).split("\n").length - 2);
      expect(sockets.slice(0, before)).toEqual(whole.sockets.slice(0, before));
      expect(sockets.length + faultCount).toBeLessThanOrEqual(before + 1);
    }
  });

  if (!hasOpenLines) {
    test("a damaged line costs no other one", () => {
      fc.assert(
        fc.property(fc.nat(rows.length), fc.string({ unit: "binary" }), (at, junk) => {
          const line = junk.replaceAll("\n", "");
          const damaged = [rows[0], ...rows.slice(1, at + 1), line, ...rows.slice(at + 1)].join("\n");
          const { sockets, faultCount } = parse(`${damaged}\n`);
          expect(sockets.length).toBeGreaterThanOrEqual(whole.sockets.length - (at === 0 ? 1 : 0));
          expect(sockets.length + faultCount).toBeLessThanOrEqual(whole.sockets.length + 1);
        }),
      );
    });
  }

  test("no text makes it throw", () => {
    const piece = fc.constantFrom(
      "\n",
      " ",
      ":",
      "0000000000000000",
      "00000000:0000",
      "0A",
      "10",
      "<->",
      "*",
      "\t",
      "\0",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.array(piece).map((words) => words.join("")),
    );
    fc.assert(fc.property(texts, (text) => void parse(text)));
  });
}
