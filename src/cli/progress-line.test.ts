import { describe, expect, it } from "vitest";
import type { ProgressEvent, ScanEvent } from "../model/scan-event.js";
import { ProgressLine, type ProgressTerminal, progressText } from "./progress-line.js";

const COUNTS = {
  hosts: 256,
  unreachable: 0,
  hostsUp: 12,
  ports: 0,
  sent: 0,
  answered: 0,
  resent: 0,
  late: 0,
  kernelDrops: 0,
  ignored: 0,
};

const HALF: ProgressEvent = {
  type: "progress",
  phase: "ports",
  shareDone: 0.4329,
  ratePps: 120_311.4,
  elapsedMs: 2000,
  leftMs: 2600,
  counts: COUNTS,
};

const OPEN: ScanEvent = {
  type: "port",
  hostId: 0,
  result: {
    protocol: "tcp",
    port: 22,
    state: "open",
    reason: "syn-ack",
    technique: "tcp-syn",
    ttl: 64,
    rttMs: 1,
    tries: 1,
    responder: undefined,
  },
};

const DONE: ScanEvent = {
  type: "done",
  finishedAt: "2026-11-23T15:10:08Z",
  elapsedMs: 1,
  counts: COUNTS,
  loss: { lossShare: 0, missedEstimate: 0 },
  isAborted: false,
};

/** One line of a terminal: knows carriage return, erase to end, and nothing else. */
class FakeTerminal implements ProgressTerminal {
  line = "";
  writes = 0;
  width: number | undefined = 80;
  #cursor = 0;

  columns(): number | undefined {
    return this.width;
  }

  write(text: string): void {
    this.writes += 1;
    for (const piece of text.replaceAll("\x1b[K", "\n").split(/(\r|\n)/)) {
      if (piece === "\r") {
        this.#cursor = 0;
      } else if (piece === "\n") {
        this.line = this.line.slice(0, this.#cursor);
      } else {
        this.line = this.line.slice(0, this.#cursor) + piece + this.line.slice(this.#cursor + piece.length);
        this.#cursor += piece.length;
      }
    }
  }
}

describe("progressText", () => {
  it("says how far, how fast, what and how long", () => {
    expect(progressText(HALF, 1, 80)).toBe("ports 43.2 %  120,311 probes/s  1 open  3 s left");
    expect(progressText({ ...HALF, phase: "discovery", leftMs: undefined }, 0, 80)).toBe(
      "discovery 43.2 %  120,311 probes/s  12 hosts up",
    );
  });

  it("keeps within the columns", () => {
    expect(progressText(HALF, 1, 12)).toBe("ports 43.2 %");
    expect(progressText(HALF, 1, 0)).toBe("");
  });
});

describe("ProgressLine", () => {
  it("draws on progress with the open ports so far, over what stood there", () => {
    const terminal = new FakeTerminal();
    const line = new ProgressLine(terminal);
    line.take(OPEN);
    expect(terminal.writes).toBe(0);
    line.take(HALF);
    expect(terminal.line).toBe("ports 43.2 %  120,311 probes/s  1 open  3 s left");
    line.take({ ...HALF, ratePps: 9, leftMs: undefined });
    expect(terminal.line).toBe("ports 43.2 %  9 probes/s  1 open");
  });

  it("gives way to other output and comes back", () => {
    const terminal = new FakeTerminal();
    const line = new ProgressLine(terminal);
    line.clear();
    line.redraw();
    expect(terminal.writes).toBe(0);
    line.take(HALF);
    line.clear();
    expect(terminal.line).toBe("");
    line.redraw();
    expect(terminal.line).toContain("ports 43.2 %");
  });

  it("writes nothing that stands there already", () => {
    const terminal = new FakeTerminal();
    const line = new ProgressLine(terminal);
    line.take(HALF);
    line.take(HALF);
    line.redraw();
    expect(terminal.writes).toBe(1);
  });

  it("leaves the last column free, and takes 80 where the width is unknown", () => {
    const terminal = new FakeTerminal();
    terminal.width = 20;
    const line = new ProgressLine(terminal);
    line.take(HALF);
    expect(terminal.line).toHaveLength(19);
    terminal.width = undefined;
    line.redraw();
    expect(terminal.line).toContain("3 s left");
  });

  it("is gone at the end", () => {
    const terminal = new FakeTerminal();
    const line = new ProgressLine(terminal);
    line.take(HALF);
    line.take(DONE);
    line.redraw();
    expect(terminal.line).toBe("");
  });
});
