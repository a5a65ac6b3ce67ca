// Dates until which something holds: days of the calendar, up to their end in a time zone (ISO 8601, YYYY-MM-DD).
import { type Fault, quote } from "../target/fault.js";
import type { TimeZone } from "./time-zone.js";

/** The last day on which something holds. */
export interface EndDate {
  /** 2027-03-31. */
  readonly text: string;
  /** The first instant at which it holds no more. */
  readonly endsAtMs: number;
}

/** Reads a date of the years 2000 to 9999. */
export function parseEndDate(text: string, zone: TimeZone): EndDate | Fault {
  const [, year = 0, month = 0, day = 0] = (/^(2\d{3}|[3-9]\d{3})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
  if (year === 0) return { fault: `${quote(text)} is no date; write year, month and day as in 2027-03-31` };
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || month === 0) {
    return { fault: `there is no ${text} in the calendar` };
  }
  return { text, endsAtMs: zone.instantsOf({ year, month, day }, 24 * 60).lastMs };
}

/** True when the day is over; never for what has no end. */
export function hasEnded(until: EndDate | undefined, nowMs: number): boolean {
  return until !== undefined && nowMs >= until.endsAtMs;
}
