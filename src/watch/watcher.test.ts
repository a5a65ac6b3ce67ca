import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProgramEnd, RunningProgram } from "../linux/program.js";
import { DatabaseError } from "../model/errors.js";
import { jsonLines } from "../report/json-lines.js";
import type { ReadEvent } from "../report/report-reader.js";
import { HistoryFolder } from "../store/history.test.data.js";
import { HistoryDatabase } from "../store/history-database.js";
import { findScans } from "../store/history-scans.js";
import { auditReport, watchState } from "../store/watch-store.js";
import { Deliveries } from "./deliveries.js";
import { eventsOf, type TestRun } from "./network.test.data.js";
import type { Notice } from "./notice.js";
import type { WatchWorld } from "./watch-world.js";
import { watchedAudit } from "./watched-audit.js";
import { watchedScan } from "./watched-scan.js";
import { Watcher } from "./watcher.js";

let folder: HistoryFolder;
beforeAll(() => {
  folder = new HistoryFolder();
});
afterAll(() => folder.remove());

const A = "192.0.2.1";
const ONE: TestRun = { hosts: { [A]: { open: [22] } } };
const OTHER: TestRun = { hosts: { [A]: { open: [22, 25] } } };

/** What the program writes when it looks. */
type Look = TestRun | { readonly text: string; readonly end?: Partial<ProgramEnd> };

function textOf(look: Look): string {
  if ("text" in look) return look.text;
  const sink = jsonLines.open({} as never);
  return [...eventsOf(look)].map((event: ReadEvent) => sink(event)).join("");
}

class World implements WatchWorld {
  readonly vantage = "gate";
  readonly warnings: string[] = [];
  readonly told: Notice[] = [];
  readonly out: string[] = [];
  readonly records: string[] = [];
  readonly sleeps: number[] = [];
  readonly words: (readonly string[])[] = [];
  looks: Look[] = [];
  file: string = folder.file();
  atMs = Date.parse("2026-11-24T12:00:00Z");
  open: () => HistoryDatabase = () => HistoryDatabase.open(this.file, { busyMs: 0 });
  readonly deliveries = new Deliveries(
    [{ name: "test", tell: async (notice) => void this.told.push(notice) }],
    (text) => this.warnings.push(text),
  );

  nowMs(): number {
    return this.atMs++;
  }
  async sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
  }
  startLook(words: readonly string[]): RunningProgram {
    this.words.push(words);
    const look = this.looks.shift() ?? { text: "" };
    const end = { status: 0, fault: undefined, ...("text" in look ? look.end : {}) };
    return {
      output: Readable.from([textOf(look)]).pipe(new PassThrough()),
      ended: Promise.resolve(end),
      stop: () => {},
    };
  }
  openHistory(): HistoryDatabase {
    return this.open();
  }
  writeOut(text: string): void {
    this.out.push(text);
  }
  warn(text: string): void {
    this.warnings.push(text);
  }
  async record(word: string): Promise<void> {
    this.records.push(word);
  }
  status(): void {}
}

const SETTINGS = {
  name: "nightly",
  subject: "scan",
  words: ["-n", "192.0.2.0/24"],
  schedule: "@daily",
  timeZone: "UTC",
  confirmAfterMs: 30_000,
  lookLimitMs: 1000,
  notify: [],
} as const;

const NEVER = new AbortController().signal;

function setUp(world = new World()) {
  const watcher = new Watcher(watchedScan, SETTINGS, world);
  const run = (...looks: readonly Look[]) => {
    world.looks = [...looks];
    return watcher.run(NEVER);
  };
  return { world, watcher, run };
}

describe("a run", () => {
  test("is kept; a change is looked at once more, and told", async () => {
    const { world, run } = setUp();
    expect(await run(ONE)).toBe("same");
    expect(await run(ONE)).toBe("same");
    expect(world.sleeps).toEqual([]);
    expect(await run(OTHER, OTHER)).toBe("changed");
    expect(world.sleeps).toEqual([30_000]);
    expect(world.told).toMatchObject([
      { kind: "changes", watch: "nightly", keptAs: "scan 4", changes: [{ place: `${A}/tcp/25` }] },
    ]);
    expect(world.out.at(-1)).toMatch(
      /^\S+Z nightly: 1 host up, 2 ports open; 1 change in \d+ s \(scan 4\)\n {2}\+ 192.0.2.1\/tcp\/25 closed -> open\n$/,
    );
    expect(world.words[0]).toEqual(["-v", "-oJ", "-", "--no-history", "-n", "192.0.2.0/24"]);
    expect(world.records).toEqual(["watch-start", "watch-end", "watch-start", "watch-end", "watch-start", "watch-end"]);
    const database = world.open();
    expect([...findScans(database, {}, world.atMs)].map(({ command }) => command)).toEqual(
      Array(4).fill("postern -n 192.0.2.0/24"),
    );
    database.close();
  });

  test("that sees a change only once tells nothing", async () => {
    const { world, run } = setUp();
    await run(ONE);
    expect(await run(OTHER, ONE)).toBe("same");
    expect(await run(OTHER, { text: "", end: { fault: "died" } })).toBe("blind");
    expect(world.told).toEqual([]);
    expect(await run(OTHER, OTHER)).toBe("changed");
  });

  test("of another process goes on where the last one was", async () => {
    const { world, run } = setUp();
    await run(ONE);
    const next = new Watcher(watchedScan, SETTINGS, world);
    expect(next.ranAtMs).toBe(Date.parse("2026-11-24T12:00:00Z"));
    world.looks = [OTHER, OTHER];
    expect(await next.run(NEVER)).toBe("changed");
  });

  test("with other words begins anew, and says so", async () => {
    const { world, run } = setUp();
    await run(ONE);
    const next = new Watcher(watchedScan, { ...SETTINGS, words: ["-n", "192.0.2.1"] }, world);
    world.looks = [OTHER];
    expect(await next.run(NEVER)).toBe("same");
    expect(world.warnings).toEqual(["the watch nightly was another one: it begins anew"]);
  });

  test("that is stopped tells nothing, and believes nothing", async () => {
    const { world, watcher, run } = setUp();
    await run(ONE);
    world.looks = [OTHER, OTHER];
    expect(await watcher.run(AbortSignal.abort())).toBe("stopped");
    expect(world.told).toEqual([]);
    expect(await run(OTHER, OTHER)).toBe("changed");
  });
});

describe("trouble", () => {
  test.each([
    ["that ended at once", { text: "", end: { status: 1, fault: "ended with status 1: no route\u001b[2J" } }],
    ["that wrote something else", { text: "Segmentation fault\n" }],
    ["that wrote a report of another program", { text: "<nmaprun>" }],
    ["that wrote a port of no host", { text: `${textOf(ONE).split("\n")[0]}\n{"type":"port","hostId":99}\n` }],
  ])("a look %s is said, and ends nothing", async (_what, look) => {
    const { world, run } = setUp();
    await run(ONE);
    expect(await run(look)).toBe("blind");
    expect(world.out.at(-1)).toContain("nightly: could not look: ");
    expect(world.out.at(-1)).not.toContain("\u001b");
    expect(await run(OTHER, OTHER)).toBe("changed");
  });

  test("a report that was cut is a run that was stopped: nothing is gone", async () => {
    const { world, run } = setUp();
    await run(ONE);
    expect(await run({ text: textOf(ONE).split("\n").slice(0, 2).join("\n") })).toBe("same");
    expect(world.told).toEqual([]);
  });

  test("three in a row that cannot look are told once, and that it looks again", async () => {
    const { world, run } = setUp();
    await run(ONE);
    for (let count = 0; count < 5; count++) await run({ text: "" });
    await run(ONE);
    expect(world.told.map(({ kind, text }) => [kind, text.slice(0, 16)])).toEqual([
      ["trouble", "3 runs in a row "],
      ["trouble", "it looks again, "],
    ]);
  });

  test("a history that is locked or full hides no change, and none is told twice", async () => {
    const { world, run } = setUp();
    await run(ONE);
    const open = world.open;
    world.open = () => {
      throw new DatabaseError("another program holds this history", { isBusy: true });
    };
    expect(await run(OTHER, OTHER)).toBe("changed");
    expect(await run(OTHER)).toBe("same");
    expect(world.warnings[0]).toBe("this run is not kept: another program holds this history");
    world.open = open;
    expect(await run(OTHER)).toBe("same");
    expect(await new Watcher(watchedScan, SETTINGS, world).run(NEVER)).toBe("blind"); // nothing is left to look with
    expect(world.told).toHaveLength(1);
  });

  test("a history that another process writes to is waited for no longer than it may be", async () => {
    const { world, run } = setUp();
    await run(ONE);
    const other = HistoryDatabase.open(world.file, { busyMs: 0 });
    other.execute("BEGIN IMMEDIATE");
    expect(await run(OTHER, OTHER)).toBe("changed");
    expect(world.warnings.some((text) => text.includes("another program holds this history"))).toBe(true);
    other.execute("ROLLBACK");
    other.close();
    expect(await run(OTHER)).toBe("same");
  });

  test("what was kept and is damaged is begun anew", async () => {
    const { world, run } = setUp();
    await run(ONE);
    const database = world.open();
    database.run("UPDATE watch SET belief = ?", [Uint8Array.of(1, 2, 3)]);
    database.close();
    const next = new Watcher(watchedScan, SETTINGS, world);
    world.looks = [OTHER];
    expect(await next.run(NEVER)).toBe("same");
    expect(world.warnings[0]).toContain("nightly: what this watch knew is damaged");
  });
});

test("an audit is watched alike", async () => {
  const world = new World();
  const settings = { ...SETTINGS, subject: "audit", words: ["db"] } as const;
  const watcher = new Watcher(watchedAudit, settings, world);
  const at = "2026-11-24T12:00:00Z";
  const finding = { key: "firewall-open", place: "db", severity: "high", vantages: [], title: "open", evidence: [] };
  const report = (...findings: readonly object[]) => {
    const host = { name: "db", vantages: [], rows: [], findings };
    return {
      text: JSON.stringify({ format: "postern-audit", startedAt: at, endedAt: at, hosts: [host] }),
      end: { status: 1 },
    };
  };
  world.looks = [report()];
  expect(await watcher.run(NEVER)).toBe("same");
  world.looks = [report(finding), report(finding)];
  expect(await watcher.run(NEVER)).toBe("changed");
  expect(world.words[0]).toEqual(["audit", "--json", "db"]);
  expect(world.told).toMatchObject([{ keptAs: "audit 3", changes: [{ kind: "new", what: "finding", place: "db" }] }]);
  const database = world.open();
  expect(JSON.parse(auditReport(database, 3) ?? "")).toMatchObject({ hosts: [{ name: "db" }] });
  expect(watchState(database, "nightly")).toMatchObject({ subject: "audit", words: ["db"] });
  database.close();
});
