import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "./printable.js";

describe("printable", () => {
  it("leaves ordinary text alone, whatever its script", () => {
    for (const text of ["", "ssh", "Grüße, 世界 — ok 🙂", "back\\slash"]) {
      expect(printable(text)).toBe(text);
    }
  });

  it("shows what would steer a terminal or hide text", () => {
    expect(printable("\x1b[31mred\x1b[0m")).toBe("\\x1b[31mred\\x1b[0m");
    expect(printable("a\r\nb\tc\0\x7f")).toBe("a\\x0d\\x0ab\\x09c\\x00\\x7f");
    expect(printable("\x9b2J")).toBe("\\x9b2J");
    expect(printable("a\u202eb\u2066c\u061c")).toBe("a\\u202eb\\u2066c\\u061c");
    expect(printable("a\u200bb\ufeffc\u00add")).toBe("a\\u200bb\\ufeffc\\xadd");
    expect(printable("a\u2028b\u3164")).toBe("a\\u2028b\\u3164");
    expect(printable("\u{e0041}")).toBe("\\u{e0041}");
    expect(printable("\ud800x")).toBe("\\ud800x");
  });

  it("lets no control character through, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
