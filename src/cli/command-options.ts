// What the commands of postern's own share: the reading of their options by their table, and help made from it.
import { UsageError } from "../model/errors.js";
import { wrapWords } from "../report/wrap-words.js";
import { type Option, optionTerm } from "./option.js";
import { parseOptions } from "./option-parser.js";
import { oneFile } from "./option-value.js";

/** What every command's options can ask for. */
export interface HelpDraft {
  isHelp: boolean;
}

/** How a command is called: all that its help says. */
export interface CommandUsage<Draft extends HelpDraft> {
  /** As it is typed: "postern diff". */
  readonly name: string;
  /** What stands behind the name: "[OPTION...] A B". */
  readonly synopsis: string;
  /** What it does: paragraphs. */
  readonly about: readonly string[];
  /** Its options; headings stand between them where they have several sections. */
  readonly options: readonly Option<Draft>[];
  /** What its exit statuses mean, from 0 on, without 70: "0 nothing has changed, 1 something has". */
  readonly statuses: string;
}

/** The row of -h. */
export function helpOption(section: string): Option<HelpDraft> {
  return {
    names: ["-h", "--help"],
    value: undefined,
    help: "this text",
    section,
    apply(draft) {
      draft.isHelp = true;
    },
  };
}

/** What the option for the history's file writes into. */
export interface HistoryFileDraft {
  /** Undefined for the usual one. */
  historyFile: string | undefined;
}

/** The row of --history-file, for commands that read the history. */
export function historyFileOption(section: string): Option<HistoryFileDraft> {
  return {
    names: ["--history-file"],
    value: "FILE",
    values: "file",
    help: "the history is FILE instead of the usual one",
    section,
    apply(draft, value) {
      draft.historyFile = oneFile("--history-file", draft.historyFile, value);
    },
  };
}

/**
 * Applies the options among the words to the draft, and returns the words that are none.
 *
 * @throws UsageError when they cannot be understood; its hint names the command's help
 */
export function parseCommandOptions<Draft extends HelpDraft>(
  usage: CommandUsage<Draft>,
  words: readonly string[],
  draft: Draft,
): readonly string[] {
  try {
    return parseOptions({ options: usage.options, letterPrefixes: [] }, words, draft, ({ isHelp }) => isHelp);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw commandUsageError(usage, error.message, error);
  }
}

/** An error about the words behind a command, which leads to its help. */
export function commandUsageError({ name }: { readonly name: string }, message: string, cause?: unknown): UsageError {
  return new UsageError(message, { hint: `${name} --help lists the options`, cause });
}

/** The text of a command's --help. */
export function commandHelp<Draft extends HelpDraft>(usage: CommandUsage<Draft>, columns: number): string {
  const width = Math.max(40, Math.min(columns, 100));
  const { options } = usage;
  const terms = options.map((option) => option.names.map((name) => optionTerm(name, option)).join(", "));
  const indent = Math.min(32, Math.max(...terms.map((term) => term.length)) + 4);
  const hasSections = new Set(options.map(({ section }) => section)).size > 1;
  const rows = options.flatMap((option, index) => {
    const isFirst = option.section !== options[index - 1]?.section;
    const heading = hasSections && isFirst ? [...(index > 0 ? [""] : []), `${option.section}:`] : [];
    return [...heading, ...helpRow(terms[index] ?? "", option.help, indent, width)];
  });
  const lines = [
    `Usage: ${usage.name} ${usage.synopsis}`,
    "",
    ...usage.about.flatMap((paragraph) => [...wrapWords(paragraph, width), ""]),
    ...rows,
    "",
    ...wrapWords(`Exit statuses: ${usage.statuses}, 70 a bug in postern.`, width),
  ];
  return `${lines.join("\n")}\n`;
}

function helpRow(term: string, help: string, indent: number, width: number): readonly string[] {
  const lines = wrapWords(help, Math.max(20, width - indent)).map((line) => " ".repeat(indent) + line);
  const head = `  ${term}`;
  if (head.length + 2 > indent) return [head, ...lines];
  return [head.padEnd(indent) + (lines[0] ?? "").trimStart(), ...lines.slice(1)];
}
