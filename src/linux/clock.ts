// The real clock. Below floor 5 nobody looks at the time by himself: it comes in as an argument.

/** Monotonic time, as the engine needs it. */
export interface Clock {
  /** Milliseconds since an arbitrary moment, fractional, never going back and standing still in suspend. */
  now(): number;
  /** The time of day, ISO 8601 in UTC, for reports. */
  isoNow(): string;
}

/** CLOCK_MONOTONIC by way of Node: milliseconds since this thread began. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  isoNow: () => new Date().toISOString(),
};

/** What must be added to {@link monotonicClock} to get CLOCK_REALTIME in ms, as kernel time stamps have it. */
export function realtimeOffsetMs(): number {
  return performance.timeOrigin;
}
