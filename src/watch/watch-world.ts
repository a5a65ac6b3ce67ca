// All that a watch has around it: clock, program, history, and those who listen.
import type { RunningProgram } from "../linux/program.js";
import type { HistoryDatabase } from "../store/history-database.js";
import type { Deliveries } from "./deliveries.js";

/** The world of a watch. */
export interface WatchWorld {
  /** The time of day. */
  nowMs(): number;
  /** Waits; ends early, without an error, when the signal is given. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Starts the program that looks, with these words behind its name. */
  startLook(words: readonly string[], limitMs: number): RunningProgram;
  /**
   * Opens the history.
   *
   * @throws DatabaseError, InputError
   */
  openHistory(): HistoryDatabase;
  /** This machine's name. */
  readonly vantage: string;
  readonly deliveries: Deliveries;
  /** Writes lines to standard output; they end with a line feed. */
  writeOut(text: string): void;
  /** Says on standard error what is wrong. */
  warn(text: string): void;
  /** Puts a record into the system log, if that is wanted. */
  record(
    word: string,
    isTrouble: boolean,
    values: Readonly<Record<string, string | number | undefined>>,
  ): Promise<void>;
  /** Tells the service manager what is done now. */
  status(text: string): void;
}
