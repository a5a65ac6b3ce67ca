// The files that reports are written into (-oN, -oX …): opened before the first packet leaves, written as events come.
import { closeSync, fstatSync, fsyncSync, openSync, writeSync } from "node:fs";
import { errnoWords } from "../linux/errno.js";
import { InputError, UsageError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import type { ReportOptions, ReportSink, ReportWriter } from "../report/report-writer.js";
import { quote } from "../target/fault.js";
import { reportFileName } from "./report-file-name.js";
import type { ReportRequest } from "./scan-settings.js";

/** The name that stands for standard output. */
export const STANDARD_OUTPUT = "-";

/** How files are opened, and where a report goes whose file is "-". */
export interface ReportFilesMeans {
  /** See {@link loadWriters}. */
  readonly writers: readonly ReportWriter[];
  readonly options: ReportOptions;
  /** Goes on behind what is in the files already. */
  readonly isAppended: boolean;
  /** What stands in names of files for the time; now, if it is left out. */
  readonly startedAt?: Date;
  writeOut(text: string): void;
}

interface OpenReport {
  readonly path: string;
  /** Undefined for standard output. */
  readonly file: number | undefined;
  readonly sink: ReportSink;
  /** Set when the file could not be written any more: nothing is, from then on. */
  fault: InputError | undefined;
}

/** The writers of reports; they are loaded only where a report is wanted, for most scans must not wait for them. */
export async function loadWriters({ length }: readonly ReportRequest[]): Promise<readonly ReportWriter[]> {
  return length === 0 ? [] : (await import("../report/forms.js")).REPORT_WRITERS;
}

/** All reports of one scan beside the one on the terminal. */
export class ReportFiles {
  readonly #reports: OpenReport[] = [];
  readonly #writeOut: (text: string) => void;

  /**
   * Opens the files.
   *
   * @throws InputError when one of them cannot be written
   * @throws UsageError when two of them are one
   */
  constructor(requests: readonly ReportRequest[], means: ReportFilesMeans) {
    const { startedAt = new Date(), writers } = means;
    this.#writeOut = means.writeOut;
    for (const { form, path: pattern } of requests) {
      const writer = writers.find(({ name }) => name === form);
      if (writer === undefined) continue;
      const path = reportFileName(pattern, startedAt);
      const file = path === STANDARD_OUTPUT ? undefined : this.#open(path, means.isAppended);
      const sink = writer.open({ ...means.options, showNotices: true });
      this.#reports.push({ path, file, sink, fault: undefined });
    }
  }

  /** What became of the first file that could not be written any more; its report is incomplete, the others are not. */
  get fault(): InputError | undefined {
    return this.#reports.find(({ fault }) => fault !== undefined)?.fault;
  }

  /** Takes an event; what the reports grow by is handed to the kernel at once, so that it outlives this process. */
  take(event: CompactScanEvent): void {
    for (const report of this.#reports) {
      const text = report.fault === undefined ? report.sink(event) : "";
      if (text === "") continue;
      if (report.file === undefined) this.#writeOut(text);
      else report.fault = writeText(report.file, report.path, text);
    }
  }

  /** Waits until the disk has everything, and closes the files. */
  close(): void {
    for (const report of this.#reports) {
      if (report.file === undefined) continue;
      report.fault ??= synchronize(report.file, report.path);
      closeSync(report.file);
    }
  }

  /** Two names may lead to one file, by links or by the time in them. */
  #open(path: string, isAppended: boolean): number {
    const file = open(path, isAppended);
    const { isFile, dev, ino } = identityOf(file);
    for (const other of this.#reports) {
      const known = other.file === undefined || !isFile ? undefined : identityOf(other.file);
      if (known?.dev !== dev || known.ino !== ino) continue;
      throw new UsageError(`two reports cannot be written into ${quote(path)}`);
    }
    return file;
  }
}

function open(path: string, isAppended: boolean): number {
  try {
    return openSync(path, isAppended ? "a" : "w");
  } catch (error) {
    throw cannotWrite(path, error, "");
  }
}

function identityOf(file: number): { readonly isFile: boolean; readonly dev: number; readonly ino: number } {
  const status = fstatSync(file);
  return { isFile: status.isFile(), dev: status.dev, ino: status.ino };
}

/** Writes all of a text; a fault is returned. */
export function writeText(file: number, path: string, text: string): InputError | undefined {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    return undefined;
  } catch (error) {
    return cannotWrite(path, error, "; the report in it is incomplete");
  }
}

/** Some disks say only now that they are full. Pipes and devices have nothing to wait for: EINVAL (fsync(2)). */
export function synchronize(file: number, path: string): InputError | undefined {
  try {
    fsyncSync(file);
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EINVAL" || error.code === "EROFS"))
      return undefined;
    return cannotWrite(path, error, "; the report in it may be incomplete");
  }
}

/** What the kernel says about a file that cannot be written; any other error is thrown. */
export function cannotWrite(path: string, error: unknown, consequence: string): InputError {
  if (!(error instanceof Error && "code" in error)) throw error;
  const words = errnoWords(String(error.code));
  return new InputError(`cannot be written: ${words}${consequence}`, { file: path }, { cause: error });
}
