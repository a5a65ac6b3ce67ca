// A clock that stands still until somebody moves it.
import type { Clock } from "../linux/clock.js";

/** Time as a number that only goes up. */
export class FakeClock implements Clock {
  #nowMs: number;

  constructor(startMs: number = 5_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  isoNow(): string {
    return new Date(Date.UTC(2026, 0, 1) + this.#nowMs).toISOString();
  }

  /** Moves on to this moment; never back. */
  moveTo(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }
}
