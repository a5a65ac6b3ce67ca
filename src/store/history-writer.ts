// Writes one scan into the history: what comes is gathered, and each flush is one transaction, so that the database holds what
// was told up to some moment, records and index alike. docs/history.md.
import { deflateSync } from "node:zlib";
import type { CompactScanEvent, ScanEvent, StartEvent } from "../model/scan-event.js";
import type { HistoryDatabase } from "./history-database.js";
import { HistoryIndex } from "./history-index.js";
import { historyLine } from "./history-record.js";
import { toJson } from "./plain-data.js";

/** So much text makes a block of its own, whenever it is written: larger ones are hardly smaller together. */
const BLOCK_CHARACTERS = 256 * 1024;

/** The plan of some ten thousand single addresses; a longer one is left out. */
const PLAN_CHARACTERS_MAX = 1024 * 1024;

/** A scan that tells nothing says so often that it is there. */
const SIGN_OF_LIFE_MS = 5000;

/** What is known of a scan beside what it tells. */
export interface ScanOrigin {
  readonly origin: "scan" | "import";
  /** The machine that scans; "" where nobody knows. */
  readonly vantage: string;
  /** Plain data. */
  readonly plan?: unknown;
}

/** How a scan ended. */
export interface ScanEnd {
  /** Undefined where the report was imported: what is known of its end stands in it. */
  readonly exitStatus: number | undefined;
}

/** One scan on its way into the history. After an error the next flush tries to write the same again. */
export class HistoryWriter {
  readonly #database: HistoryDatabase;
  readonly #origin: ScanOrigin;
  readonly #index: HistoryIndex = new HistoryIndex();
  #scanId: number | undefined;
  #start: StartEvent | undefined;
  #lines: string[] = [];
  #characters = 0;
  #blocks: Uint8Array[] = [];
  #blockCount = 0;
  #seenAtMs = Number.NEGATIVE_INFINITY;
  #isAborted = true;
  #finishedAt: string | undefined;

  /** The caller closes the database. */
  constructor(database: HistoryDatabase, origin: ScanOrigin) {
    this.#database = database;
    this.#origin = origin;
  }

  /** The scan's number; undefined before the first flush behind its start. */
  get scanId(): number | undefined {
    return this.#scanId;
  }

  /** Takes what the scan tells. */
  take(event: ScanEvent | CompactScanEvent): void {
    if (event.type === "start") this.#start = event;
    if (event.type === "done") {
      this.#isAborted = event.isAborted;
      this.#finishedAt = event.finishedAt;
    }
    this.#index.take(event);
    const line = historyLine(event);
    if (line === undefined) return;
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#characters >= BLOCK_CHARACTERS) this.#endBlock();
  }

  /**
   * Writes what has gathered: from then on it outlives this process.
   *
   * @param nowMs The time of day
   * @throws DatabaseError when it cannot be written now; nothing of it is then
   */
  flush(nowMs: number): void {
    const start = this.#start;
    if (start === undefined) return;
    const isQuiet = this.#lines.length === 0 && this.#blocks.length === 0 && !this.#index.hasNews;
    if (isQuiet && nowMs - this.#seenAtMs < SIGN_OF_LIFE_MS) return;
    this.#write(start, nowMs, undefined);
  }

  /**
   * Writes the rest, and how the scan ended. Without a start there was no scan, and nothing is kept of it.
   *
   * @throws DatabaseError when it cannot be written now; nothing of it is then
   */
  end(nowMs: number, end: ScanEnd): void {
    if (this.#start !== undefined) this.#write(this.#start, nowMs, end);
  }

  #endBlock(): void {
    if (this.#lines.length === 0) return;
    this.#blocks.push(deflateSync(this.#lines.join("")));
    this.#lines = [];
    this.#characters = 0;
  }

  #write(start: StartEvent, nowMs: number, end: ScanEnd | undefined): void {
    this.#endBlock();
    const scanId = this.#database.transaction(() => {
      const id = this.#scanId ?? this.#insertScan(start, nowMs);
      for (const [at, records] of this.#blocks.entries()) {
        this.#database.run("INSERT INTO block VALUES (?, ?, ?)", [id, this.#blockCount + at, records]);
      }
      this.#index.write(this.#database, id);
      this.#updateScan(id, nowMs, end);
      return id;
    });
    this.#scanId = scanId;
    this.#blockCount += this.#blocks.length;
    this.#blocks = [];
    this.#index.committed();
    this.#seenAtMs = nowMs;
  }

  #insertScan(start: StartEvent, nowMs: number): number {
    const { origin, vantage, plan } = this.#origin;
    const { startedAt, scanner = "postern", version, commandLine = "" } = start;
    const startedAtMs = Date.parse(startedAt);
    return this.#database.run(
      "INSERT INTO scan (origin, started_at_ms, seen_at_ms, vantage, scanner, version, command, plan)" +
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      [
        origin,
        Number.isNaN(startedAtMs) ? nowMs : startedAtMs,
        nowMs,
        vantage,
        scanner,
        version,
        commandLine,
        planBytes(plan),
      ],
    );
  }

  #updateScan(id: number, nowMs: number, end: ScanEnd | undefined): void {
    const { hostCount, openCount } = this.#index;
    this.#database.run("UPDATE scan SET seen_at_ms = ?, host_count = ?, open_count = ? WHERE id = ?", [
      nowMs,
      hostCount,
      openCount,
      id,
    ]);
    if (end === undefined) return;
    const finishedAtMs = Date.parse(this.#finishedAt ?? "");
    this.#database.run("UPDATE scan SET ended_at_ms = ?, exit_status = ?, is_aborted = ? WHERE id = ?", [
      Number.isNaN(finishedAtMs) ? nowMs : finishedAtMs,
      end.exitStatus ?? null,
      this.#isAborted ? 1 : 0,
      id,
    ]);
  }
}

function planBytes(plan: unknown): Uint8Array | null {
  if (plan === undefined) return null;
  const text = JSON.stringify(toJson(plan));
  return text.length > PLAN_CHARACTERS_MAX ? null : deflateSync(text);
}
