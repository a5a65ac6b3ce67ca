import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LOCAL_LOG_ADDRESS } from "../linux/log-address.js";
import { InputError } from "../model/errors.js";
import { readSettings } from "./policy-schema.js";

function complaint(text: string): string {
  try {
    readSettings(text, "f");
    return "nothing";
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}

describe("syslog", () => {
  test.each([
    ["syslog: true", LOCAL_LOG_ADDRESS],
    ["syslog: false", undefined],
    ["", undefined],
    ["# nothing\n", undefined],
    ["{}", undefined],
    ["---\nsyslog: udp://loghost\n...\n", { kind: "udp", host: "loghost", port: 514 }],
    ['"syslog": "tls://[fd00::1]:7000" # there', { kind: "tls", host: "fd00::1", port: 7000 }],
    ["\ufeffsyslog: true\r\n", LOCAL_LOG_ADDRESS],
  ])("%j", (text, log) => {
    expect(readSettings(text, "f")).toEqual({ log, isRecorded: false });
  });
});

test.each([
  ["history: true", true],
  ["history: false", false],
])("%j", (text, isRecorded) => {
  expect(readSettings(text, "f")).toEqual({ log: undefined, isRecorded });
});

test.each([
  ["sylog: true", 'f:1:1: unknown key "sylog"; did you mean syslog?'],
  ["\n\n  zebra: 1", 'f:3:3: unknown key "zebra"; these are known: syslog, history'],
  ["__proto__: 1", 'f:1:1: unknown key "__proto__"; these are known: syslog, history'],
  ["toString: 1", 'f:1:1: unknown key "toString"; these are known: syslog, history'],
  ['"\\u001b[2J": 1', 'f:1:1: unknown key "\\u001b[2J"; these are known: syslog, history'],
  ["syslog: yes\n", 'f:1:9: syslog needs udp://HOST, tcp://HOST or tls://HOST, but was given "yes"'],
  ["syslog:\n  udp://\n", 'f:2:3: syslog needs udp://HOST, tcp://HOST or tls://HOST, but was given "udp://"'],
  ["history: /tmp/h.db", "f:1:10: history needs true or false"],
  ["syslog: 1", "f:1:9: syslog needs true, false, udp://HOST, tcp://HOST or tls://HOST"],
  ["syslog:", "f:1:8: syslog needs true, false, udp://HOST, tcp://HOST or tls://HOST"],
  ["syslog: [true]", "f:1:9: syslog needs true, false, udp://HOST, tcp://HOST or tls://HOST"],
  ["- syslog", "f:1:1: keys with values were expected"],
  ["syslog", "f:1:1: keys with values were expected"],
  ["syslog: true\nsyslog: false", 'f:2:1: the key "syslog" stands there twice'],
  ["syslog: true\n  bad: - x", "f:1:9: nested mappings"],
  ["syslog: {", "f:1:10: "],
  ["a: &a [x]\nb: *a", "f:1:7: anchors (&) are not taken"],
  ["&a syslog: true", "f:1:4: the key"],
  ["b: *a", "f:1:4: "],
  ["syslog: !!bool true", "f:1:16: tags (!) are not taken"],
  ["syslog: !x true", "f:1:9: "],
  ["<<: {syslog: true}", 'f:1:1: unknown key "<<"'],
  ["1: x", "f:1:1: a key must be a word"],
  ["? [a]\n: b", "f:1:3: a key must be a word"],
  ["? {a: b}\n", "f:1:3: a key must be a word"],
  ["%YAML 1.1\n---\nsyslog: on", "f:1:1: directives (%) are not taken"],
  ["syslog: true\n---\nsyslog: false", "f:2:1: a second document begins"],
  ["syslog: true\0", "f:1:"],
])("%j is refused with its place", (text, message) => {
  expect(complaint(text)).toContain(message);
});

describe("what is hostile", () => {
  test.each([
    ["[".repeat(100_000), "nested more than 32 levels deep"],
    ["- ".repeat(100_000), "nested more than 32 levels deep"],
    ["{a: ".repeat(100_000), "nested more than 32 levels deep"],
    ["? ".repeat(100_000), "nested more than 32 levels deep"],
    [Array.from({ length: 1000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"), "nested more than 32 levels deep"],
    [`a: &a [x,x]\n${Array.from({ length: 20 }, (_, at) => `b${at}: &b [*a,*a]\n`).join("")}`, "f:1:7: anchors"],
    [Array.from({ length: 12_000 }, (_, at) => `k${at}: 1\n`).join(""), "unknown key"],
  ])("ends soon with an error (%#)", (text, message) => {
    const begunAtMs = performance.now();
    expect(complaint(text)).toContain(message);
    expect(performance.now() - begunAtMs).toBeLessThan(3000);
  });

  test("no text makes it fail otherwise", () => {
    const bits = [
      "syslog",
      ":",
      " ",
      "\n",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "&a",
      "*a",
      "!!x",
      "'",
      '"',
      "|",
      ">",
      "%",
      "---",
      "<<",
      "true",
      "\t",
      "?",
      ",",
      "#",
      "\0",
    ];
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...bits), maxLength: 40 }), (text) => {
        expect(complaint(text)).toMatch(/^(?:nothing|f:\d+:\d+: .*)$/s);
      }),
      { numRuns: 500 },
    );
  });
});
