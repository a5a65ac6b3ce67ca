import { describe, expect, test } from "vitest";
import { seededRandom } from "../target/random.js";
import { boundsOf } from "./bounds.js";
import { EventHeap } from "./event-heap.test.data.js";
import { NO_SLICE, PaceControl, sliceOf } from "./pace-control.js";
import { DEFAULT_TIMING } from "./plan.js";
import { SendWindow } from "./send-window.js";

const TICK_MS = 1;
const JUDGED_EVERY_MS = 20;
const WANTED_PPS = 20_000;
const TRIES_MAX = 8;
const MUTE_TRIES = 3;
const TIMEOUT_MS = 100;

/** The way to a host, as it is at a moment. */
interface Way {
  readonly roundTripMs: number;
  /** Share lost whatever the rate is. */
  readonly lossShare: number;
  /** What the bottleneck passes on, and how many wait before it. */
  readonly ratePps: number;
  readonly queueFrames: number;
  /** Share of ports that never answer. */
  readonly muteShare: number;
}

const FREE: Way = {
  roundTripMs: 20,
  lossShare: 0,
  ratePps: Number.POSITIVE_INFINITY,
  queueFrames: 0,
  muteShare: 0,
};

interface Probe {
  readonly slice: number;
  readonly beforeSlice: number;
  readonly isMute: boolean;
  readonly tries: number;
  readonly isAnswered: boolean;
}

/** Asks as fast as window and pace allow, and asks again what was silent, as the engine does. */
class Asker {
  readonly pace: PaceControl;
  nowMs = 1000;
  sent = 0;
  readonly #random = seededRandom(7);
  readonly #events = new EventHeap<Probe>();
  readonly #retries: Probe[] = [];
  readonly #window = new SendWindow(boundsOf(DEFAULT_TIMING).far.window);
  #wayFreeAtMs = 0;
  #outstanding = 0;

  constructor(pace: PaceControl = new PaceControl()) {
    this.pace = pace;
  }

  /** Goes on for so long. Returns the mean of the rate over that time, infinite when it was so once. */
  run(forMs: number, changes: Partial<Way>, wantedPps: number = WANTED_PPS): number {
    const way = { ...FREE, ...changes };
    const timeoutMs = way.roundTripMs + TIMEOUT_MS + (way.queueFrames * 1000) / way.ratePps;
    const endMs = this.nowMs + forMs;
    let sum = 0;
    let ticks = 0;
    for (; this.nowMs < endMs; this.nowMs += TICK_MS) {
      this.#settle();
      if (this.nowMs % JUDGED_EVERY_MS === 0) this.pace.judge(this.nowMs, timeoutMs, way.roundTripMs);
      const wanted = Math.round((wantedPps * TICK_MS) / 1000);
      const room = Math.floor(this.#window.size) - this.#outstanding;
      const count = Math.min(wanted, room, this.pace.available(this.nowMs));
      for (let index = 0; index < count; index++) this.#send(way, timeoutMs);
      sum += this.pace.ratePps;
      ticks++;
    }
    return sum / ticks;
  }

  #send(way: Way, timeoutMs: number): void {
    const rhythm = this.#retries.length > 256 ? 2 : 4;
    const again = this.sent % rhythm === 0 ? this.#retries.shift() : undefined;
    const isMute = again?.isMute ?? this.#chance(way.muteShare);
    const isAnswered = !isMute && this.#passes(way) && !this.#chance(way.lossShare);
    const slice = sliceOf(this.nowMs);
    const beforeSlice = again?.slice ?? NO_SLICE;
    const waitMs = isAnswered ? way.roundTripMs + Math.max(0, this.#wayFreeAtMs - this.nowMs) : timeoutMs;
    this.#events.push(this.nowMs + waitMs, { slice, beforeSlice, isMute, tries: (again?.tries ?? 0) + 1, isAnswered });
    this.pace.onSent(this.nowMs);
    this.sent++;
    this.#outstanding++;
  }

  #settle(): void {
    while (this.#events.nextAtMs <= this.nowMs) {
      const probe = this.#events.pop()?.event;
      if (probe === undefined) return;
      const { slice, beforeSlice, tries, isAnswered } = probe;
      this.#outstanding--;
      if (isAnswered) {
        this.pace.onAnswered(slice);
        this.#window.answered();
      } else this.#window.silent();
      if (!isAnswered && tries < (probe.isMute ? MUTE_TRIES : TRIES_MAX)) {
        this.pace.onSilent(slice);
        this.#retries.push(probe);
      }
      if (beforeSlice === NO_SLICE) continue;
      if (isAnswered) this.pace.onLost(beforeSlice);
      else this.pace.onMute(beforeSlice);
    }
  }

  #passes({ ratePps, queueFrames }: Way): boolean {
    if (ratePps === Number.POSITIVE_INFINITY) return true;
    const waitMs = Math.max(0, this.#wayFreeAtMs - this.nowMs);
    if ((waitMs * ratePps) / 1000 > queueFrames) return false;
    this.#wayFreeAtMs = this.nowMs + waitMs + 1000 / ratePps;
    return true;
  }

  #chance(share: number): boolean {
    return this.#random.next32() < share * 2 ** 32;
  }
}

describe("without a bottleneck", () => {
  test("there is no bound where nothing is lost", () => {
    const asker = new Asker();
    asker.run(1000, {}); // the window opens
    const before = asker.sent;
    asker.run(4000, {});
    expect(asker.pace.ratePps).toBe(Number.POSITIVE_INFINITY);
    expect(asker.sent - before).toBe(4 * WANTED_PPS);
  });

  test.each([0.01, 0.05, 0.1, 0.15, 0.25])(
    "a loss of %f that has nothing to do with us slows nothing down",
    (lossShare) => {
      const asker = new Asker();
      asker.run(20_000, { lossShare });
      const before = asker.sent;
      asker.run(10_000, { lossShare });
      expect((asker.sent - before) / 10).toBeGreaterThan(0.8 * WANTED_PPS);
    },
  );

  test("ports that are silent on purpose slow nothing down, however many they are", () => {
    const asker = new Asker();
    asker.run(2000, {});
    asker.run(4000, { muteShare: 0.9 });
    const before = asker.sent;
    asker.run(4000, { muteShare: 0.9 });
    expect((asker.sent - before) / 4).toBeGreaterThan(0.8 * WANTED_PPS);
  });
});

describe("a bottleneck", () => {
  test.each([
    [500, 50],
    [2000, 20],
    [2000, 200],
    [5000, 50],
    [10_000, 500],
  ])("of %i a second with a queue of %i is found to a fifth", (ratePps, queueFrames) => {
    const asker = new Asker();
    asker.run(10_000, { ratePps, queueFrames });
    const meanPps = asker.run(10_000, { ratePps, queueFrames });
    expect(meanPps).toBeGreaterThan(0.8 * ratePps);
    expect(meanPps).toBeLessThan(1.2 * ratePps);
  });

  test("is suspected within a few round trips when answers stay away, and not forgotten when that was true", () => {
    const asker = new Asker();
    asker.run(2000, {}); // all goes well
    asker.run(200, { ratePps: 2000, queueFrames: 20 });
    expect(asker.pace.ratePps).toBeLessThan(4000);
    asker.run(3000, { ratePps: 2000, queueFrames: 20 });
    expect(asker.pace.ratePps).toBeLessThan(3000);
  });

  test("that has gone is forgotten: the rate comes back", () => {
    const asker = new Asker();
    asker.run(10_000, { ratePps: 1000, queueFrames: 50 });
    expect(asker.pace.ratePps).toBeLessThan(1500);
    asker.run(20_000, {});
    expect(asker.pace.ratePps).toBeGreaterThan(10_000);
  });

  test("on a way that loses a little anyway is found all the same", () => {
    const lossShare = 0.02;
    const asker = new Asker();
    asker.run(20_000, { lossShare });
    asker.run(10_000, { lossShare, ratePps: 2000, queueFrames: 50 });
    const meanPps = asker.run(10_000, { lossShare, ratePps: 2000, queueFrames: 50 });
    expect(meanPps).toBeGreaterThan(1000);
    expect(meanPps).toBeLessThan(3000);
  });
});

describe("the floor", () => {
  test("is 20 a second, however much is lost", () => {
    const asker = new Asker();
    asker.run(30_000, { ratePps: 2, queueFrames: 1 });
    expect(asker.pace.ratePps).toBeGreaterThanOrEqual(20);
  });

  test("is what the user says, when that is more", () => {
    const asker = new Asker(new PaceControl(300));
    asker.run(10_000, { ratePps: 50, queueFrames: 5 });
    expect(asker.pace.ratePps).toBeGreaterThanOrEqual(300);
  });
});

test("a bounded pace hands out probes one by one, and says when the next may go", () => {
  const asker = new Asker();
  asker.run(10_000, { ratePps: 500, queueFrames: 50 });
  const { pace, nowMs } = asker;
  while (pace.available(nowMs) > 0) pace.onSent(nowMs);
  const { waitMs } = pace;
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(1000 / pace.ratePps);
  expect(pace.available(nowMs + waitMs / 2)).toBe(0);
  expect(pace.available(nowMs + waitMs + 0.01)).toBe(1);
  expect(pace.available(nowMs + 60_000)).toBeLessThanOrEqual(Math.max(1, pace.ratePps / 250)); // no burst after a pause
});
