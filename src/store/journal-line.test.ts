import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLine, encodeLine } from "./journal-line.js";

describe("a journal's line", () => {
  it("is JSON, a blank, and the CRC-32 that everybody else computes", () => {
    // The check value of CRC-32/ISO-HDLC is that of the text 123456789.
    expect(encodeLine(123456789)).toBe("123456789 cbf43926\n");
  });

  it("gives any record back, in one line", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
        const line = encodeLine({ value, text });
        expect(line.indexOf("\n")).toBe(line.length - 1);
        // Lone surrogates are escaped by JSON.stringify, so UTF-8 loses nothing.
        const record: unknown = JSON.parse(JSON.stringify({ value, text }));
        expect(decodeLine(Buffer.from(line.slice(0, -1)))).toEqual({ record });
      }),
      { seed: 5 },
    );
  });

  it("is not believed with any bit turned", () => {
    const line = Buffer.from(encodeLine({ type: "ports", ports: "1-5,7", name: "ü" }).slice(0, -1));
    for (let bit = 0; bit < line.length * 8; bit++) {
      const turned = Buffer.from(line);
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeLine(turned)).toHaveProperty("fault");
    }
  });

  it("is not believed when it is cut or is no JSON", () => {
    const line = Buffer.from(encodeLine({ a: 1 }).slice(0, -1));
    for (let end = 0; end < line.length; end++) expect(decodeLine(line.subarray(0, end))).toHaveProperty("fault");
    expect(decodeLine(Buffer.from("12345678x 00000000"))).toEqual({ fault: "the checksum does not fit" });
    expect(decodeLine(Buffer.from("{a} 4a4ba1b4"))).toHaveProperty("fault");
  });
});
