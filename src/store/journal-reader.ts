// Reads a journal back: what was found, and where to go on. A file that somebody else made is as welcome as a damaged one:
// every line is checked, what cannot be true is passed over and counted.
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { errnoWords } from "../linux/errno.js";
import { InputError, type InputPlace } from "../model/errors.js";
import type { CompactScanEvent, DoneEvent } from "../model/scan-event.js";
import { type Fault, isFault } from "../target/fault.js";
import type { ResumePoint } from "../target/resume-point.js";
import { decodeLine } from "./journal-line.js";
import { JOURNAL_FORMAT, type JournalRecord, type RunFacts, readRecord, type ToldCounts } from "./journal-record.js";
import { JournalState } from "./journal-state.js";
import { type FileLine, readLines } from "./line-reader.js";
import { fromJson } from "./plain-data.js";

/** The plan of a million single addresses is about as long. */
export const HEADER_BYTES_MAX: number = 256 * 1024 * 1024;

/** A record of 65,536 open ports has less than 1 MB. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;

/** Damaged lines that are named; the others are only counted. */
const NAMED_LINES_MAX = 10;

const HEADER_START = '{"type":"journal"';

/** What is not to be had from a journal any more. */
export interface JournalLoss {
  /** Length of a last line that was cut; it is cut off before anything is appended. */
  readonly cutBytes: number;
  /** Damaged lines in the middle. */
  readonly lineCount: number;
  /** The first of them: number, counted from 1, and what is wrong. */
  readonly lines: readonly { readonly number: number; readonly fault: string }[];
  /** Sound records that nothing can be made of, since what they depend on is lost. */
  readonly doubtCount: number;
}

/** How a journal's first run was started. */
export interface JournalHeader extends RunFacts {
  /** The plan; whoever uses it must look whether it is one. */
  readonly plan: object;
}

/** What a journal says. */
export interface Journal {
  readonly path: string;
  readonly header: JournalHeader;
  /** The runs that went on from it, in order. */
  readonly laterRuns: readonly RunFacts[];
  readonly resume: ResumePoint;
  /** How much was told of each host that is not finished. */
  readonly told: ReadonlyMap<number, ToldCounts>;
  /** The end of the last run; undefined when it was killed, or when a later one has begun. */
  readonly done: DoneEvent | undefined;
  readonly lost: JournalLoss;
  /** Length of the file without a last line that was cut. */
  readonly wholeBytes: number;
  readonly fileBytes: number;
  /**
   * What was found, in an order that a report writer takes: techniques, hosts with their names, ports and traces, ends of
   * hosts, notices. Start and end of the report are the caller's. Reads the file once more, as far as it was whole.
   */
  events(): Generator<CompactScanEvent>;
}

/**
 * Reads a journal.
 *
 * @throws InputError with file and line, when nothing can go on from it
 */
export function readJournal(path: string): Journal {
  return withFile(path, (file, fileBytes) => {
    const lines = readLines(file, maxBytesOf, fileBytes);
    const first = lines.next();
    if (first.done === true) throw noHeader(path, fileBytes);
    const header = readHeader(path, first.value);
    const state = new JournalState(() => {});
    const laterRuns: RunFacts[] = [];
    const damaged: { number: number; fault: string }[] = [];
    let wholeBytes = first.value.endByte;
    let lineCount = 0;
    for (const line of lines) {
      wholeBytes = line.endByte;
      const record = recordOf(line);
      if (isFault(record)) {
        lineCount++;
        if (damaged.length < NAMED_LINES_MAX) damaged.push({ number: line.number, fault: record.fault });
        continue;
      }
      if (record.type === "segment") laterRuns.push(runFactsOf(record));
      takeInto(state, record, path, line.number);
    }
    return {
      path,
      header,
      laterRuns,
      resume: state.resumePoint(),
      told: state.toldCounts(),
      done: state.done,
      lost: { cutBytes: fileBytes - wholeBytes, lineCount, lines: damaged, doubtCount: state.doubtCount },
      wholeBytes,
      fileBytes,
      events: () => replay(path, wholeBytes),
    };
  });
}

/** One sentence about what is lost, for a warning; undefined when nothing is. */
export function lossText({ cutBytes, lineCount, lines, doubtCount }: JournalLoss): string | undefined {
  const parts: string[] = [];
  if (cutBytes > 0) parts.push(`its last line was cut (${cutBytes} bytes)`);
  if (lineCount > 0) {
    const named = lines.map(({ number, fault }) => `line ${number}: ${fault}`).join("; ");
    parts.push(`${lineCount === 1 ? "1 line is" : `${lineCount} lines are`} damaged (${named})`);
  }
  if (doubtCount > 0)
    parts.push(`${doubtCount === 1 ? "1 record depends" : `${doubtCount} records depend`} on lost ones`);
  return parts.length === 0 ? undefined : `${parts.join(", ")}: what was there is asked again`;
}

function* replay(path: string, endByte: number): Generator<CompactScanEvent> {
  const file = open(path);
  try {
    const events: CompactScanEvent[] = [];
    const state = new JournalState((event) => events.push(event));
    for (const line of readLines(file, maxBytesOf, endByte)) {
      const record = line.number === 1 ? undefined : recordOf(line);
      if (record === undefined || isFault(record)) continue;
      takeInto(state, record, path, line.number);
      yield* events.splice(0);
    }
  } finally {
    closeSync(file);
  }
}

function maxBytesOf(lineNumber: number): number {
  return lineNumber === 1 ? HEADER_BYTES_MAX : LINE_BYTES_MAX;
}

/** A record behind the header. */
function recordOf({ bytes }: FileLine): Exclude<JournalRecord, { type: "journal" }> | Fault {
  if (bytes === undefined) return { fault: "too long" };
  const decoded = decodeLine(bytes);
  if (isFault(decoded)) return decoded;
  const record = readRecord(decoded.record);
  if (isFault(record)) return record;
  return record.type === "journal" ? { fault: "a second header" } : record;
}

function takeInto(
  state: JournalState,
  record: Exclude<JournalRecord, { type: "journal" }>,
  file: string,
  line: number,
): void {
  state.take(record);
  if (state.isFull) throw new InputError("more hosts are left unfinished than any scan leaves", { file, line });
}

function readHeader(file: string, { bytes }: FileLine): JournalHeader {
  const place = { file, line: 1 };
  const decoded = bytes === undefined ? { fault: "too long" } : decodeLine(bytes);
  if (isFault(decoded)) {
    const isOurs = bytes?.toString("latin1", 0, HEADER_START.length) === HEADER_START;
    if (!isOurs) throw noJournal(place);
    throw new InputError(`the plan is damaged: ${decoded.fault}`, place);
  }
  const format = formatOf(decoded.record);
  if (format === undefined) throw noJournal(place);
  if (format !== JOURNAL_FORMAT) {
    const hint = "use the version of postern that wrote it";
    throw new InputError(`journals of format ${format} are not known, only ${JOURNAL_FORMAT}`, place, { hint });
  }
  const record = readRecord(decoded.record);
  const plan = isFault(record) || record.type !== "journal" ? undefined : fromJson(record.plan);
  if (isFault(record) || record.type !== "journal" || !isObject(plan) || isFault(plan) || plan instanceof Uint8Array) {
    throw new InputError("the plan cannot be understood", place);
  }
  return { ...runFactsOf(record), plan };
}

function formatOf(record: unknown): number | undefined {
  const isHeader = isObject(record) && "type" in record && record.type === "journal" && "format" in record;
  return isHeader && Number.isSafeInteger(record.format) ? Number(record.format) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function runFactsOf({ version, startedAt, words }: RunFacts): RunFacts {
  return { version, startedAt, words };
}

/** Reports are told apart before a journal is looked for. */
function noJournal(place: InputPlace): InputError {
  const hint = "a journal is what --journal FILE wrote; reports are those of -oX, -oN, -oG and -oJ";
  return new InputError("this is no journal and no report of a scan", place, { hint });
}

function noHeader(file: string, fileBytes: number): InputError {
  const message = fileBytes === 0 ? "the file is empty: there is no scan to go on with" : "the first line is not whole";
  return new InputError(message, { file, line: 1 });
}

function withFile<Value>(path: string, use: (file: number, fileBytes: number) => Value): Value {
  const file = open(path);
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) throw new InputError("this is no file that a journal can be in", { file: path });
    return use(file, facts.size);
  } catch (error) {
    throw asInputError(error, path);
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    // A FIFO must not hold us up until somebody writes into it.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw asInputError(error, path);
  }
}

/** What the kernel says about a file, as an error of ours; every other error as it is. */
function asInputError(error: unknown, file: string): unknown {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return error;
  return new InputError(`cannot be read: ${errnoWords(code)}`, { file }, { cause: error });
}
