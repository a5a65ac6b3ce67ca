import { expect, test } from "vitest";
import { HexView } from "./hex-view.js";

test("16 bytes a line, each direction counted by itself", () => {
  const view = new HexView();
  expect(view.lines(">", Buffer.from("GET / HTTP/1.0\r\n\r\n"))).toBe(
    "> 00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 30 0d 0a  |GET / HTTP/1.0..|\n" +
      "> 00000010  0d 0a                                             |..|\n",
  );
  expect(view.lines("<", Uint8Array.of(0x1b, 0x7f, 0xff))).toBe(
    "< 00000000  1b 7f ff                                          |...|\n",
  );
  expect(view.lines(">", Uint8Array.of(0x41))).toContain("> 00000012  41 ");
  expect(view.lines("<", new Uint8Array(0))).toBe("");
});
