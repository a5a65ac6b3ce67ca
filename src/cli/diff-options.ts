// The options of `postern diff`, and its help.
import { UsageError } from "../model/errors.js";
import { DIFF_WRITERS } from "../report/diff-forms.js";
import type { DiffWriter } from "../report/diff-writer.js";
import { quote } from "../target/fault.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  helpOption,
  historyFileOption,
  parseCommandOptions,
} from "./command-options.js";
import type { Option } from "./option.js";

const MATCHES = ["address", "mac", "name"] as const;

/** What the command line of `postern diff` asks for. */
export interface DiffSettings {
  readonly writer: DiffWriter;
  readonly by: (typeof MATCHES)[number];
  readonly onlyOpen: boolean;
  readonly isVerbose: boolean;
  /** The history's file; undefined for the usual one. */
  readonly historyFile: string | undefined;
  readonly isHelp: boolean;
  /** The names of the two reports; of no use where help is asked for. */
  readonly a: string;
  readonly b: string;
}

type Draft = { -readonly [Key in Exclude<keyof DiffSettings, "a" | "b">]: DiffSettings[Key] };

const SECTION = "Options";

const DIFF_OPTIONS: readonly Option<Draft>[] = [
  ...DIFF_WRITERS.map((writer): Option<Draft> => {
    const apply = (draft: Draft) => {
      draft.writer = writer;
    };
    return { names: [writer.option], value: undefined, help: writer.summary, section: SECTION, apply };
  }),
  {
    names: ["--open"],
    value: undefined,
    help: "only what concerns ports that are or were open, or perhaps open",
    section: SECTION,
    apply(draft) {
      draft.onlyOpen = true;
    },
  },
  {
    names: ["--by"],
    value: "WHAT",
    help: `by what hosts are the same: ${MATCHES.join(", ")}`,
    section: SECTION,
    apply(draft, value) {
      const by = MATCHES.find((name) => name === value);
      if (by === undefined) throw new UsageError(`--by takes one of ${MATCHES.join(", ")}, not ${quote(value)}`);
      draft.by = by;
    },
  },
  {
    names: ["-v", "--verbose"],
    value: undefined,
    help: "also what is the same, and what cannot be compared, each with its reason",
    section: SECTION,
    apply(draft) {
      draft.isVerbose = true;
    },
  },
  historyFileOption(SECTION),
  helpOption(SECTION),
];

const USAGE: CommandUsage<Draft> = {
  name: "postern diff",
  synopsis: "[OPTION...] A B",
  about: [
    "Says what is new, gone and changed in report B against report A. Each may have any form that postern reads; " +
      "- is standard input, @latest, @previous, @12 and @2026-11-20 are scans of the history. What a scan could not see, since it lost packets, was stopped or did not ask, is no change.",
  ],
  options: DIFF_OPTIONS,
  statuses:
    "0 nothing has changed, 1 something has, 2 the command line or a report cannot be understood, 3 it could not be done",
};

/**
 * Reads the words behind `postern diff`.
 *
 * @throws UsageError when they cannot be understood
 */
export function parseDiffArguments(words: readonly string[]): DiffSettings {
  const [writer] = DIFF_WRITERS;
  const draft: Draft = {
    writer,
    by: "address",
    onlyOpen: false,
    isVerbose: false,
    historyFile: undefined,
    isHelp: false,
  };
  const files = parseCommandOptions(USAGE, words, draft);
  const [a, b, ...more] = files;
  if (draft.isHelp) return { ...draft, a: "", b: "" };
  if (a === undefined || b === undefined || more.length > 0) {
    throw commandUsageError(USAGE, `postern diff compares two reports, and was given ${files.length}`);
  }
  if (a === "-" && b === "-")
    throw commandUsageError(USAGE, "only one of the two reports can come from standard input");
  return { ...draft, a, b };
}

/** The text of `postern diff --help`. */
export function diffHelp(columns: number): string {
  return commandHelp(USAGE, columns);
}
