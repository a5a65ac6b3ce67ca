// When the runs of a watch come: by the schedule, one at a time. What comes while one is under way is skipped; what was slept
// through is made up for by one run; a clock that is put back or on is looked at anew.
import { countOf, durationText } from "../report/quantity.js";
import type { Schedule } from "./schedule.js";
import type { RunResult } from "./watcher.js";

/** Timers stand still while the machine sleeps, and know nothing of a clock that is put: the time is looked at so often. */
const TICK_MS = 30_000;
/** Later than this, a run was missed. */
const LATE_MS = 90_000;

/** What makes the runs. */
export interface Runs {
  /** When the last one began; undefined where there was none. */
  readonly ranAtMs: number | undefined;
  run(signal: AbortSignal): Promise<RunResult>;
}

/** What surrounds them. */
export interface WatchTimes {
  nowMs(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  warn(text: string): void;
  status(text: string): void;
}

/** What can be asked of a watch. */
export interface WatchRequests {
  /** Ends it, and the run that is under way. */
  readonly stop: AbortSignal;
  /** A new signal each time, that is given when it shall end or reload. */
  nextWake(): AbortSignal;
  /** The schedule that holds from now on, where settings were to be read anew; undefined where nobody has asked for that. */
  reloaded(): Schedule | undefined;
}

/** Makes runs until it is stopped. */
export async function keepWatching(
  runs: Runs,
  schedule: Schedule,
  times: WatchTimes,
  requests: WatchRequests,
): Promise<void> {
  let current = schedule;
  let dueMs = firstDueMs(runs, current, times);
  while (!requests.stop.aborted) {
    const wake = requests.nextWake();
    dueMs = await untilDue(dueMs, current, times, wake);
    if (requests.stop.aborted) return;
    const other = requests.reloaded();
    if (other !== undefined) {
      current = other;
      dueMs = firstDueMs(runs, current, times);
      continue;
    }
    const startedAtMs = times.nowMs();
    if (startedAtMs < dueMs) continue;
    sayMissed(dueMs, startedAtMs, current, times);
    await runs.run(requests.stop);
    const endedAtMs = times.nowMs();
    const skippedCount = current.countBetween(startedAtMs, endedAtMs);
    if (skippedCount > 0) times.warn(`${countOf(skippedCount, "run")} skipped: the one before was still under way`);
    dueMs = current.nextAfterMs(endedAtMs);
  }
}

/** The first run of all comes at once: it is what others are compared with. A run that fell due while nobody watched, too. */
function firstDueMs({ ranAtMs }: Runs, schedule: Schedule, times: WatchTimes): number {
  const nowMs = times.nowMs();
  return ranAtMs === undefined ? nowMs : schedule.nextAfterMs(Math.min(ranAtMs, nowMs));
}

/** Waits; the moment that it was due at last, which a clock that was put back may have changed. */
async function untilDue(firstDueMs: number, schedule: Schedule, times: WatchTimes, wake: AbortSignal): Promise<number> {
  let dueMs = firstDueMs;
  let lastMs = times.nowMs();
  while (!wake.aborted) {
    const nowMs = times.nowMs();
    if (nowMs < lastMs - 1000) dueMs = afterClockBack(dueMs, lastMs - nowMs, schedule, times);
    if (nowMs >= dueMs) break;
    lastMs = nowMs;
    times.status(`the next run is at ${momentText(dueMs)}`);
    await times.sleep(Math.min(TICK_MS, dueMs - nowMs), wake);
  }
  return dueMs;
}

function afterClockBack(dueMs: number, backMs: number, schedule: Schedule, times: WatchTimes): number {
  const nextMs = schedule.nextAfterMs(times.nowMs());
  if (backMs > LATE_MS) {
    times.warn(`the clock was put back by ${durationText(backMs)}: the next run is at ${momentText(nextMs)}`);
  }
  return Math.min(dueMs, nextMs);
}

function sayMissed(dueMs: number, nowMs: number, schedule: Schedule, times: WatchTimes): void {
  if (nowMs - dueMs <= LATE_MS) return;
  const count = 1 + schedule.countBetween(dueMs, nowMs);
  const runs = count === 1 ? "1 run was missed" : `${count} runs were missed`;
  times.warn(
    `${runs}, the first ${durationText(nowMs - dueMs)} ago (nobody watched, the machine slept, or its clock was put on): one makes up for them`,
  );
}

function momentText(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z") : "no time that is known";
}
