// The options of `postern convert`, and its help.
import path from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "../model/errors.js";
import { REPORT_WRITERS } from "../report/forms.js";
import { REPORT_READERS } from "../report/readable-forms.js";
import type { ReportWriter } from "../report/report-writer.js";
import { wrapWords } from "../report/wrap-words.js";
import { quote } from "../target/fault.js";
import { nearest } from "../target/nearest.js";

/** What the command line of `postern convert` asks for. */
export interface ConvertSettings {
  readonly input: string;
  readonly output: string;
  readonly writer: ReportWriter;
  readonly showReason: boolean;
  readonly onlyOpen: boolean;
  readonly verbosity: number;
  /** The history's file; undefined for the usual one. */
  readonly historyFile: string | undefined;
}

/** Forms by what names of their files end in; nmap's own endings are those of -oA. */
const ENDINGS: Readonly<Record<string, string>> = {
  ".xml": "xml",
  ".gnmap": "grepable",
  ".nmap": "normal",
  ".txt": "normal",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".csv": "csv",
  ".html": "html",
  ".htm": "html",
};

/**
 * Reads the words behind `postern convert`; `undefined` where help is asked for.
 *
 * @throws UsageError when they cannot be understood
 */
export function parseConvertArguments(words: readonly string[]): ConvertSettings | undefined {
  const { values, positionals } = parse(words);
  if (values.help === true) return undefined;
  const [input, output, ...more] = positionals;
  if (input === undefined || output === undefined || more.length > 0) {
    throw usage(`postern convert takes the report to read and the one to write, and was given ${positionals.length}`);
  }
  return {
    input,
    output,
    writer: writerFor(values.to, output),
    showReason: values.reason === true,
    onlyOpen: values.open === true,
    verbosity: values.verbose?.length ?? 0,
    historyFile: values["history-file"],
  };
}

const OPTIONS = {
  to: { type: "string" },
  open: { type: "boolean" },
  reason: { type: "boolean" },
  verbose: { type: "boolean", short: "v", multiple: true },
  "history-file": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(
  words: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // Its own kind of error, with a sentence for the user behind the name of the option.
    const isOurs = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
    if (!isOurs) throw error;
    throw usage(error.message.split(". ")[0] ?? error.message, error);
  }
}

/**
 * The writer of a form, or of the one that a file's name says.
 *
 * @throws UsageError when there is none
 */
export function writerFor(form: string | undefined, output: string): ReportWriter {
  return form === undefined ? writerByEnding(output) : writerByName(form);
}

function writerByName(name: string): ReportWriter {
  const writer = REPORT_WRITERS.find((one) => one.name === name);
  if (writer !== undefined) return writer;
  const names = REPORT_WRITERS.map((one) => one.name);
  const meant = nearest(name, names);
  const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw usage(`there is no form ${quote(name)}: --to takes one of ${names.join(", ")}${guess}`);
}

function writerByEnding(output: string): ReportWriter {
  const ending = path.extname(output).toLowerCase();
  const writer = REPORT_WRITERS.find(({ name }) => name === ENDINGS[ending]);
  if (writer !== undefined) return writer;
  const names = REPORT_WRITERS.map(({ name }) => name).join(", ");
  throw new UsageError(`the name ${quote(output)} does not say in which form to write`, {
    hint: `name a form: --to with one of ${names}`,
  });
}

function usage(message: string, cause?: unknown): UsageError {
  return new UsageError(message, { hint: "postern convert --help lists the options", cause });
}

/** The text of `postern convert --help`. */
export function convertHelp(columns: number): string {
  const width = Math.max(40, Math.min(columns, 100));
  const rows: readonly (readonly [term: string, help: string])[] = [
    ["--to FORM", `writes that form, whatever the name of OUT: ${REPORT_WRITERS.map(({ name }) => name).join(", ")}`],
    ["--open", "only ports that are open or perhaps open, and hosts that have one"],
    ["--reason", "shows what each state was concluded from, where the form leaves the choice"],
    ["-v, --verbose", "more: hosts that are down, and more ports one by one; -vv still more"],
    ["--history-file FILE", "the history is FILE instead of the usual one"],
    ["-h, --help", "this text"],
  ];
  const indent = Math.max(...rows.map(([term]) => term.length)) + 4;
  const endings = Object.entries(ENDINGS).filter(([, form]) => REPORT_WRITERS.some(({ name }) => name === form));
  const lines = [
    "Usage: postern convert [OPTION...] IN OUT",
    "",
    ...wrapWords(
      "Writes the report IN again in another form. What IN is, is seen by how it begins; the form of OUT is that of its " +
        `name (${endings.map(([ending]) => ending).join(" ")}), or what --to says. - is standard input or output. IN may be a ` +
        "scan of the history: @latest, @previous, @12, @2026-11-20. A file OUT is overwritten, but never IN.",
      width,
    ),
    "",
    ...wrapWords(`Can be read: ${REPORT_READERS.map(({ summary }) => summary).join("; ")}.`, width),
    "",
    ...rows.flatMap(([term, help]) => {
      const [first = "", ...rest] = wrapWords(help, Math.max(20, width - indent));
      return [`  ${term}`.padEnd(indent) + first, ...rest.map((line) => " ".repeat(indent) + line)];
    }),
    "",
    ...wrapWords(
      "Exit statuses: 0 done, also where IN was cut off (a warning says so), 2 the command line or IN cannot be " +
        "understood, or OUT cannot be written, 70 a bug in postern.",
      width,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
