import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../model/errors.js";
import type { CompactScanEvent, DoneEvent } from "../model/scan-event.js";
import type { ResumePoint } from "../target/resume-point.js";
import { type Journal, lossText, readJournal } from "./journal-reader.js";
import { JournalWriter } from "./journal-writer.js";
import { numbersOf } from "./ranges.js";
import {
  NOTHING_YET,
  portRun,
  RUN,
  resultsOf,
  SMALL_WORLD,
  tell,
  temporaryFolder,
  thrownBy,
  type World,
} from "./world.test.data.js";

const FOLDER = temporaryFolder();
const FILE = path.join(FOLDER, "scan.journal");
const PLAN = { seed: 7, mac: Uint8Array.of(2, 0, 255), rate: Number.POSITIVE_INFINITY, nothing: undefined };
const WHOLE = resultsOf(tell(SMALL_WORLD, NOTHING_YET));

const DONE: DoneEvent = {
  type: "done",
  finishedAt: "2026-01-02T03:05:05Z",
  elapsedMs: 60_000,
  counts: {
    hosts: 6,
    unreachable: 0,
    hostsUp: 3,
    ports: 11,
    sent: 20,
    answered: 11,
    resent: 2,
    late: 0,
    kernelDrops: 0,
    ignored: 0,
  },
  loss: { lossShare: 0, missedEstimate: 0 },
  isAborted: false,
};

beforeEach(() => rmSync(FILE, { force: true }));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function firstRun(events: Iterable<CompactScanEvent>): void {
  const writer = JournalWriter.create(FILE, { ...RUN, plan: PLAN });
  for (const event of events) writer.take(event);
  writer.close();
}

function laterRun(journal: Journal, events: Iterable<CompactScanEvent>): void {
  const writer = JournalWriter.append(journal, { ...RUN, words: ["--resume", FILE] });
  for (const event of events) writer.take(event);
  writer.close();
}

/** Goes on to the end, and reads everything. */
function finish(world: World): Journal {
  const journal = readJournal(FILE);
  laterRun(journal, tell(world, journal.resume));
  return readJournal(FILE);
}

describe("a journal", () => {
  it("gives back what a run told, and leaves nothing to be done", () => {
    firstRun([...tell(SMALL_WORLD, NOTHING_YET), DONE]);
    const journal = readJournal(FILE);
    expect(journal.header).toEqual({ ...RUN, plan: { seed: 7, mac: Uint8Array.of(2, 0, 255), rate: Infinity } });
    expect(journal).toMatchObject({ laterRuns: [], done: DONE, resume: { finished: [[0, 5]], hosts: [] } });
    expect(lossText(journal.lost)).toBeUndefined();
    expect(resultsOf(journal.events())).toEqual(WHOLE);
    expect(statSync(FILE).mode & 0o777).toBe(0o600);
  });

  it("tells a host before its ports, and its names, its way and its end behind them", () => {
    firstRun(tell(SMALL_WORLD, NOTHING_YET));
    const types = [...readJournal(FILE).events()].map((event) => event.type);
    const ofFirst = ["technique", "host", "port-run", "port-run", "port-run", "host-names", "trace", "host-done"];
    expect(types).toEqual([
      ...ofFirst,
      "host-names",
      "host",
      "host",
      "host",
      "port-run",
      "port-run",
      "port-run",
      "host-done",
    ]);
  });

  it("says what is left inside a host", () => {
    const events = [...tell(SMALL_WORLD, NOTHING_YET)].slice(0, 4);
    firstRun([
      ...events,
      { type: "silence", hostId: 0, protocol: "udp", tries: 1, ports: Uint16Array.of(53, 54, 55, 60) },
      { type: "silence", hostId: 0, protocol: "udp", tries: 2, ports: Uint16Array.of(54) },
      { type: "silence", hostId: 0, protocol: "tcp", tries: 1, ports: Uint16Array.of(443) },
      portRun(0, "tcp", [443]),
      portRun(0, "udp", [55]),
    ]);
    expect(readJournal(FILE).resume).toEqual({
      finished: [],
      hosts: [
        {
          hostId: 0,
          decided: [
            {
              protocol: "tcp",
              ranges: [
                [22, 22],
                [80, 81],
                [443, 443],
              ],
            },
            { protocol: "udp", ranges: [[55, 55]] },
          ],
          silent: [
            {
              protocol: "udp",
              tries: 1,
              ranges: [
                [53, 53],
                [60, 60],
              ],
            },
            { protocol: "udp", tries: 2, ranges: [[54, 54]] },
          ],
        },
      ],
    } satisfies ResumePoint);
  });

  it("does not take a host for done that was stopped", () => {
    const events = [...tell(SMALL_WORLD.slice(0, 1), NOTHING_YET)];
    firstRun(events.flatMap((event) => (event.type === "host-done" ? [{ ...event, end: "stopped" as const }] : [])));
    expect(readJournal(FILE).resume).toEqual(NOTHING_YET);
    rmSync(FILE);
    const stopped = events.map((event) => (event.type === "host-done" ? { ...event, end: "stopped" as const } : event));
    firstRun(stopped.filter((event) => event.type !== "finished"));
    const journal = readJournal(FILE);
    expect(journal.resume.hosts.map(({ hostId }) => hostId)).toEqual([0]);
    expect([...journal.events()].some((event) => event.type === "host-done")).toBe(false);
  });

  it("never replaces a file, and is not written by two runs", () => {
    firstRun([]);
    const error = thrownBy(() => firstRun([]));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toHaveProperty("message", `${FILE}: exists, and a journal never replaces a file`);
    const [one, other] = [readJournal(FILE), readJournal(FILE)];
    laterRun(one, []);
    expect(thrownBy(() => laterRun(other, []))).toHaveProperty(
      "message",
      `${FILE}: another run writes into this journal`,
    );
  });

  it("goes on after any event, however often", () => {
    const worlds = fc.array(
      fc.record({
        kind: fc.constantFrom("up", "quiet", "down", "hidden"),
        names: fc.array(fc.string(), { maxLength: 2 }),
        hasTrace: fc.boolean(),
        ports: fc.record({
          tcp: fc.uniqueArray(fc.nat(65535), { maxLength: 12 }),
          udp: fc.uniqueArray(fc.nat(65535), { maxLength: 4 }),
        }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(worlds, fc.array(fc.nat(30), { maxLength: 4 }), (world, stops) => {
        rmSync(FILE, { force: true });
        firstRun([]);
        for (const stop of stops) {
          const journal = readJournal(FILE);
          laterRun(journal, [...tell(world, journal.resume)].slice(0, stop));
        }
        const journal = finish(world);
        expect(resultsOf(journal.events())).toEqual(resultsOf(tell(world, NOTHING_YET)));
        expect([...numbersOf(journal.resume.finished)]).toEqual([...world.keys()]);
        expect(journal.laterRuns).toHaveLength(stops.length + 1);
        expect(lossText(journal.lost)).toBeUndefined();
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});

describe("a damaged journal", () => {
  it("goes on after a cut at every byte, from what is whole", { timeout: 60_000 }, () => {
    firstRun(tell(SMALL_WORLD, NOTHING_YET));
    const whole = readFileSync(FILE);
    const headerBytes = whole.indexOf("\n") + 1;
    for (let cut = 0; cut < whole.length; cut++) {
      writeFileSync(FILE, whole.subarray(0, cut));
      if (cut < headerBytes) {
        expect(thrownBy(() => readJournal(FILE))).toBeInstanceOf(InputError);
        continue;
      }
      const lastLine = whole.lastIndexOf("\n", cut - 1) + 1;
      expect(readJournal(FILE)).toMatchObject({
        wholeBytes: lastLine,
        lost: { cutBytes: cut - lastLine, lineCount: 0 },
      });
      expect(resultsOf(finish(SMALL_WORLD).events())).toEqual(WHOLE);
    }
  });

  it("finds any flipped byte behind the header, and what depends on it is asked again", { timeout: 60_000 }, () => {
    firstRun([...tell(SMALL_WORLD, NOTHING_YET)].slice(0, 12));
    const first = readJournal(FILE);
    laterRun(first, tell(SMALL_WORLD, first.resume));
    const whole = readFileSync(FILE);
    for (let at = whole.indexOf("\n") + 1; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(FILE, flipped);
      const { lost } = readJournal(FILE);
      expect(lost.lineCount + lost.cutBytes).toBeGreaterThan(0);
      const journal = finish(SMALL_WORLD);
      expect(resultsOf(journal.events())).toEqual(WHOLE);
      expect(journal.resume).toEqual({ finished: [[0, 5]], hosts: [] });
    }
  });

  it("names the damaged lines and counts what depends on them", () => {
    firstRun(tell(SMALL_WORLD, NOTHING_YET));
    const lines = readFileSync(FILE, "utf8").split("\n");
    lines[2] = (lines[2] ?? "").replace('"id":0', '"id":9');
    writeFileSync(FILE, `${lines.join("\n")}half a li`);
    expect(lossText(readJournal(FILE).lost)).toBe(
      "its last line was cut (9 bytes), 1 line is damaged (line 3: the checksum does not fit), " +
        "6 records depend on lost ones: what was there is asked again",
    );
  });
});
