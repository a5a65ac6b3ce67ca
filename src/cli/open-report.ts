// A report that the user named, whatever its form: opened, recognised by how it begins, and read as events.
import { createReadStream } from "node:fs";
import { InputError } from "../model/errors.js";
import { REPORT_READERS } from "../report/readable-forms.js";
import type { ReportReader } from "../report/report-reader.js";
import { whyUnreadable } from "./input-text.js";

/** The name that stands for standard input. */
export const STANDARD_INPUT = "-";
const STANDARD_INPUT_FILE = 0;

/** What a reader must know to recognise its form. */
const HEAD_LENGTH = 4096;
const BYTE_ORDER_MARK = "\ufeff";

/** A report that is being read. */
export interface OpenedReport {
  /** As it is shown to the user. */
  readonly name: string;
  readonly reader: ReportReader;
  readonly events: ReturnType<ReportReader["read"]>;
}

/**
 * Opens a report; "-" is standard input.
 *
 * @throws InputError when it cannot be read, or is of no form that we know
 */
export async function openReport(
  file: string,
  readers: readonly ReportReader[] = REPORT_READERS,
): Promise<OpenedReport> {
  const name = file === STANDARD_INPUT ? "standard input" : file;
  const chunks = chunksOf(file, name);
  let head = "";
  while (head.length < HEAD_LENGTH) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    head += value;
  }
  if (head.startsWith(BYTE_ORDER_MARK)) head = head.slice(1);
  if (head === "") throw new InputError("is empty", { file: name });
  const reader = readers.find((one) => one.recognises(head.slice(0, HEAD_LENGTH)));
  if (reader === undefined) {
    const forms = readers.map(({ summary }) => summary).join("; ");
    throw new InputError("is no report of a form that can be read", { file: name }, { hint: `these can be: ${forms}` });
  }
  return { name, reader, events: reader.read(joined(head, chunks), name) };
}

async function* chunksOf(file: string, name: string): AsyncGenerator<string, void, void> {
  const options = { encoding: "utf8" } as const;
  const stream =
    file === STANDARD_INPUT
      ? createReadStream("", { ...options, fd: STANDARD_INPUT_FILE, autoClose: false })
      : createReadStream(file, options);
  try {
    for await (const chunk of stream) yield String(chunk);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
    throw new InputError(whyUnreadable(error), { file: name }, { cause: error });
  }
}

async function* joined(head: string, rest: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  yield head;
  yield* rest;
}
