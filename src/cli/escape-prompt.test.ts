import { expect, test } from "vitest";
import { readPromptLine } from "./escape-prompt.js";

test.each([
  ["", { kind: "resume" }],
  ["  \n", { kind: "resume" }],
  ["quit\n", { kind: "quit" }],
  ["q", { kind: "quit" }],
  ["CLOSE", { kind: "quit" }],
  ["st", { kind: "status" }],
  ["hex", { kind: "hex" }],
  ["send AYT", { kind: "send", bytes: Uint8Array.of(255, 246), isTelnet: true }],
  ["send brk", { kind: "send", bytes: Uint8Array.of(255, 243), isTelnet: true }],
  ["send esc", { kind: "send", bytes: Uint8Array.of(29), isTelnet: false }],
])("%j", (line, action) => {
  expect(readPromptLine(line)).toEqual(action);
});

test.each([
  ["send", "send takes one of brk, ip, ao, ayt, ec, el, esc"],
  ["send constructor", "send takes one of"],
  ["s", '"s" is no command here'],
  ["\u001b[2J", "\\u001b[2j"],
  ["?", "goes back to the connection"],
  ["help", "ends the connection"],
])("%j is answered", (line, text) => {
  expect(readPromptLine(line)).toMatchObject({ kind: "say", text: expect.stringContaining(text) });
});
