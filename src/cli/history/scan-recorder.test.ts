import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../model/errors.js";
import type { CompactScanEvent } from "../../model/scan-event.js";
import { doneAt, hostDone, NOON_MS, openPorts, startAt, upHost } from "../../store/history.test.data.js";
import { HistoryDatabase } from "../../store/history-database.js";
import { historyEvents } from "../../store/history-reader.js";
import { findScans } from "../../store/history-scans.js";
import { ScanRecorder } from "./scan-recorder.js";

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-recorder-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRESS = { type: "progress", phase: "ports", shareDone: 0.5, ratePps: 1, elapsedMs: 1, leftMs: 1 } as const;

/** A recorder under a clock of the test, and what it warned of. */
function begin(file = path.join(folder, `${++count}.db`)) {
  let nowMs = 0;
  const warnings: string[] = [];
  const recorder = ScanRecorder.begin({
    places: { named: file, environment: {} },
    words: ["postern", "-p", "22 80"],
    plan: { seed: 1 },
    clock: { now: () => nowMs, isoNow: () => new Date(NOON_MS + nowMs).toISOString() },
    warn: (text) => warnings.push(text),
  });
  const tell = (...events: readonly CompactScanEvent[]) => {
    for (const event of events) recorder?.take(event);
  };
  return {
    file,
    warnings,
    recorder,
    tell,
    /** Time passes, and the engine says so. */
    pass(ms: number) {
      nowMs += ms;
      tell({ ...PROGRESS, counts: { ...counts(), hosts: 1 } });
    },
  };
}

function counts() {
  const done = doneAt(NOON_MS);
  if (done.type !== "done") throw new Error("no end");
  return done.counts;
}

function look(file: string): readonly string[] {
  const database = HistoryDatabase.open(file, { busyMs: 0 });
  try {
    return [...findScans(database, {}, NOON_MS)].flatMap(({ id, state, command }) => [
      `${id} ${state} ${command}`,
      [...historyEvents(database, id)].map(({ type }) => type).join(" "),
    ]);
  } finally {
    database.close();
  }
}

function asDone(): CompactScanEvent {
  const done = doneAt(NOON_MS + 1000);
  if (done.type !== "done") throw new Error("no end");
  return done;
}

test("a scan is there from its start on, and has what came up to the last second", () => {
  const { file, tell, pass, recorder, warnings } = begin();
  tell(startAt(NOON_MS));
  expect(look(file)[0]).toBe('1 running postern -p "22 80"');
  tell(upHost(0, "10.0.0.1"), openPorts(0, [22]));
  pass(600);
  tell(openPorts(0, [80]));
  pass(100);
  expect(look(file)[1]).toBe("start host port-run notice host-done done");
  tell(hostDone(0), asDone());
  recorder?.end(0);
  recorder?.end(0);
  expect(look(file)).toEqual(['1 done postern -p "22 80"', "start host port-run port-run host-done done"]);
  expect(warnings).toEqual([]);
});

describe("a history that another program holds", () => {
  test("for a moment: what gathered is written later", () => {
    const { file, tell, pass, recorder, warnings } = begin();
    tell(startAt(NOON_MS));
    const other = HistoryDatabase.open(file, { busyMs: 0 });
    other.execute("BEGIN IMMEDIATE");
    tell(upHost(0, "10.0.0.1"));
    pass(1000);
    pass(30_000);
    other.execute("COMMIT");
    other.close();
    tell(hostDone(0), asDone());
    recorder?.end(0);
    expect(look(file)[1]).toBe("start host host-done done");
    expect(warnings).toEqual([]);
  });

  test("for long: that is said once, and the scan goes on", () => {
    const { file, tell, pass, recorder, warnings } = begin();
    tell(startAt(NOON_MS));
    const other = HistoryDatabase.open(file, { busyMs: 0 });
    other.execute("BEGIN IMMEDIATE");
    tell(upHost(0, "10.0.0.1"));
    for (let second = 0; second < 70; second++) pass(1000);
    other.execute("COMMIT");
    other.close();
    tell(hostDone(0), asDone());
    recorder?.end(0);
    expect(warnings).toEqual([
      `nothing more of this scan is put into the history: ${file}: another program holds this history`,
    ]);
    expect(look(file)[1]).toBe("start notice done");
  });
});

test("a file that is no history is told before the scan", () => {
  const file = path.join(folder, "report.xml");
  writeFileSync(file, "<nmaprun>".repeat(1000), { mode: 0o600 });
  expect(() => begin(file)).toThrow(InputError);
});
