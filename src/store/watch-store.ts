// What a watch knows from one run to the next, and the audits that were kept. docs/watch.md, docs/history.md.
import { deflateSync, inflateSync } from "node:zlib";
import { isListOf, isOneOf, isText } from "./check.js";
import type { HistoryDatabase } from "./history-database.js";

/** An audit of a small network has some hundred kB. */
const REPORT_BYTES_MAX = 256 * 1024 * 1024;

/** What a watch looks at. */
export type WatchSubject = "scan" | "audit";

/** What is kept of a watch. */
export interface WatchState {
  readonly subject: WatchSubject;
  /** Of the command that it runs. */
  readonly words: readonly string[];
  /** When its last run began. */
  readonly ranAtMs: number;
  /** Packed; how, knows who has made it. */
  readonly belief: Uint8Array;
}

const isSubject = isOneOf(["scan", "audit"]);
const isWords = isListOf(isText);

/** What is known of a watch; undefined where it has never run, or nobody understands what was kept. */
export function watchState(database: HistoryDatabase, name: string): WatchState | undefined {
  const row = database.first("SELECT subject, words, ran_at_ms, belief FROM watch WHERE name = ?", [name]);
  if (row === undefined) return undefined;
  const { subject, ran_at_ms: ranAtMs, belief } = row;
  const words = parsed(row.words);
  const isWhole = isSubject(subject) && isWords(words) && typeof ranAtMs === "number";
  return isWhole && belief instanceof Uint8Array ? { subject, words, ranAtMs, belief } : undefined;
}

/** Keeps what a watch knows. */
export function keepWatchState(database: HistoryDatabase, name: string, state: WatchState): void {
  const { subject, words, ranAtMs, belief } = state;
  database.run("INSERT OR REPLACE INTO watch VALUES (?, ?, ?, ?, ?)", [
    name,
    subject,
    JSON.stringify(words),
    ranAtMs,
    belief,
  ]);
}

/** An audit to keep. */
export interface AuditRecord {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly vantage: string;
  readonly version: string;
  readonly command: string;
  /** Those that are not accepted. */
  readonly findingCount: number;
  /** The report as JSON. */
  readonly report: string;
}

/** Keeps an audit, and returns its number. */
export function keepAudit(database: HistoryDatabase, audit: AuditRecord): number {
  const { startedAtMs, endedAtMs, vantage, version, command, findingCount, report } = audit;
  return database.run(
    "INSERT INTO audit (started_at_ms, ended_at_ms, vantage, version, command, finding_count, report)" +
      " VALUES (?, ?, ?, ?, ?, ?, ?)",
    [startedAtMs, endedAtMs, vantage, version, command, findingCount, deflateSync(report)],
  );
}

/** The report of an audit as JSON; undefined where there is none of that number. */
export function auditReport(database: HistoryDatabase, id: number): string | undefined {
  const report = database.first("SELECT report FROM audit WHERE id = ?", [id])?.report;
  if (!(report instanceof Uint8Array)) return undefined;
  return inflateSync(report, { maxOutputLength: REPORT_BYTES_MAX }).toString("utf8");
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
