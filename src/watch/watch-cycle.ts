// What a watch does in one run, whatever it looks at: the shapes that scans and audits fill in.
import type { HistoryDatabase } from "../store/history-database.js";
import type { WatchSubject } from "../store/watch-store.js";
import type { Change } from "./change.js";

/** What is said of one look. */
export interface LookFacts {
  /** "2 hosts up, 14 ports open". */
  readonly summary: string;
  /** The number under which the history has it: "scan 12"; undefined where it could not be kept. */
  readonly keptAs: string | undefined;
}

/** What came of a run. */
export interface CycleOutcome {
  /** True where nothing was known before. */
  readonly isFirst: boolean;
  readonly changes: readonly Change[];
  /** Changes beyond those that are listed. */
  readonly moreCount: number;
  /** What the second look did not see again. */
  readonly unconfirmedCount: number;
  /** What differs, but could not be seen for certain. */
  readonly doubtCount: number;
  /** What is believed from now on, packed. */
  readonly belief: Uint8Array;
}

/** One run: a look, and a second one where the first has seen a change. */
export interface WatchCycle {
  /**
   * Takes a look in, as the command that looks writes it.
   *
   * @throws InputError when it is no report
   */
  read(output: AsyncIterable<string>, keeper: RunKeeper): Promise<LookFacts>;
  /** True when what was seen differs from what is believed. */
  readonly hasChanges: boolean;
  /** Between two looks: from now on only what the second has seen, too, is a change. */
  confirm(): void;
  settle(): CycleOutcome;
}

/** A kind of thing that is watched. */
export interface Watched {
  readonly subject: WatchSubject;
  /** The words that make the program look, and write what it sees to standard output. */
  lookWords(words: readonly string[]): readonly string[];
  /**
   * Begins a run.
   *
   * @param belief As the last run has packed it; undefined for the first
   * @throws InputError when it is damaged
   */
  begin(belief: Uint8Array | undefined, file: string): WatchCycle;
}

/** Where runs are kept. */
export interface RunKeeper {
  /** Undefined where the history cannot be used now. */
  readonly database: HistoryDatabase | undefined;
  /** This machine's name. */
  readonly vantage: string;
  /** As it could be typed. */
  readonly command: string;
  nowMs(): number;
  /** Says that something could not be kept. */
  warn(text: string): void;
}
