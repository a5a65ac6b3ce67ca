import fc from "fast-check";
import { expect, test } from "vitest";
import { socketName } from "./socket-name.js";

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

test.each([
  ["no name", "", undefined],
  ["a path", "/run/door", "/run/door"],
  ["a path with the zero at its end", "/run/door\0", "/run/door"],
  ["a path and what is left of another one", "/run/a\0oor", "/run/a"],
  ["a path of UTF-8", "/run/t\xc3\xbcr", "/run/tür"],
  ["a path of something else", "/run/t\xfcr \xc3\xbc", "/run/t\\xfcr \\xc3\\xbc"],
  ["an abstract name", "\0door", "@door"],
  ["the empty abstract name", "\0", "@"],
  ["zeros in an abstract name", "\0a\0b\0\0", "@a@b@@"],
  ["control characters, as they are", "\0\x1b[31m\n", "@\x1b[31m\n"],
])("%s", (_what, name, expected) => {
  expect(socketName(bytes(name))).toBe(expected);
});

test("any bytes have a name, and it holds no zero", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 108 }), (name) => {
      expect(socketName(name)).not.toContain("\0");
    }),
  );
});
