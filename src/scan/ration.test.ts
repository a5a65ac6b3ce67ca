import { expect, test } from "vitest";
import { Ration, type SilenceSink } from "./ration.js";

const ROUND_TRIP_MS = 1;
const TIMEOUT_MS = 100;
const CANARY_PORT = 60_000;
/** HZ=250: the kernel's clock moves in steps of 4 ms. */
const TICK_MS = 4;
const LONGEST_MS = 3_600_000;

/** Linux' token bucket: an error an interval, six saved up at most (net/ipv4/icmp.c). */
class LinuxRation {
  readonly #intervalMs: number;
  #tokensMs = 0;
  #atMs = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  take(nowMs: number): boolean {
    const tickMs = Math.floor(nowMs / TICK_MS) * TICK_MS;
    this.#tokensMs = Math.min(6 * this.#intervalMs, this.#tokensMs + (tickMs - this.#atMs));
    this.#atMs = tickMs;
    if (this.#tokensMs < this.#intervalMs) return false;
    this.#tokensMs -= this.#intervalMs;
    return true;
  }
}

interface World {
  readonly sources: number;
  readonly intervalMs: number;
  readonly closed: number;
  readonly silent: number;
}

interface Probe {
  readonly atMs: number;
  readonly source: number;
  readonly packed: number;
  readonly isCanary: boolean;
  readonly isError: boolean;
}

/** A simulated host: ports 1 to `closed` are closed, those behind them never answer. */
class Asker {
  readonly passed = new Set<number>();
  closedFound = 0;
  probes = 0;
  readonly #world: World;
  readonly #limits: readonly LinuxRation[];
  readonly #ration: Ration;
  readonly #queue: number[];
  #pending: Probe[] = [];
  readonly #sink: SilenceSink = {
    askAgain: (packed) => this.#queue.push(packed),
    passed: (packed) => this.passed.add(packed & 0xffff),
  };

  constructor(world: World) {
    this.#world = world;
    this.#limits = Array.from({ length: world.sources }, () => new LinuxRation(world.intervalMs));
    this.#ration = new Ration(world.sources, CANARY_PORT, undefined, 0);
    this.#queue = Array.from({ length: world.closed + world.silent }, (_, index) => (1 << 16) | (index + 1));
  }

  /** Asks until all is decided. Returns how many seconds that took. */
  run(): number {
    const { closed, silent } = this.#world;
    for (let nowMs = 0; nowMs < LONGEST_MS; nowMs++) {
      if (this.closedFound === closed && this.passed.size === silent) return nowMs / 1000;
      this.#receive(nowMs);
      if (nowMs % 20 === 0) this.#ration.judge(nowMs);
      this.#send(nowMs);
    }
    throw new Error("no end");
  }

  #receive(nowMs: number): void {
    const due = this.#pending.filter(({ atMs }) => atMs <= nowMs);
    if (due.length === 0) return;
    this.#pending = this.#pending.filter(({ atMs }) => atMs > nowMs);
    for (const { source, packed, isCanary, isError } of due) {
      if (isError && !isCanary) this.closedFound++;
      if (isError) this.#ration.onAnswered(source, true, isCanary, this.#sink);
      else this.#ration.onSilent(source, packed, isCanary, this.#sink);
    }
  }

  #send(nowMs: number): void {
    const next = () => this.#ration.nextSource(this.#queue.length, nowMs);
    for (let source = next(); source >= 0; source = next()) {
      const kind = this.#ration.kindOn(source);
      const isCanary = kind === "canary";
      const packed = isCanary ? CANARY_PORT : kind === "confirm" ? this.#ration.confirms.shift() : this.#queue.shift();
      const isClosed = isCanary || ((packed ?? 0) & 0xffff) <= this.#world.closed;
      const isError = isClosed && this.#limits[source]?.take(nowMs) === true;
      const atMs = nowMs + (isError ? ROUND_TRIP_MS : TIMEOUT_MS);
      this.#pending.push({ atMs, source, packed: packed ?? 0, isCanary, isError });
      this.#ration.onSent(source, isCanary);
      this.probes++;
    }
  }
}

test.each([
  { sources: 1, intervalMs: 1000, closed: 300, silent: 3, mostSec: 315 },
  { sources: 16, intervalMs: 1000, closed: 900, silent: 5, mostSec: 65 },
  { sources: 1, intervalMs: 100, closed: 900, silent: 5, mostSec: 140 },
  { sources: 64, intervalMs: 250, closed: 8000, silent: 50, mostSec: 45 },
  { sources: 1, intervalMs: 1000, closed: 20, silent: 900, mostSec: 80 },
])("$sources addresses, an error in $intervalMs ms, $closed closed and $silent silent ports", (world) => {
  const asker = new Asker(world);
  const seconds = asker.run();
  expect(seconds).toBeGreaterThanOrEqual((world.closed * world.intervalMs) / world.sources / 1000 - 1);
  expect([...asker.passed].filter((port) => port <= world.closed)).toEqual([]);
  expect(seconds).toBeLessThan(world.mostSec);
  expect(asker.probes).toBeLessThan((world.closed + world.silent) * 4);
});
