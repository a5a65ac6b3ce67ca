// Times as people write them beside the history: a day, a minute, or how long ago.

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
const AGE_MAX_MS = 1000 * 366 * 86_400_000;

/**
 * Reads `2026-11-20`, `2026-11-20T08:30`, `2026-11-20 08:30:15`, each with `Z` or `+01:00` behind a time of day; without a zone
 * it is this machine's. `undefined` for what is none.
 *
 * @param edge Which end of the day, minute or second is meant
 */
export function parseTime(text: string, edge: "start" | "end"): number | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? undefined;
  if (parts === undefined) return undefined;
  const [, year, month, day, hour, minute, second, zone = ""] = parts;
  const [lastHour, lastMinute, lastSecond] = edge === "end" ? ["23", "59", "59.999"] : ["00", "00", "00.000"];
  const seconds = second === undefined ? lastSecond : `${second}.${edge === "end" ? "999" : "000"}`;
  const time = `${hour ?? lastHour}:${minute ?? lastMinute}:${seconds}`;
  const date = `${year}-${month}-${day}`;
  // Date takes the 30th of February for the 1st or 2nd of March.
  const isDay = new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) === true;
  const atMs = Date.parse(`${date}T${time}${zone}`);
  return isDay && !Number.isNaN(atMs) ? atMs : undefined;
}

/** Reads an age, `90d`, `12h`, `2w` or `30m`, in ms; `undefined` for what is none. */
export function parseAge(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,9})([mhdw])$/.exec(text) ?? [];
  const ageMs = digits === undefined ? Number.NaN : Number(digits) * (UNITS_MS[unit] ?? Number.NaN);
  return ageMs <= AGE_MAX_MS ? ageMs : undefined;
}

/** A moment in this machine's zone, as it can be given back: "2026-11-20 08:30". */
export function localMinute(atMs: number): string {
  const at = new Date(atMs);
  const parts = [at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes()];
  const [month, day, hour, minute] = parts.map((part) => String(part).padStart(2, "0"));
  return `${String(at.getFullYear()).padStart(4, "0")}-${month}-${day} ${hour}:${minute}`;
}
