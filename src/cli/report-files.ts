// The files that reports are written into (-oN, -oX …): opened before the first packet leaves, written as events come.
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { errnoWords } from "../linux/errno.js";
import { InputError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import { REPORT_WRITERS } from "../report/forms.js";
import type { ReportOptions, ReportSink } from "../report/report-writer.js";
import type { ReportRequest } from "./scan-settings.js";

/** The name that stands for standard output. */
export const STANDARD_OUTPUT = "-";

/** How files are opened, and where a report goes whose file is "-". */
export interface ReportFilesMeans {
  readonly options: ReportOptions;
  /** Goes on behind what is in the files already. */
  readonly isAppended: boolean;
  writeOut(text: string): void;
}

interface OpenReport {
  readonly path: string;
  /** Undefined for standard output. */
  readonly file: number | undefined;
  readonly sink: ReportSink;
}

/** All reports of one scan beside the one on the terminal. */
export class ReportFiles {
  readonly #reports: readonly OpenReport[];
  readonly #writeOut: (text: string) => void;

  /**
   * Opens the files.
   *
   * @throws InputError when one of them cannot be written
   */
  constructor(requests: readonly ReportRequest[], means: ReportFilesMeans) {
    this.#writeOut = means.writeOut;
    this.#reports = requests.flatMap(({ form, path }) => {
      const writer = REPORT_WRITERS.find(({ name }) => name === form);
      if (writer === undefined) return [];
      const file = path === STANDARD_OUTPUT ? undefined : open(path, means.isAppended);
      return [{ path, file, sink: writer.open({ ...means.options, showNotices: true }) }];
    });
  }

  /**
   * Takes an event; what the reports grow by is handed to the kernel at once, so that it outlives this process.
   *
   * @throws InputError when a file cannot be written any more
   */
  take(event: CompactScanEvent): void {
    for (const { path, file, sink } of this.#reports) {
      const text = sink(event);
      if (text === "") continue;
      if (file === undefined) this.#writeOut(text);
      else write(file, path, text);
    }
  }

  /** Waits until the disk has everything, and closes the files. */
  close(): void {
    for (const { file } of this.#reports) {
      if (file === undefined) continue;
      try {
        fsyncSync(file);
      } catch {
        // a pipe or a device: there is no disk to wait for
      }
      closeSync(file);
    }
  }
}

function open(path: string, isAppended: boolean): number {
  try {
    return openSync(path, isAppended ? "a" : "w");
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function write(file: number, path: string, text: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  return new InputError(`cannot be written: ${errnoWords(String(error.code))}`, { file: path }, { cause: error });
}
