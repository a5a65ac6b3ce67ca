import fc from "fast-check";
import { expect, test } from "vitest";
import { splitCommandLine } from "./command-words.js";
import { commandLine } from "./nmap-words.js";

const word = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text));

test("what our reports join is taken apart into the same words", () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), (words) => {
      expect(splitCommandLine(commandLine(words))).toEqual(words);
    }),
  );
});

test("as nmap 7.93 joins them", () => {
  expect(splitCommandLine(String.raw`nmap -oN "a \"b\\c'.nmap" -oX it's.xml a\\b\"c`)).toEqual([
    "nmap",
    "-oN",
    String.raw`a "b\c'.nmap`,
    "-oX",
    "it's.xml",
    String.raw`a\b"c`,
  ]);
});

test.each([
  ["nmap --datadir  127.0.0.1", "two blanks"],
  ["nmap 127.0.0.1 ", "an empty word"],
  ["", "an empty word"],
  ['nmap "a', "not closed"],
  ['nmap "a"b', "behind a closing quote"],
  ['nmap a"b', "within a word"],
  [String.raw`postern \x1b`, "escaped"],
  [String.raw`postern "a\u202e b"`, "escaped"],
  ["nmap a\tb", "a control character"],
  ["nmap a\u0000b", "a control character"],
  ["nmap a\\", "escaped"],
])("%j is refused", (text, why) => {
  expect(splitCommandLine(text)).toEqual({ fault: expect.stringContaining(why) });
});

test("no text makes it fail", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', "\\", " ", "a", "\t", "'") }), (text) => {
      const words = splitCommandLine(text);
      if (Array.isArray(words)) expect(words.every((one) => typeof one === "string")).toBe(true);
    }),
  );
});
