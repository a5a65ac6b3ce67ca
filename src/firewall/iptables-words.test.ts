import fc from "fast-check";
import { expect, test } from "vitest";
import { splitWords } from "./iptables-words.js";

test("words are parted by blanks, but within quotes", () => {
  expect(splitWords("-A INPUT  -p\ttcp ")).toEqual(["-A", "INPUT", "-p", "tcp"]);
  expect(splitWords('-m comment --comment "two words" -j ACCEPT')).toEqual([
    "-m",
    "comment",
    "--comment",
    "two words",
    "-j",
    "ACCEPT",
  ]);
  expect(splitWords('--comment ""')).toEqual(["--comment", ""]);
  expect(splitWords('a"b c"d')).toEqual(["ab cd"]);
});

test("backslashes within quotes take the meaning from what follows, as iptables-save writes them", () => {
  expect(splitWords(String.raw`--comment "a \"quote\" and \\ back\'s"`)).toEqual([
    "--comment",
    String.raw`a "quote" and \ back's`,
  ]);
  expect(splitWords(String.raw`--comment "\\" x`)).toEqual(["--comment", "\\", "x"]);
  expect(splitWords(String.raw`comment "it ends in \" x`, "plain")).toEqual(["comment", "it ends in \\", "x"]);
});

test("a quote that is not closed is no line", () => {
  expect(splitWords('--comment "half')).toBeUndefined();
  expect(splitWords(String.raw`--comment "half\"`)).toBeUndefined();
});

test("what is quoted as iptables quotes comes back", () => {
  const word = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\n"));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const line = words.map((text) => `"${text.replaceAll(/["\\']/g, (character) => `\\${character}`)}"`).join(" ");
      expect(splitWords(line)).toEqual(words);
    }),
  );
});
