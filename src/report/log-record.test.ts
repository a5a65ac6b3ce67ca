import fc from "fast-check";
import { expect, test } from "vitest";
import { collectorRecord, localRecord, logText, type RecordHead, SEVERITY } from "./log-record.js";

const HEAD: RecordHead = {
  severity: SEVERITY.notice,
  at: "2026-11-04T12:04:07.853Z",
  hostname: "gate",
  processId: 4711,
  kind: "scan-start",
};

test("a collector gets RFC 5424's head: priority, version, time, host, program, process, kind, no structured data", () => {
  expect(collectorRecord(HEAD, "scan-start user=root")).toBe(
    "<13>1 2026-11-04T12:04:07.853Z gate postern 4711 scan-start - scan-start user=root",
  );
});

test("the local log gets the head of syslog(3)", () => {
  expect(localRecord(HEAD, "x")).toMatch(/^<13>Nov {2}[345] \d\d:\d\d:07 postern\[4711\]: x$/);
});

test("values that hold more than plain characters are quoted, and what is unknown is left out", () => {
  const text = logText("scan-start", { user: "root", from: undefined, command: 'postern "a b"', addresses: 256 });
  expect(text).toBe('scan-start user=root command="postern \\"a b\\"" addresses=256');
});

test("a host name that RFC 5424 does not take becomes a dash", () => {
  expect(collectorRecord({ ...HEAD, hostname: "my host" }, "x")).toContain("Z - postern");
  expect(collectorRecord({ ...HEAD, hostname: "" }, "x")).toContain("Z - postern");
});

test("whatever a value holds, a record is one line, and the value ends where its quotes do", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (value) => {
      const text = logText("w", { value, last: 1 });
      expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(text.replace(/"(?:[^"\\]|\\.)*"/, "quoted")).toMatch(/^w value=\S+ last=1$/);
    }),
    { seed: 1 },
  );
});
