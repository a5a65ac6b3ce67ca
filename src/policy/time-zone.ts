// Wall clocks: what a clock on a wall shows at an instant in a zone of the tz database, and the other way round, also on the
// days when clocks are changed. By the zones that Node brings along (ECMA-402, Intl.DateTimeFormat).
import { type Fault, quote } from "../target/fault.js";
import { nearest } from "../target/nearest.js";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** Longer than any offset and any change of it: before and behind it stand the two offsets that a time may have. */
const DAY_MS = 86_400_000;

/** Names as the tz database has them: no offsets such as +02:00, which know no summer. */
const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

/** A date in the Gregorian calendar. */
export interface CalendarDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. A day behind the last of the month is one of the next. */
  readonly day: number;
}

/** What a wall clock shows. */
export interface WallTime extends CalendarDay {
  /** 0 to 23. */
  readonly hour: number;
  readonly minute: number;
  /** 0 for Sunday. */
  readonly weekday: number;
}

/** The instants at which a wall clock shows a time: two where it is put back, one and the same everywhere else. */
interface WallInstants {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A zone of the tz database. */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;

  private constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name;
    this.#format = format;
  }

  /** The zone of a name. */
  static of(name: string): TimeZone | Fault {
    if (!NAME.test(name)) return { fault: `${quote(name)} is no time zone; write a name such as Europe/Berlin or UTC` };
    try {
      const format = new Intl.DateTimeFormat("en-US", {
        timeZone: name,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
      return new TimeZone(name, format);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const meant = nearest(name, ["UTC", ...Intl.supportedValuesOf("timeZone")]);
      const hint = meant === undefined ? "names are such as Europe/Berlin or UTC" : `did you mean ${meant}?`;
      return { fault: `there is no time zone ${quote(name)}; ${hint}` };
    }
  }

  /** What the wall clock shows at an instant. */
  wallAt(instantMs: number): WallTime {
    const shown = new Date(instantMs + this.#offsetMs(instantMs));
    return {
      year: shown.getUTCFullYear(),
      month: shown.getUTCMonth() + 1,
      day: shown.getUTCDate(),
      hour: shown.getUTCHours(),
      minute: shown.getUTCMinutes(),
      weekday: shown.getUTCDay(),
    };
  }

  /**
   * When the wall clock shows so many minutes since the midnight that a day begins with; 1,440 is the next midnight. A time that
   * is left out, since the clock is put forward, is the moment of that.
   */
  instantsOf({ year, month, day }: CalendarDay, minutes: number): WallInstants {
    const shownMs = Date.UTC(year, month - 1, day) + minutes * MINUTE_MS;
    const beforeMs = this.#offsetMs(shownMs - DAY_MS);
    const afterMs = this.#offsetMs(shownMs + DAY_MS);
    const found = [shownMs - beforeMs, shownMs - afterMs].filter((at) => at + this.#offsetMs(at) === shownMs);
    if (found.length > 0) return { firstMs: Math.min(...found), lastMs: Math.max(...found) };
    const changeMs = this.#changeWithin(shownMs - afterMs, shownMs - beforeMs);
    return { firstMs: changeMs, lastMs: changeMs };
  }

  /** The instant at which the offset changes, by halving; the zones know no fractions of a second. */
  #changeWithin(fromMs: number, toMs: number): number {
    const before = this.#offsetMs(fromMs);
    let low = Math.floor(fromMs / SECOND_MS);
    let high = Math.ceil(toMs / SECOND_MS);
    while (low + 1 < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetMs(middle * SECOND_MS) === before) low = middle;
      else high = middle;
    }
    return high * SECOND_MS;
  }

  #offsetMs(instantMs: number): number {
    const wholeMs = Math.floor(instantMs / SECOND_MS) * SECOND_MS;
    const shown = new Map(this.#format.formatToParts(wholeMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
    const time = [part("hour"), part("minute"), part("second")] as const;
    return Date.UTC(part("year"), part("month") - 1, part("day"), ...time) - wholeMs;
  }
}
