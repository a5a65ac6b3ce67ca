// Points in time as nmap's reports write them: seconds since 1970, and the calendar of the machine that scanned.

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
/** Months as C's calendar has them. */
export const MONTHS: readonly string[] = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** ISO 8601 as whole seconds since 1970; 0 for a text that is no time. */
export function epochSeconds(at: string): number {
  const atMs = Date.parse(at);
  return Number.isNaN(atMs) ? 0 : Math.floor(atMs / 1000);
}

/** ISO 8601 in the form of C's ctime, in the zone that it is written in: "Wed Nov  4 12:06:49 2026". */
export function calendarText(at: string): string {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)/.exec(at);
  const local = new Date(`${parts?.[1] ?? ""}Z`); // the digits as they stand, whatever the zone
  if (Number.isNaN(local.getTime())) return at;
  const weekday = WEEKDAYS[local.getUTCDay()];
  const month = MONTHS[local.getUTCMonth()];
  const day = String(local.getUTCDate()).padStart(2);
  return `${weekday} ${month} ${day} ${local.toISOString().slice(11, 19)} ${local.getUTCFullYear()}`;
}

/** Date, minute and zone: "2026-11-23 15:10 UTC". */
export function minuteText(at: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*(Z|[+-]\d\d:?\d\d)$/.exec(at);
  if (parts === null) return at;
  const [, date, time, zone] = parts;
  return `${date} ${time} ${zone === "Z" ? "UTC" : zone}`;
}

/** "07". */
export function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
