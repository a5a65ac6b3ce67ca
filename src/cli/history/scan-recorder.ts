// Puts a running scan into the history (--history). The scan never waits long for it, and never ends because of it: a disk that
// is full, or another program that holds the database, is said and no more. docs/history.md.
import { hostname } from "node:os";
import type { Clock } from "../../linux/clock.js";
import { DatabaseError, InputError } from "../../model/errors.js";
import type { CompactScanEvent } from "../../model/scan-event.js";
import { commandLine } from "../../report/nmap-words.js";
import type { HistoryDatabase } from "../../store/history-database.js";
import { HistoryWriter } from "../../store/history-writer.js";
import { type HistoryPlaces, openHistory } from "./history-place.js";

/** A crash loses at most the last second: half of it, since a timer may come late. */
const FLUSH_EVERY_MS = 500;
/** Before the first packet and behind the last, nothing is held up. */
const WAIT_MS = 3000;
/** The engine may run in this thread. */
const WAIT_WHILE_SCANNING_MS = 20;
/** What gathers while another program holds the database is kept so long. */
const BUSY_MAX_MS = 60_000;

/** What is known before the scan. */
export interface RecordedScan {
  readonly places: HistoryPlaces;
  /** The words of the command line, the program's name first. */
  readonly words: readonly string[];
  readonly plan: object;
  readonly clock: Clock;
  warn(text: string): void;
}

/** One scan that is put into the history. */
export class ScanRecorder {
  readonly #scan: RecordedScan;
  readonly #database: HistoryDatabase;
  readonly #writer: HistoryWriter;
  readonly #timer: NodeJS.Timeout;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #writtenAtMs: number;
  #isOpen = true;

  private constructor(scan: RecordedScan, database: HistoryDatabase) {
    this.#scan = scan;
    this.#database = database;
    this.#writer = new HistoryWriter(database, { origin: "scan", vantage: hostname(), plan: scan.plan });
    this.#writtenAtMs = scan.clock.now();
    this.#timer = setInterval(() => this.#flush(), FLUSH_EVERY_MS).unref();
  }

  /**
   * Opens the history; undefined where it cannot be used now, which is said.
   *
   * @throws InputError when it is not to be used at all, so that it is known before the first packet
   */
  static begin(scan: RecordedScan): ScanRecorder | undefined {
    try {
      const database = openHistory(scan.places, WAIT_MS, "write");
      database.setBusyMs(WAIT_WHILE_SCANNING_MS);
      return new ScanRecorder(scan, database);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      scan.warn(`this scan is not put into the history: ${error.message}`);
      return undefined;
    }
  }

  /** Takes what the scan tells. */
  take(event: CompactScanEvent): void {
    if (!this.#isOpen) return;
    this.#writer.take(event.type === "start" ? { ...event, commandLine: commandLine(this.#scan.words) } : event);
    // A scan that runs can be seen in the list from its start on.
    if (event.type === "start") this.#flush();
    // The timer may have no turn while the engine is busy in this thread.
    if (event.type === "progress" && this.#scan.clock.now() - this.#triedAtMs >= FLUSH_EVERY_MS) this.#flush();
  }

  /** Writes the rest, and with which status the scan ended. */
  end(exitStatus: number): void {
    if (!this.#isOpen) return;
    this.#attempt(() => {
      this.#database.setBusyMs(WAIT_MS);
      this.#writer.end(Date.parse(this.#scan.clock.isoNow()), { exitStatus });
      this.#database.checkpoint();
    }, "the end of this scan is not in the history");
    this.#close();
  }

  #flush(): void {
    if (!this.#isOpen) return;
    this.#triedAtMs = this.#scan.clock.now();
    const isWritten = this.#attempt(
      () => this.#writer.flush(Date.parse(this.#scan.clock.isoNow())),
      "nothing more of this scan is put into the history",
      this.#triedAtMs - this.#writtenAtMs < BUSY_MAX_MS,
    );
    if (isWritten) this.#writtenAtMs = this.#triedAtMs;
  }

  /** True when it could be done. Otherwise that is said, and the history closed, unless it is worth trying again. */
  #attempt(work: () => void, consequence: string, mayWait = false): boolean {
    try {
      work();
      return true;
    } catch (error) {
      const isForeseen = error instanceof DatabaseError || error instanceof InputError;
      if (!isForeseen) throw error;
      if (mayWait && error instanceof DatabaseError && error.isBusy) return false;
      this.#scan.warn(`${consequence}: ${error.message}`);
      this.#close();
      return false;
    }
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    this.#database.close();
  }
}
