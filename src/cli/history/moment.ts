// Moments of the history as they are written on a command line, where a report could be named as well: @latest, @previous, @12,
// @2026-11-20, and the one so many scans before: @latest~3. docs/history.md.
import { InputError, UsageError } from "../../model/errors.js";
import type { HistoryDatabase } from "../../store/history-database.js";
import { type HistoryScan, scanAt, scanBefore, scanById } from "../../store/history-scans.js";
import { quote } from "../../target/fault.js";
import { parseTime } from "./history-time.js";

/** What a moment says. */
type Moment = (
  | { readonly kind: "latest" }
  | { readonly kind: "id"; readonly id: number }
  | { readonly kind: "at"; readonly atMs: number }
) & {
  /** So many scans before. */
  readonly backCount: number;
};

const HINT = "a moment is @latest, @previous, @ID, @2026-11-20 or @2026-11-20T08:30, or one of these with ~3 behind it";

/**
 * Reads a moment.
 *
 * @throws UsageError when it cannot be understood
 */
export function parseMoment(text: string): Moment {
  const [, base = "", back = "0"] = /^@([^~]*)(?:~(\d{1,6}))?$/.exec(text) ?? [];
  const backCount = Number(back);
  if (base === "latest") return { kind: "latest", backCount };
  if (base === "previous") return { kind: "latest", backCount: backCount + 1 };
  if (/^\d{1,15}$/.test(base)) return { kind: "id", id: Number(base), backCount };
  const atMs = parseTime(base, "end");
  if (atMs !== undefined) return { kind: "at", atMs, backCount };
  const hint = `${HINT}; a file of this name is ./${text.slice(0, 80)}`;
  throw new UsageError(`${quote(text)} is no moment of the history`, { hint });
}

/** A scan that is named where nothing but a scan can be: the sign may be left out. */
export function momentOf(id: string): string {
  return id.startsWith("@") ? id : `@${id}`;
}

/**
 * The scan that a moment means.
 *
 * @throws UsageError when it cannot be understood
 * @throws InputError when there is none
 */
export function scanOfMoment(database: HistoryDatabase, text: string, nowMs: number): HistoryScan {
  const moment = parseMoment(text);
  const scan = lookUp(database, moment, nowMs);
  if (scan !== undefined) return scan;
  const place = { file: database.path };
  const hint = "postern history list shows what there is";
  if (moment.kind === "latest") {
    const needed = moment.backCount + 1;
    const has = needed === 1 ? "no scan" : `fewer than ${needed} scans`;
    const how = `scan with --history${needed === 1 ? "" : " again"}; ${hint}`;
    throw new InputError(
      `${text} is not there: the history has ${has} that ${needed === 1 ? "has" : "have"} ended`,
      place,
      { hint: how },
    );
  }
  const what = moment.backCount === 0 ? "" : "so many scans before ";
  if (moment.kind === "id")
    throw new InputError(`there is nothing ${what || "of the number "}${text}`, place, { hint });
  throw new InputError(`there is no scan ${what}at or before ${text.slice(1)}`, place, { hint });
}

function lookUp(database: HistoryDatabase, moment: Moment, nowMs: number): HistoryScan | undefined {
  const { backCount } = moment;
  if (moment.kind === "latest") return scanAt(database, Number.MAX_SAFE_INTEGER, backCount, nowMs);
  if (moment.kind === "at") return scanAt(database, moment.atMs, backCount, nowMs);
  const scan = scanById(database, moment.id, nowMs);
  return scan === undefined || backCount === 0 ? scan : scanBefore(database, scan, backCount, nowMs);
}
