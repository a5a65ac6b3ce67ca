// What every reader of reports looks like: a constant that turns a report's text into the events that a scan would have told.
import type { CompactScanEvent, ScanEvent } from "../model/scan-event.js";

/** What a reader gives: ports one by one as the report lists them, and in runs what it only counts. */
export type ReadEvent = ScanEvent | CompactScanEvent;

/** One kind of report that can be read. */
export interface ReportReader {
  /** The form's name, the same as its writer's where there is one: "xml". */
  readonly name: string;
  /** One line of help, no full stop. */
  readonly summary: string;
  readonly sources: readonly string[];
  /** True when a report that begins so is one of this form; `head` has 4,096 characters, or all if there are fewer. */
  recognises(head: string): boolean;
  /**
   * Reads a report: "start" first, "done" last, also when it was cut; the end then says that the scan was stopped. What is
   * held is bounded: one host, or for masscan's forms, which mix all hosts, so many results.
   *
   * @param chunks The text in pieces of any size
   * @param file Its name, for errors
   * @throws InputError with line and column, when it is none of this form or passes a limit
   */
  read(chunks: AsyncIterable<string>, file: string): AsyncGenerator<ReadEvent, void, void>;
}
