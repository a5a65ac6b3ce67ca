import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompactScanEvent } from "../model/scan-event.js";
import { normal } from "../report/normal.js";
import { ReportFiles } from "./report-files.js";

const OPTIONS = { showReason: false, onlyOpen: false, verbosity: 0, serviceName: () => undefined };
const START: CompactScanEvent = {
  type: "start",
  version: "9.9",
  startedAt: "2026-11-23T15:10:00.000Z",
  targets: ["a"],
  addressCount: 1,
  portCount: 1,
  portScans: [],
  seed: 1,
};
const FIRST = "# postern 9.9 scan initiated Mon Nov 23 15:10:00 2026 as: \n";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-reports-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function open(names: readonly string[], isAppended = false, out: string[] = []): ReportFiles {
  const requests = names.map((name) => ({
    form: "normal",
    path: name.startsWith("/") ? name : path.join(folder, name),
  }));
  const startedAt = new Date(2026, 10, 23, 15, 10, 0);
  const writeOut = (text: string): unknown => out.push(text);
  return new ReportFiles(requests, { writers: [normal], options: OPTIONS, isAppended, startedAt, writeOut });
}

describe("ReportFiles", () => {
  it("writes as events come, over what was there or behind it", () => {
    writeFileSync(path.join(folder, "a"), "old\n");
    const files = open(["a"]);
    files.take(START);
    expect(readFileSync(path.join(folder, "a"), "utf8")).toBe(FIRST);
    files.close();
    const more = open(["a"], true);
    more.take(START);
    more.close();
    expect(readFileSync(path.join(folder, "a"), "utf8")).toBe(FIRST + FIRST);
    expect(more.fault).toBeUndefined();
  });

  it("puts the time into names", () => {
    open(["%Y-%m-%d-%T"]).close();
    expect(existsSync(path.join(folder, "2026-11-23-151000"))).toBe(true);
  });

  it("knows at once what cannot be written", () => {
    mkdirSync(path.join(folder, "directory"));
    expect(() => open(["no/such"])).toThrow(/no\/such: cannot be written: ENOENT, no such file$/);
    expect(() => open(["directory"])).toThrow(/directory: cannot be written: EISDIR/);
    expect(() => open([`${"x".repeat(300)}`])).toThrow("ENAMETOOLONG");
  });

  it("refuses two reports in one file, whatever it is called", () => {
    symlinkSync("one", path.join(folder, "link"));
    expect(() => open(["one", "link"])).toThrow("two reports cannot be written into");
    expect(() => open(["%Y", "2026"])).toThrow("two reports cannot be written into");
    open(["/dev/null", "/dev/null"]).close(); // a device takes anything
  });

  it("goes on with the others when a file is full", () => {
    const files = open(["/dev/full", "good"]);
    files.take(START);
    expect(files.fault?.message).toBe(
      "/dev/full: cannot be written: ENOSPC, no room left on the device; the report in it is incomplete",
    );
    files.take(START); // nothing more is tried
    files.close();
    expect(readFileSync(path.join(folder, "good"), "utf8")).toBe(FIRST + FIRST);
  });
});
