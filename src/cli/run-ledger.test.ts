import { describe, expect, it } from "vitest";
import { InputError } from "../model/errors.js";
import type { CompactScanEvent, RunCounts } from "../model/scan-event.js";
import { RunLedger } from "./run-ledger.js";

const START: CompactScanEvent = {
  type: "start",
  version: "1",
  startedAt: "2026-11-23T15:10:00.000Z",
  targets: [],
  addressCount: 1,
  portCount: 1,
  portScans: [],
  seed: 1,
};
const COUNTS: RunCounts = {
  hosts: 3,
  unreachable: 0,
  hostsUp: 2,
  ports: 5,
  sent: 9,
  answered: 8,
  resent: 1,
  late: 0,
  kernelDrops: 0,
  ignored: 0,
};
const PROGRESS: CompactScanEvent = {
  type: "progress",
  phase: "ports",
  shareDone: 0.5,
  ratePps: 1,
  elapsedMs: 1,
  leftMs: 1,
  counts: COUNTS,
};

function ledger() {
  let nowMs = 1000;
  const made = new RunLedger({ now: () => nowMs, isoNow: () => "2026-11-23T15:10:02.000Z" });
  return { ledger: made, wait: (ms: number) => (nowMs += ms) };
}

describe("RunLedger", () => {
  it("ends a scan that broke off, with what was known last", () => {
    const { ledger: run, wait } = ledger();
    run.take(START);
    run.take(PROGRESS);
    wait(2000);
    expect(run.endBecauseOf(new InputError("no room", { file: "journal" }))).toEqual([
      { type: "notice", level: "warning", code: "broken-off", text: "the scan was broken off: journal: no room" },
      {
        type: "done",
        finishedAt: "2026-11-23T15:10:02.000Z",
        elapsedMs: 2000,
        counts: COUNTS,
        loss: { lossShare: 0, missedEstimate: 0 },
        isAborted: true,
      },
    ]);
  });

  it("adds nothing where nothing was begun, or all was said", () => {
    const { ledger: run } = ledger();
    expect(run.endBecauseOf(new Error("early"))).toEqual([]);
    run.take(START);
    const [, done] = run.endBecauseOf("x");
    if (done !== undefined) run.take(done);
    expect(run.endBecauseOf(new Error("late"))).toEqual([]);
  });
});
