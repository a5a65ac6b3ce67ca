import { expect, test } from "vitest";
import { LineEnds } from "./line-ends.js";

test.each([
  [["a\nb\n"], "a\r\nb\r\n"],
  [["a\r\nb"], "a\r\nb"],
  [["a\r", "\nb"], "a\r\nb"],
  [["\n\n"], "\r\n\r\n"],
  [["a\rb\n"], "a\rb\r\n"],
  [["", "\n"], "\r\n"],
])("%j becomes %j", (chunks, text) => {
  const ends = new LineEnds();
  expect(Buffer.concat(chunks.map((chunk) => ends.convert(Buffer.from(chunk)))).toString()).toBe(text);
});
