// --resume with a report: reads which scan it is of and which hosts are done, and makes of it what goes on. The text of the
// reports stays as it is: hosts that are done are kept, all others are scanned again. docs/reports.md, "Going on".
import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import path from "node:path";
import { errnoWords } from "../linux/errno.js";
import { InputError, PosternError, UsageError } from "../model/errors.js";
import type { DoneEvent } from "../model/scan-event.js";
import { splitCommandLine } from "../report/command-words.js";
import { REPORT_READERS } from "../report/readable-forms.js";
import type { HostOutcome, ReportCut, ReportCutter, ReportHead } from "../report/report-cutter.js";
import { REPORT_CUTTERS } from "../report/report-cutters.js";
import { linesOf } from "../report/text-lines.js";
import { isFault, quote } from "../target/fault.js";
import { COMMANDS } from "./commands.js";
import { findOutputs, headOf, type ResumedFile } from "./resume-outputs.js";
import { resumedSettings } from "./resume-settings.js";
import type { ScanSettings } from "./scan-settings.js";

/** A scan that goes on from a report. */
export interface ResumedReport {
  readonly settings: ScanSettings;
  /** In whose name the reports speak. */
  readonly program: "postern" | "nmap";
  /** As the report has it. */
  readonly commandLine: string;
  /** Hosts that are done in all of the reports, in canonical form. */
  readonly finished: ReadonlyMap<string, HostOutcome>;
  readonly files: readonly ResumedFile[];
  /** No host of the reports has this number or a higher one. */
  readonly nextHostId: number;
  /** What the earlier runs have counted, as far as the report says it. */
  readonly earlier: DoneEvent | undefined;
  /** True when nothing is left: the report says that its scan was done. */
  readonly isDone: boolean;
  readonly warnings: readonly string[];
}

/** How the words behind a program's name are read. */
export type WordsParser = (words: readonly string[]) => ScanSettings;

const HEAD_LENGTH = 4096;
/** As journals begin (docs/journal.md). */
const JOURNAL_START = '{"type":"journal"';
const LIST_START = /^# \S+ \S+ scan initiated /;
const RESULTS = /^(?:Host: \S+ \(|Timestamp: |# Ports scanned: )/m;

/**
 * True for a file that begins as a report does. What it is else, a journal or nothing, is the journal's reader's to say.
 *
 * @throws InputError when it cannot be read
 */
export function isReport(file: string): boolean {
  const head = headText(file);
  if (head.startsWith(JOURNAL_START)) return false;
  return LIST_START.test(head) || REPORT_READERS.some((reader) => reader.recognises(head));
}

/**
 * Reads what the report says.
 *
 * @param given The settings of the command line that goes on
 * @throws InputError, UsageError when it cannot be gone on with
 */
export async function readResumedReport(given: ScanSettings, name: string, parse: WordsParser): Promise<ResumedReport> {
  const cutters = cuttersFor(name);
  const file = realpathSync(name);
  const [first] = cutters;
  const head = first === undefined ? undefined : await headOf(file, first);
  if (head === undefined)
    throw new InputError("there is no command line in it, so it cannot be gone on with", { file: name });
  const { program, words } = wordsOf(head, name);
  const settings = resumedSettings(parsed(parse, words, name), given, name);
  const { files, warnings } = await findOutputs(file, cutters, head, settings.reports);
  const surveys: Survey[] = [];
  for (const one of files) surveys.push(await survey(one, head));
  const [own] = surveys;
  return {
    settings: {
      ...withSeed(settings, surveys, name),
      reports: files.map(({ path: to, cutter }) => ({ form: cutter.name, path: to })),
    },
    program,
    commandLine: head.commandLine,
    finished: finishedInAll(surveys),
    files,
    nextHostId: Math.max(0, ...surveys.map(({ nextHostId }) => nextHostId)),
    earlier: earlierOf(files, surveys),
    isDone: own?.cut.isDone === true,
    warnings,
  };
}

/** The forms that it may have. */
function cuttersFor(name: string): readonly ReportCutter[] {
  const head = headText(name);
  const reader = REPORT_READERS.find((one) => one.recognises(head));
  if (!LIST_START.test(head)) return named(reader?.name ?? "", name);
  if (reader === undefined) return named("normal", name);
  const hasResults = RESULTS.test(head);
  // Where a scan has found nothing yet, both begin alike.
  return hasResults ? named("grepable", name) : [...named("normal", name), ...named("grepable", name)];
}

function named(form: string, name: string): readonly ReportCutter[] {
  const cutters = REPORT_CUTTERS.filter((cutter) => cutter.name === form);
  if (cutters.length > 0) return cutters;
  const hint = "these can be: -oX, -oN and -oG of nmap and postern, -oJ, and journals";
  throw new InputError("a report of this form cannot be gone on with", { file: name }, { hint });
}

/** The words behind the program's name. */
function wordsOf(
  { commandLine }: ReportHead,
  name: string,
): Pick<ResumedReport, "program"> & { readonly words: readonly string[] } {
  const words = splitCommandLine(commandLine);
  if (isFault(words)) {
    const hint = "it is not guessed what may be scanned: scan anew, with --exclude for the hosts that are done";
    throw new InputError(`its command line cannot be taken apart: ${words.fault}`, { file: name }, { hint });
  }
  const [first = "", ...rest] = words;
  const program = path.basename(first);
  if (program !== "postern" && program !== "nmap") {
    throw new InputError(`it was written by ${quote(program)}, whose scans cannot be gone on with`, { file: name });
  }
  const [command = ""] = rest;
  if (program === "postern" && COMMANDS.has(command)) {
    throw new InputError(`it is a report of postern ${command}, which is no scan`, { file: name });
  }
  return { program, words: rest };
}

function parsed(parse: WordsParser, words: readonly string[], name: string): ScanSettings {
  try {
    return parse(words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
    throw new InputError(`its command line cannot be gone on with: ${error.message}`, { file: name }, { cause: error });
  }
}

/** What was found in one file. */
interface Survey {
  readonly cut: ReportCut;
  readonly outcomes: ReadonlyMap<string, HostOutcome>;
  readonly done: DoneEvent | undefined;
  readonly nextHostId: number;
}

/** Reads a whole report; its reader says whether it is one at all. */
async function survey({ path: file, cutter }: ResumedFile, head: ReportHead): Promise<Survey> {
  const cut = cutter.open(file);
  const outcomes = new Map<string, HostOutcome>();
  let hostCount = 0;
  for await (const line of linesOf(createReadStream(file, { encoding: "utf8" }), file)) {
    for (const { address, outcome } of cut.take(line)) {
      if (outcome === undefined) continue;
      hostCount++;
      if (address !== undefined && outcomes.get(address) !== "unfinished") outcomes.set(address, outcome);
    }
  }
  if (cut.head?.commandLine !== head.commandLine) throw new InputError("it changes while it is read", { file });
  const read = await readWhole(file, cutter);
  if (cutter.name === "xml" && read !== undefined && read.hostCount < hostCount) {
    throw new InputError("its lines are not those of a report of nmap or postern", { file });
  }
  return { cut, outcomes, done: read?.done, nextHostId: read?.nextHostId ?? 0 };
}

type WholeRead = Pick<Survey, "done" | "nextHostId"> & { readonly hostCount: number };

async function readWhole(file: string, { name }: ReportCutter): Promise<WholeRead | undefined> {
  const reader = REPORT_READERS.find((one) => one.name === name);
  if (reader === undefined) return undefined;
  let hostCount = 0;
  let nextHostId = 0;
  let done: DoneEvent | undefined;
  for await (const event of reader.read(createReadStream(file, { encoding: "utf8" }), file)) {
    if (event.type === "host") {
      hostCount++;
      nextHostId = Math.max(nextHostId, event.host.id + 1);
    }
    if (event.type === "done") done = event;
  }
  return { hostCount, nextHostId, done };
}

/** Each file may have been cut at another place. */
function finishedInAll([own, ...others]: readonly Survey[]): ReadonlyMap<string, HostOutcome> {
  const finished = new Map<string, HostOutcome>();
  for (const [address, outcome] of own?.outcomes ?? []) {
    const isEverywhere = others.every(({ outcomes }) => (outcomes.get(address) ?? "unfinished") !== "unfinished");
    if (outcome !== "unfinished" && isEverywhere) finished.set(address, outcome);
  }
  return finished;
}

/** What the form says that tells most; the grepable form has no counts. */
function earlierOf(files: readonly ResumedFile[], surveys: readonly Survey[]): DoneEvent | undefined {
  const forms = REPORT_CUTTERS.map((cutter) => files.findIndex((one) => one.cutter === cutter));
  return forms.map((at) => surveys[at]?.done).find((done) => done !== undefined);
}

/** A part of a scan is the same part only in the same order. */
function withSeed(settings: ScanSettings, surveys: readonly Survey[], name: string): ScanSettings {
  const seed = settings.seed ?? surveys.find(({ cut }) => cut.seed !== undefined)?.cut.seed;
  if (settings.shard !== undefined && seed === undefined) {
    throw new InputError("it does not say in which order --shard has counted: go on from -oX or -oJ", { file: name });
  }
  return { ...settings, seed };
}

function headText(name: string): string {
  let file: number | undefined;
  try {
    // A FIFO must not hold us up until somebody writes into it.
    file = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile())
      throw new InputError("this is no file that a journal or report can be in", { file: name });
    const bytes = Buffer.alloc(HEAD_LENGTH);
    return bytes.toString("utf8", 0, readSync(file, bytes, 0, HEAD_LENGTH, 0));
  } catch (error) {
    if (error instanceof PosternError || !(error instanceof Error && "code" in error)) throw error;
    // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
    throw new InputError(`cannot be read: ${errnoWords(String(error.code))}`, { file: name }, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
