// The files of reports that are gone on with. What is kept of a report is written into a new file beside it, which takes its
// place when the scan begins: at every moment there is a file of that name with all hosts that were done. The folder is held
// open meanwhile, so that nobody who may rename it leads us elsewhere (open(2), "Rationale for openat()").
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
} from "node:fs";
import path from "node:path";
import { InputError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import type { ReportOptions, ReportSink, ReportWriter } from "../report/report-writer.js";
import { linesOf } from "../report/text-lines.js";
import { cannotWrite, synchronize, writeText } from "./report-files.js";
import type { ResumedFile } from "./resume-outputs.js";

const PIECE = 64 * 1024;
const MODE_BITS = 0o777;
/** Nobody else's until it is certain what is in it. */
const MODE_AT_FIRST = 0o600;

interface OpenReport {
  readonly path: string;
  readonly folder: HeldFolder;
  /** Within the folder. */
  readonly name: string;
  readonly temporaryName: string;
  readonly file: number;
  readonly sink: ReportSink;
  fault: InputError | undefined;
}

/** How reports are gone on with. */
export interface ResumeMeans {
  readonly files: readonly ResumedFile[];
  readonly writers: readonly ReportWriter[];
  readonly options: ReportOptions;
  /** That of the reports. */
  readonly commandLine: string;
  /** Says of a host whether it is kept. */
  isKept(address: string): boolean;
}

/** Reports that go on behind the hosts that are kept of them. */
export class ResumedReportFiles {
  readonly #reports: OpenReport[] = [];
  #isBegun = false;

  private constructor() {}

  /**
   * Writes what is kept; the reports themselves stay untouched until the scan begins.
   *
   * @throws InputError when a file cannot be written
   */
  static async open(means: ResumeMeans): Promise<ResumedReportFiles> {
    const opened = new ResumedReportFiles();
    try {
      for (const file of means.files) {
        const writer = means.writers.find(({ name }) => name === file.cutter.name);
        const sink = writer?.open({ ...means.options, showNotices: true });
        if (sink !== undefined) await copyKept(opened.#open(file, sink), file, means);
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
    for (const report of this.#reports) {
      if (this.#isBegun) report.fault ??= synchronize(report.file, report.path);
      else unlinkSync(report.folder.pathOf(report.temporaryName));
      closeSync(report.file);
      report.folder.close();
    }
  }

  #begin(): void {
    for (const { file, folder, name, temporaryName, path: to } of this.#reports) {
      try {
        takeRights(file, statSync(folder.pathOf(name)));
        fsyncSync(file);
        renameSync(folder.pathOf(temporaryName), folder.pathOf(name));
      } catch (error) {
        throw cannotWrite(to, error, "");
      }
    }
    this.#isBegun = true;
  }

  #open({ path: from }: ResumedFile, sink: ReportSink): OpenReport {
    const name = path.basename(from);
    const temporaryName = `.${name}.resume-${randomBytes(6).toString("hex")}`;
    let folder: HeldFolder | undefined;
    try {
      folder = new HeldFolder(path.dirname(from));
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const file = openSync(folder.pathOf(temporaryName), flags, MODE_AT_FIRST);
      const report: OpenReport = { path: from, folder, name, temporaryName, file, sink, fault: undefined };
      this.#reports.push(report);
      return report;
    } catch (error) {
      folder?.close();
      throw cannotWrite(from, error, "; to go on, a new file is made beside it");
    }
  }
}

/** A folder that stays the same one, whatever becomes of its name; where the system has no such names, by its name. */
class HeldFolder {
  readonly #file: number;
  readonly #path: string;

  constructor(folder: string) {
    this.#file = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    const held = `/proc/self/fd/${this.#file}`;
    this.#path = existsSync(held) ? held : folder;
  }

  pathOf(name: string): string {
    return `${this.#path}/${name}`;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Copies what is kept of a report, if it still is the one that was read. */
async function copyKept(report: OpenReport, { cutter }: ResumedFile, means: ResumeMeans): Promise<void> {
  const { folder, name, path: shown, file } = report;
  const cut = cutter.open(shown);
  let pending = "";
  const flush = (): void => {
    const fault = writeText(file, shown, pending);
    if (fault !== undefined) throw fault;
    pending = "";
  };
  for await (const line of linesOf(createReadStream(folder.pathOf(name), { encoding: "utf8" }), shown)) {
    for (const { text, address } of cut.take(line)) {
      if (address === undefined || means.isKept(address)) pending += text;
    }
    if (pending.length >= PIECE) flush();
  }
  flush();
  if (cut.head?.commandLine !== means.commandLine) throw new InputError("it changes while it is read", { file: shown });
}

/** The rights and the owner of the file whose place is taken. */
function takeRights(file: number, { mode, uid, gid }: Stats): void {
  const now = fstatSync(file);
  if (now.uid !== uid || now.gid !== gid) fchownSync(file, uid, gid);
  fchmodSync(file, mode & MODE_BITS);
}
