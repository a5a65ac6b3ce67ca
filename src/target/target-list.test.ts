import fc from "fast-check";
import { expect, test } from "vitest";
import { splitTargetList } from "./target-list.js";

test("words, comments, line ends and byte order marks", () => {
  const text = "\ufeff10.0.0.1 10.0.0.2\r\n# a comment\n\n\thost#another\n[::1]:80\0b";
  expect(splitTargetList(text)).toEqual([
    { text: "10.0.0.1", line: 1 },
    { text: "10.0.0.2", line: 1 },
    { text: "host", line: 4 },
    { text: "[::1]:80", line: 5 },
    { text: "b", line: 5 },
  ]);
});

test("what is joined is split again", () => {
  const word = fc.stringMatching(/^[!-"$-~]{1,10}$/);
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const entries = splitTargetList(words.join("\n"));
      expect(entries).toEqual(words.map((text, at) => ({ text, line: at + 1 })));
    }),
  );
});
