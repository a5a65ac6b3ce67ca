import { describe, expect, test } from "vitest";
import { keepWatching, type WatchTimes } from "./keep-watching.js";
import { parseSchedule } from "./schedule.js";

const START = Date.parse("2026-11-24T00:30:00Z");
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A clock that jumps when it sleeps: what happens at a moment is a list. */
class World implements WatchTimes {
  atMs = START;
  readonly warnings: string[] = [];
  readonly starts: string[] = [];
  readonly stop = new AbortController();
  #wake = new AbortController();
  ranAtMs: number | undefined;
  /** How long each run takes. */
  runMs: number[] = [];
  /** What is added to the clock during the next sleep. */
  jumpMs: (sleptMs: number) => number = () => 0;
  reloadTo: string | undefined;
  #left: number;

  constructor(runCount: number) {
    this.#left = runCount;
  }

  nowMs = (): number => this.atMs;
  status = (): void => {};
  warn = (text: string): void => {
    this.warnings.push(text);
  };

  sleep = async (ms: number): Promise<void> => {
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(30_000);
    this.atMs += ms + this.jumpMs(ms);
  };

  wake(): void {
    this.#wake.abort();
  }

  async watch(cron = "0 * * * *"): Promise<void> {
    const schedule = parseSchedule(cron, "UTC", START);
    await keepWatching(this, schedule, this, {
      stop: this.stop.signal,
      nextWake: () => {
        this.#wake = new AbortController();
        if (this.stop.signal.aborted) this.#wake.abort();
        return this.#wake.signal;
      },
      reloaded: () => {
        const text = this.reloadTo;
        this.reloadTo = undefined;
        return text === undefined ? undefined : parseSchedule(text, "UTC", START);
      },
    });
  }

  run = async (): Promise<"same"> => {
    this.starts.push(new Date(this.atMs).toISOString().slice(8, 16));
    this.ranAtMs = this.atMs;
    this.atMs += this.runMs.shift() ?? MINUTE_MS;
    if (--this.#left === 0) this.stop.abort();
    return "same";
  };
}

describe("runs", () => {
  test("the first comes at once, the others by the schedule", async () => {
    const world = new World(3);
    await world.watch();
    expect(world.starts).toEqual(["24T00:30", "24T01:00", "24T02:00"]);
    expect(world.warnings).toEqual([]);
  });

  test("one that ran an hour ago is waited behind", async () => {
    const world = new World(1);
    world.ranAtMs = START - 10 * MINUTE_MS;
    await world.watch();
    expect(world.starts).toEqual(["24T01:00"]);
  });

  test("what fell due while nobody watched is made up for once", async () => {
    const world = new World(2);
    world.ranAtMs = START - 5 * HOUR_MS;
    await world.watch();
    expect(world.starts).toEqual(["24T00:30", "24T01:00"]);
    expect(world.warnings).toHaveLength(1);
    expect(world.warnings[0]).toContain("5 runs were missed, the first 4 h 30 min ago");
  });

  test("what comes while one is under way is skipped, and said", async () => {
    const world = new World(2);
    world.runMs = [3 * HOUR_MS];
    await world.watch();
    expect(world.starts).toEqual(["24T00:30", "24T04:00"]);
    expect(world.warnings).toEqual(["3 runs skipped: the one before was still under way"]);
  });

  test("what was slept through is made up for by one", async () => {
    const world = new World(3);
    world.jumpMs = () => (world.starts.length === 1 && world.atMs < START + HOUR_MS ? 6 * HOUR_MS : 0);
    await world.watch();
    expect(world.starts).toEqual(["24T00:30", "24T06:31", "24T07:00"]);
    expect(world.warnings[0]).toContain("6 runs were missed");
  });

  test("a clock that is put back takes the schedule along", async () => {
    const world = new World(3);
    let isBack = false;
    world.jumpMs = () => {
      if (isBack || world.starts.length < 2) return 0;
      isBack = true;
      return -5 * HOUR_MS;
    };
    await world.watch();
    expect(world.starts).toEqual(["24T00:30", "24T01:00", "23T21:00"]);
    expect(world.warnings[0]).toContain("the clock was put back by 4 h 59 min");
  });

  test("a clock that time servers set by a second is none that was put back", async () => {
    const world = new World(3);
    world.jumpMs = (sleptMs) => (sleptMs > 10_000 ? -900 : 0);
    await world.watch();
    expect(world.starts).toEqual(["24T00:30", "24T01:00", "24T02:00"]);
    expect(world.warnings).toEqual([]);
  });

  test("another schedule holds from when it was read", async () => {
    const world = new World(3);
    world.jumpMs = () => {
      if (world.starts.length !== 1 || world.reloadTo !== undefined || world.atMs > START + 3 * MINUTE_MS) return 0;
      world.reloadTo = "*/10 * * * *";
      world.wake();
      return 0;
    };
    await world.watch();
    expect(world.starts).toEqual(["24T00:30", "24T00:40", "24T00:50"]);
  });

  test("a watch that is ended while it waits makes no more", async () => {
    const world = new World(9);
    world.jumpMs = () => {
      if (world.starts.length === 2) {
        world.stop.abort();
        world.wake();
      }
      return 0;
    };
    await world.watch();
    expect(world.starts).toHaveLength(2);
  });
});
