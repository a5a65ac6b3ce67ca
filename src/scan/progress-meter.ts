// How far a scan is, how fast it goes and how long it will take.
import type { ProgressEvent, RunCounts } from "../model/scan-event.js";

const EVERY_MS = 250;
/** Before this share nothing is said of the time left: it would be a guess. */
const SHARE_MIN = 0.01;

/** Makes progress events at a steady beat. */
export class ProgressMeter {
  readonly #startedAtMs: number;
  #lastAtMs: number;
  #lastSent = 0;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
    this.#lastAtMs = nowMs;
  }

  isDue(nowMs: number): boolean {
    return nowMs - this.#lastAtMs >= EVERY_MS;
  }

  /** The state of things now; the rate is that since the last event. */
  event(nowMs: number, shareDone: number, phase: ProgressEvent["phase"], counts: RunCounts): ProgressEvent {
    const elapsedMs = nowMs - this.#startedAtMs;
    const ratePps = ((counts.sent - this.#lastSent) * 1000) / Math.max(1, nowMs - this.#lastAtMs);
    const leftMs = shareDone < SHARE_MIN ? undefined : (elapsedMs * (1 - shareDone)) / shareDone;
    this.#lastAtMs = nowMs;
    this.#lastSent = counts.sent;
    return { type: "progress", phase, shareDone: Math.min(1, shareDone), ratePps, elapsedMs, leftMs, counts };
  }
}
