// Numbers, times and port ranges in reports of others: what cannot be is undefined, never NaN, infinite or negative.
import { MONTHS } from "./scan-time.js";

/** A whole number from 0 to `max`, written in digits alone. */
export function wholeNumber(text: string | undefined, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= max ? number : undefined;
}

/** A number from 0 on, with decimals if it has some, without an exponent. */
export function positiveNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(\.\d{1,20})?$/.test(text) ? Number(text) : undefined;
}

/** The end of the calendar that JavaScript knows, in seconds since 1970 (ECMA-262 §21.4.1.1). */
const SECONDS_MAX = 8.64e12;

/** Seconds since 1970 as ISO 8601. */
export function timeOfSeconds(text: string | undefined): string | undefined {
  const seconds = positiveNumber(text);
  return seconds === undefined || seconds > SECONDS_MAX ? undefined : new Date(seconds * 1000).toISOString();
}

/**
 * The time of C's ctime, "Tue Nov 24 12:06:44 2026", as ISO 8601. It has no zone.
 *
 * @param isUtc Takes it for UTC, and for the time of this machine's zone otherwise
 */
export function timeOfCalendar(text: string, isUtc: boolean): string | undefined {
  const parts = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(text);
  const month = MONTHS.indexOf(parts?.[1] ?? "");
  if (parts === null || month < 0) return undefined;
  const [day = 0, hour = 0, minute = 0, second = 0, year = 0] = parts.slice(2).map(Number);
  const time = isUtc
    ? new Date(Date.UTC(year, month, day, hour, minute, second))
    : new Date(year, month, day, hour, minute, second);
  return time.toISOString();
}

/** Ranges of numbers, both ends included. */
export type NumberRange = readonly [first: number, last: number];

/** Ranges as nmap lists ports, "1-20,8931"; `undefined` when a part of it is none, or above `max`. */
export function numberRanges(text: string, max: number): readonly NumberRange[] | undefined {
  if (text === "") return [];
  const ranges: NumberRange[] = [];
  for (const part of text.split(",")) {
    const dash = part.indexOf("-");
    const first = wholeNumber(dash < 0 ? part : part.slice(0, dash), max);
    const last = dash < 0 ? first : wholeNumber(part.slice(dash + 1), max);
    if (first === undefined || last === undefined || last < first) return undefined;
    ranges.push([first, last]);
  }
  return ranges;
}
