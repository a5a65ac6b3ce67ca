// When a watch runs: cron expressions in a time zone. What the fields mean is cron's (crontab(5)) as croner reads them; a time that
// a change of clocks leaves out is taken when the clock goes on, one that comes twice is taken the first time. docs/watch.md.
import { Cron } from "croner";
import { UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";

const HINT =
  'five fields, minute hour day month weekday: "17 3 * * *" is every night at 3:17; or @hourly, @daily, @weekly';
const NICKNAMES = /^@(?:hourly|daily|weekly|monthly|yearly|annually|midnight)$/i;
const FIELD_COUNT = 5;
const CHARACTERS_MAX = 200;
/** What counts the runs that were missed ends here. */
const MISSED_MAX = 1000;

/** Moments that come again and again. */
export interface Schedule {
  /** As it was written. */
  readonly text: string;
  readonly timeZone: string;
  /** The first moment behind another one. */
  nextAfterMs(ms: number): number;
  /** How many moments lie between two, the second one with them; at most 1000. */
  countBetween(afterMs: number, untilMs: number): number;
}

/**
 * Reads a cron expression.
 *
 * @param timeZone A name of the tz database; undefined for the system's own
 * @throws UsageError when it cannot be read, or never comes
 */
export function parseSchedule(text: string, timeZone: string | undefined, nowMs: number): Schedule {
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  checkZone(zone);
  const words = text.trim();
  const isKnown = NICKNAMES.test(words) || words.split(/\s+/).length === FIELD_COUNT;
  if (!isKnown || text.length > CHARACTERS_MAX) {
    throw new UsageError(`${quote(text)} is no cron expression`, { hint: HINT });
  }
  const cron = readCron(words, text, zone);
  const nextAfter = (ms: number): number | undefined => cron.nextRun(new Date(ms))?.getTime();
  if (nextAfter(nowMs) === undefined) {
    throw new UsageError(`the schedule ${quote(text)} never comes: there is no such day`, { hint: HINT });
  }
  return {
    text: words,
    timeZone: zone,
    nextAfterMs: (ms) => nextAfter(ms) ?? Number.POSITIVE_INFINITY, // behind the last year that the library knows
    countBetween(afterMs, untilMs) {
      let count = 0;
      for (let at = nextAfter(afterMs); at !== undefined && at <= untilMs && count < MISSED_MAX; at = nextAfter(at)) {
        count++;
      }
      return count;
    },
  };
}

function readCron(words: string, text: string, timezone: string): Cron {
  try {
    return new Cron(words, { timezone });
  } catch (error) {
    // The library throws TypeErrors and RangeErrors whose message begins with its own name.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const why = error.message.replace(/^CronPattern: /, "");
    throw new UsageError(`${quote(text)} is no cron expression: ${why}`, { hint: HINT, cause: error });
  }
}

/** A name, not an offset such as +02:00, which knows no summer (newer versions of Node take those, too). */
function checkZone(zone: string): void {
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(zone)) throw new UsageError(...unknownZone(zone));
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [message, options] = unknownZone(zone);
    throw new UsageError(message, { ...options, cause: error });
  }
}

function unknownZone(zone: string): [message: string, options: { readonly hint: string }] {
  return [`there is no time zone ${quote(zone)}`, { hint: "names are those of the tz database: Europe/Berlin, UTC" }];
}
