// The hours in which something may be done: "Mon-Fri 22:00-06:00" on a wall clock. A span over midnight belongs to the day on
// which it begins.
import { type Fault, isFault, quote } from "../target/fault.js";
import { nearest } from "../target/nearest.js";
import type { CalendarDay, TimeZone } from "./time-zone.js";

const DAY_MINUTES = 24 * 60;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const EVERY_DAY: readonly number[] = [0, 1, 2, 3, 4, 5, 6];
/** How far ahead the next span is looked for: one that begins in an hour which a change of clocks leaves out comes a week later. */
const DAYS_AHEAD = 15;

/** One span of hours, on some days of the week. */
export interface HourSpan {
  /** The days on which it begins, 0 for Sunday. */
  readonly weekdays: readonly number[];
  /** Minutes since midnight, 0 to 1439. */
  readonly beginMinutes: number;
  /** 1 to 1440; not more than the beginning: on the next day. */
  readonly endMinutes: number;
}

/** Whether an instant lies within the hours. */
export type HoursState =
  | {
      readonly isWithin: true;
      /** When they end; undefined if that is more than two weeks away. */
      readonly endMs: number | undefined;
    }
  | {
      readonly isWithin: false;
      /** When they begin again; undefined if that is more than two weeks away. */
      readonly beginMs: number | undefined;
    };

/** Reads "22:00-06:00", "Mon-Fri 22:00-06:00", "Sat,Sun 00:00-24:00". */
export function parseHourSpan(text: string): HourSpan | Fault {
  const [, daysText, beginText = "", endText = ""] = /^\s*(?:(\S+)\s+)?(\S+?)\s*-\s*(\S+)\s*$/.exec(text) ?? [];
  if (beginText === "") return { fault: `${quote(text)} is no span of hours; write it as in Mon-Fri 22:00-06:00` };
  const weekdays = daysText === undefined ? EVERY_DAY : parseDays(daysText);
  if (isFault(weekdays)) return weekdays;
  const beginMinutes = parseMinutes(beginText);
  if (isFault(beginMinutes)) return beginMinutes;
  const endMinutes = parseMinutes(endText);
  if (isFault(endMinutes)) return endMinutes;
  if (beginMinutes === DAY_MINUTES) return { fault: `${quote(text)}: a span cannot begin at 24:00; write 00:00` };
  if (beginMinutes === endMinutes) {
    return { fault: `${quote(text)} has no length; the whole day is 00:00-24:00` };
  }
  return { weekdays, beginMinutes, endMinutes: endMinutes === 0 ? DAY_MINUTES : endMinutes };
}

function parseMinutes(text: string): number | Fault {
  const [, hour, minute] = (/^(\d{1,2}):(\d\d)$/.exec(text) ?? []).map(Number);
  const minutes = (hour ?? 99) * 60 + (minute ?? 0);
  if (minutes <= DAY_MINUTES && (minute ?? 0) < 60) return minutes;
  return { fault: `${quote(text)} is no time of day; write 00:00 to 24:00` };
}

function parseDays(text: string): readonly number[] | Fault {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [firstText = "", lastText = firstText, ...more] = part.split("-");
    const first = parseDay(firstText);
    const last = parseDay(lastText);
    if (isFault(first)) return first;
    if (isFault(last)) return last;
    if (more.length > 0) return { fault: `${quote(part)} is no range of days; write it as in Mon-Fri` };
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return EVERY_DAY.filter((day) => days.has(day));
}

function parseDay(text: string): number | Fault {
  const day = DAYS.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  if (day >= 0) return day;
  const meant = nearest(text, DAYS) ?? DAYS.find((name) => text.toLowerCase().startsWith(name.toLowerCase()));
  const hint = meant === undefined ? "days are Mon, Tue, Wed, Thu, Fri, Sat and Sun" : `did you mean ${meant}?`;
  return { fault: `${quote(text)} is no day; ${hint}` };
}

/** A span of instants, the last one not included. */
type Interval = readonly [beginMs: number, endMs: number];

/** Whether an instant lies within any of the spans, and until when that stays so. */
export function hoursAt(spans: readonly HourSpan[], zone: TimeZone, nowMs: number): HoursState {
  const today = zone.wallAt(nowMs);
  const intervals: Interval[] = [];
  for (let ahead = -1; ahead <= DAYS_AHEAD; ahead++) {
    const day = { year: today.year, month: today.month, day: today.day + ahead };
    const weekday = (today.weekday + ahead + 7) % 7;
    for (const span of spans) if (span.weekdays.includes(weekday)) intervals.push(intervalOn(day, span, zone));
  }
  const merged = mergedIntervals(intervals);
  const present = merged.find(([beginMs, endMs]) => beginMs <= nowMs && nowMs < endMs);
  if (present === undefined) return { isWithin: false, beginMs: merged.find(([beginMs]) => beginMs > nowMs)?.[0] };
  return { isWithin: true, endMs: present === merged.at(-1) && isEndless(spans) ? undefined : present[1] };
}

/**
 * Where clocks are put back, a time of the hour that comes twice is taken as the later one for the beginning and as the earlier
 * one for the end: what is to be left alone is rather left alone too long.
 */
function intervalOn(day: CalendarDay, { beginMinutes, endMinutes }: HourSpan, zone: TimeZone): Interval {
  const begin = zone.instantsOf(day, beginMinutes);
  const end = zone.instantsOf(day, endMinutes > beginMinutes ? endMinutes : endMinutes + DAY_MINUTES);
  return begin.lastMs < end.firstMs ? [begin.lastMs, end.firstMs] : [begin.firstMs, end.firstMs];
}

function mergedIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const merged: [number, number][] = [];
  for (const [beginMs, endMs] of [...intervals].sort((one, other) => one[0] - other[0])) {
    const last = merged.at(-1);
    if (endMs <= beginMs) continue; // all of it was left out by a change of clocks
    if (last !== undefined && beginMs <= last[1]) last[1] = Math.max(last[1], endMs);
    else merged.push([beginMs, endMs]);
  }
  return merged;
}

/** True when every day's spans reach the next day's: the end is only that of what was looked at. */
function isEndless(spans: readonly HourSpan[]): boolean {
  const minutes = new Uint8Array(7 * DAY_MINUTES);
  for (const { weekdays, beginMinutes, endMinutes } of spans) {
    const length = endMinutes > beginMinutes ? endMinutes - beginMinutes : endMinutes + DAY_MINUTES - beginMinutes;
    for (const weekday of weekdays) {
      for (let at = 0; at < length; at++) minutes[(weekday * DAY_MINUTES + beginMinutes + at) % minutes.length] = 1;
    }
  }
  return minutes.every((isIn) => isIn === 1);
}
