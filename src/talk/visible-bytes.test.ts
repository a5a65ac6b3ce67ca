import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../report/printable.js";
import { VisibleBytes } from "./visible-bytes.js";

/** All that comes out for chunks. */
function shown(chunks: readonly (string | readonly number[])[], isDrawnByOther = false): string {
  const visible = new VisibleBytes(printable);
  visible.isDrawnByOther = isDrawnByOther;
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : Uint8Array.from(chunk)));
  return bytes.map((chunk) => visible.write(chunk)).join("") + visible.end();
}

describe("bytes of a server on a terminal", () => {
  test.each([
    ["plain text", ["220 ready\r\nnext\n"], "220 ready\nnext\n"],
    ["escape sequences", ["\x1b]0;title\x07\x1b[2J"], "\\x1b]0;title\\x07\\x1b[2J"],
    ["C1 controls in UTF-8", ["\u009b31m"], "\\x9b31m"],
    ["C1 controls as bytes", [[0x9b, 0x33]], "\\x9b3"],
    ["bidirectional and zero-width characters", ["a\u202eb\u200bc"], "a\\u202eb\\u200bc"],
    ["a byte order mark", ["\ufeffx"], "\\ufeffx"],
    ["a lone carriage return, which would write over the line", ["real\rfake"], "real\\x0dfake"],
    ["backspaces", ["root\b\b\b\b"], "root\\x08\\x08\\x08\\x08"],
    ["umlauts, cut between chunks", [[0xc3], [0xa4, 0xf0, 0x9f], [0x98], [0x80]], "ä😀"],
    ["a carriage return cut from its line feed", ["one\r", "\ntwo"], "one\ntwo"],
    ["overlong forms", [[0xc0, 0x9b, 0xe0, 0x80, 0x9b]], "\\xc0\\x9b\\xe0\\x80\\x9b"],
    ["surrogates", [[0xed, 0xa0, 0x80]], "\\xed\\xa0\\x80"],
    ["beyond Unicode", [[0xf4, 0x90, 0x80, 0x80]], "\\xf4\\x90\\x80\\x80"],
    ["a character that does not end", ["ok", [0xe2, 0x82]], "ok\\xe2\\x82"],
    ["a broken character and what follows", [[0xe2, 0x41]], "\\xe2A"],
  ])("%s", (_, chunks, text) => {
    expect(shown(chunks)).toBe(text);
  });

  test("where the other side draws the line, it may go back on it and ring, and no more", () => {
    expect(shown(["ab\b \b\r\x07\x1b[A"], true)).toBe("ab\b \b\r\x07\\x1b[A");
  });

  test("nothing but line feeds, tabs and safe characters comes out, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 6 }), (chunks) => {
        const visible = new VisibleBytes(printable);
        const text = chunks.map((chunk) => visible.write(chunk)).join("") + visible.end();
        expect(text.replace(/[\n\t]/g, "")).toBe(printable(text.replace(/[\n\t]/g, "")));
        const whole = new VisibleBytes(printable);
        expect(text).toBe(whole.write(Buffer.concat(chunks)) + whole.end());
      }),
    );
  });

  test("valid text without controls is shown as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(shown([text.replaceAll("\r", "")])).toBe(
          text
            .replaceAll("\r", "")
            .split(/([\n\t])/)
            .map((part) => (/^[\n\t]$/.test(part) ? part : printable(part)))
            .join(""),
        );
      }),
    );
  });
});
