// The files of reports that are gone on with. What is kept of a report is written into a new file beside it, which takes its
// place when the scan begins: at every moment there is a file of that name with all hosts that were done.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
} from "node:fs";
import path from "node:path";
import type { InputError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import type { ReportOptions, ReportSink, ReportWriter } from "../report/report-writer.js";
import { linesOf } from "../report/text-lines.js";
import { cannotWrite, synchronize, writeText } from "./report-files.js";
import type { ResumedFile } from "./resume-outputs.js";

const PIECE = 64 * 1024;
const MODE_BITS = 0o777;

interface OpenReport {
  readonly path: string;
  readonly temporaryPath: string;
  readonly file: number;
  readonly sink: ReportSink;
  fault: InputError | undefined;
}

/** Reports that go on behind the hosts that are kept of them. */
export class ResumedReportFiles {
  readonly #reports: OpenReport[] = [];
  #isBegun = false;

  private constructor() {}

  /**
   * Writes what is kept; the reports themselves stay untouched until the scan begins.
   *
   * @param isKept Says of a host whether it is kept
   * @throws InputError when a file cannot be written
   */
  static async open(
    files: readonly ResumedFile[],
    writers: readonly ReportWriter[],
    options: ReportOptions,
    isKept: (address: string) => boolean,
  ): Promise<ResumedReportFiles> {
    const opened = new ResumedReportFiles();
    try {
      for (const file of files) {
        const writer = writers.find(({ name }) => name === file.cutter.name);
        if (writer !== undefined) await opened.#open(file, writer.open({ ...options, showNotices: true }), isKept);
      }
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  }

  /** What became of the first file that could not be written any more. */
  get fault(): InputError | undefined {
    return this.#reports.find(({ fault }) => fault !== undefined)?.fault;
  }

  /** Takes an event of the scan that goes on. */
  take(event: CompactScanEvent): void {
    if (event.type === "start") this.#begin();
    for (const report of this.#reports) {
      const text = report.fault === undefined ? report.sink(event) : "";
      // The beginning stands there already.
      if (text !== "" && event.type !== "start") report.fault = writeText(report.file, report.path, text);
    }
  }

  /** Waits until the disk has everything, and closes the files. What the scan never began with is taken away. */
  close(): void {
    for (const report of this.#reports.splice(0, this.#isBegun ? 0 : undefined)) {
      closeSync(report.file);
      unlinkSync(report.temporaryPath);
    }
    for (const report of this.#reports) {
      report.fault ??= synchronize(report.file, report.path);
      closeSync(report.file);
    }
  }

  #begin(): void {
    for (const { file, temporaryPath, path: to } of this.#reports) {
      try {
        fsyncSync(file);
        renameSync(temporaryPath, to);
      } catch (error) {
        throw cannotWrite(to, error, "");
      }
    }
    this.#isBegun = true;
  }

  async #open(
    { path: from, cutter }: ResumedFile,
    sink: ReportSink,
    isKept: (address: string) => boolean,
  ): Promise<void> {
    const temporaryPath = path.join(
      path.dirname(from),
      `.${path.basename(from)}.resume-${randomBytes(6).toString("hex")}`,
    );
    const report = { path: from, temporaryPath, file: openBeside(temporaryPath, from), sink, fault: undefined };
    this.#reports.push(report);
    let pending = "";
    const flush = (): void => {
      const fault = writeText(report.file, temporaryPath, pending);
      if (fault !== undefined) throw fault;
      pending = "";
    };
    const cut = cutter.open(from);
    for await (const line of linesOf(createReadStream(from, { encoding: "utf8" }), from)) {
      for (const { text, address } of cut.take(line)) if (address === undefined || isKept(address)) pending += text;
      if (pending.length >= PIECE) flush();
    }
    flush();
  }
}

/** A new file with the rights and the owner of the report whose place it takes. */
function openBeside(temporaryPath: string, from: string): number {
  let file: number | undefined;
  try {
    const { mode, uid, gid } = statSync(from);
    file = openSync(
      temporaryPath,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    const now = statSync(temporaryPath);
    if (now.uid !== uid || now.gid !== gid) fchownSync(file, uid, gid);
    fchmodSync(file, mode & MODE_BITS);
    return file;
  } catch (error) {
    if (file !== undefined) {
      closeSync(file);
      unlinkSync(temporaryPath);
    }
    throw cannotWrite(from, error, "; to go on, a new file is made beside it");
  }
}
