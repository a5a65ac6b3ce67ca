// Which files a scan that goes on from a report writes: that report, and those of the same scan beside it. A file is written
// only if it is there, is a plain file, and holds the same command line and start: so a report that somebody has made up
// leads to no other file. docs/reports.md, "What is believed".
import { createReadStream, lstatSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import { InputError } from "../model/errors.js";
import type { ReportCutter, ReportHead } from "../report/report-cutter.js";
import { REPORT_CUTTERS } from "../report/report-cutters.js";
import { linesOf } from "../report/text-lines.js";
import { quote } from "../target/fault.js";
import { reportFileName } from "./report-file-name.js";
import { STANDARD_OUTPUT } from "./report-files.js";
import type { ReportRequest } from "./scan-settings.js";

/** A report that is gone on with. */
export interface ResumedFile {
  readonly path: string;
  readonly cutter: ReportCutter;
}

/** The files, and a line for each that is left as it is. */
export interface ResumedOutputs {
  readonly files: readonly ResumedFile[];
  readonly warnings: readonly string[];
}

/** Names of files are made some time before the report says that it began. */
const NAMED_EARLIER_S = 3;
/** The command line stands in the first lines. */
const HEAD_LINES_MAX = 64;
/** Zones differ from UTC by quarters of an hour; times in some forms do not say which it was. */
const ZONE_STEP_MS = 15 * 60 * 1000;
const SAME_START_MS = 1000;

/**
 * Finds the files.
 *
 * @param file The report that was named
 * @param cutters What it may be: the grepable form and that for people begin alike
 * @param requests The reports that its command line asks for
 * @throws InputError when it is not certain which form the report has
 */
export async function findOutputs(
  file: string,
  cutters: readonly ReportCutter[],
  head: ReportHead,
  requests: readonly ReportRequest[],
): Promise<ResumedOutputs> {
  const finder = new OutputFinder(file, cutters, head, requests);
  return finder.find();
}

class OutputFinder {
  readonly #file: string;
  readonly #cutters: readonly ReportCutter[];
  readonly #head: ReportHead;
  readonly #requests: readonly ReportRequest[];
  readonly #identity: Stats;
  readonly #startedAtMs: number;

  constructor(file: string, cutters: readonly ReportCutter[], head: ReportHead, requests: readonly ReportRequest[]) {
    this.#file = file;
    this.#cutters = cutters;
    this.#head = head;
    this.#requests = requests;
    this.#identity = statSync(file);
    this.#startedAtMs = Date.parse(head.startedAt ?? "");
  }

  async find(): Promise<ResumedOutputs> {
    const own = this.#own();
    const cutter = this.#cutters.find(({ name }) => name === own?.form) ?? this.#cutters[0];
    if (cutter === undefined || (own === undefined && this.#cutters.length > 1)) {
      throw new InputError("it is not certain which form this report has: go on from another one", {
        file: this.#file,
      });
    }
    const files: ResumedFile[] = [{ path: this.#file, cutter }];
    const warnings: string[] = [];
    for (const request of this.#requests) {
      if (request === own || request.path === STANDARD_OUTPUT) continue;
      const other = await this.#other(request);
      if (typeof other === "string") warnings.push(`${quote(request.path)} is left as it is: ${other}`);
      else files.push(other);
    }
    return { files, warnings };
  }

  /** The request that the named report came from. One that went to standard output may be it, and so may one that was renamed. */
  #own(): ReportRequest | undefined {
    const fitting = this.#requests.filter(({ form }) => this.#cutters.some(({ name }) => name === form));
    return (
      fitting.find(({ path: wanted }) => this.#candidates(wanted).some((one) => this.#isFile(one))) ??
      fitting.find(({ path: wanted }) => wanted === STANDARD_OUTPUT) ??
      fitting.find(({ path: wanted }) => this.#candidates(wanted).every((one) => statOf(one) === undefined))
    );
  }

  /** True for a name that leads to the report that was named, by links or not. */
  #isFile(name: string): boolean {
    const status = statOf(name, statSync);
    return status !== undefined && status.dev === this.#identity.dev && status.ino === this.#identity.ino;
  }

  /** The file that a request leads to, or why there is none. */
  async #other({ form, path: wanted }: ReportRequest): Promise<ResumedFile | string> {
    const cutter = REPORT_CUTTERS.find(({ name }) => name === form);
    if (cutter === undefined) return "postern convert makes this form anew when the scan is done";
    let why = "it is not there any more";
    for (const one of this.#candidates(wanted)) {
      const status = statOf(one);
      if (status === undefined) continue;
      if (!status.isFile()) why = "it is no plain file";
      else if (await this.#isOfSameScan(one, cutter)) return { path: one, cutter };
      else why = "it is no report of the same scan";
    }
    return why;
  }

  async #isOfSameScan(file: string, cutter: ReportCutter): Promise<boolean> {
    const head = await headOf(file, cutter).catch((error: unknown) => {
      if (error instanceof InputError || (error instanceof Error && "syscall" in error)) return undefined;
      throw error;
    });
    return head?.commandLine === this.#head.commandLine && isSameStart(head.startedAt, this.#head.startedAt);
  }

  /** Where a name may lead to: relative to where the report is, and to where we are. */
  #candidates(wanted: string): readonly string[] {
    const names = new Set(
      wanted.includes("%") ? Array.from({ length: NAMED_EARLIER_S + 1 }, (_, s) => this.#nameAt(wanted, s)) : [wanted],
    );
    const folder = path.dirname(this.#file);
    return [...names].flatMap((name) => {
      if (path.isAbsolute(name)) return [name];
      const levels = path.normalize(name).split(path.sep).length - 1;
      const base = path.resolve(folder, ...Array.from({ length: levels }, () => ".."));
      return [...new Set([path.resolve(base, name), path.resolve(name)])];
    });
  }

  #nameAt(pattern: string, secondsEarlier: number): string {
    const at = new Date(this.#startedAtMs - secondsEarlier * 1000);
    return Number.isNaN(at.getTime()) ? pattern : reportFileName(pattern, at);
  }
}

/** How a report begins; undefined for a text that does not. */
export async function headOf(file: string, cutter: ReportCutter): Promise<ReportHead | undefined> {
  const cut = cutter.open(file);
  const chunks = createReadStream(file, { encoding: "utf8" });
  for await (const line of linesOf(chunks, file)) {
    cut.take(line);
    if (cut.head !== undefined || line.number >= HEAD_LINES_MAX) break;
  }
  return cut.head;
}

/** Links are not followed unless `stat` does: where they lead is not the report's to say. */
function statOf(file: string, stat: typeof lstatSync = lstatSync): Stats | undefined {
  try {
    return stat(file, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return undefined; // a folder that is none, or that we may not enter
    throw error;
  }
}

function isSameStart(one: string | undefined, other: string | undefined): boolean {
  const apartMs = Math.abs(Date.parse(one ?? "") - Date.parse(other ?? "")) % ZONE_STEP_MS;
  return Math.min(apartMs, ZONE_STEP_MS - apartMs) <= SAME_START_MS;
}
