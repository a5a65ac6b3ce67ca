// `postern history export`: the report of a scan that was kept, written into a file.
import type { CommandConsole } from "../command.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  type HelpDraft,
  type HistoryFileDraft,
  helpOption,
  historyFileOption,
  parseCommandOptions,
} from "../command-options.js";
import { convertReport } from "../convert-command.js";
import { writerFor } from "../convert-options.js";
import type { Option } from "../option.js";
import { momentOf } from "./moment.js";

const WRITTEN = 0;

interface Draft extends HelpDraft, HistoryFileDraft {
  to: string | undefined;
}

const SECTION = "Options";

const EXPORT_OPTIONS: readonly Option<Draft>[] = [
  {
    names: ["--to"],
    value: "FORM",
    help: "write that form, whatever the name of FILE: jsonl, xml, normal, grepable, csv, html",
    section: SECTION,
    apply(draft, value) {
      draft.to = value;
    },
  },
  historyFileOption(SECTION),
  helpOption(SECTION),
];

const USAGE: CommandUsage<Draft> = {
  name: "postern history export",
  synopsis: "[OPTION...] ID FILE",
  about: [
    "Writes the report of a scan into FILE, in the form that its name says; - is standard output. JSON Lines (.jsonl) have all " +
      "that the history has, and postern history import reads them back. An existing FILE is overwritten.",
  ],
  options: EXPORT_OPTIONS,
  statuses:
    "0 it was written, 2 the command line cannot be understood, there is no such scan or FILE cannot be written, 3 the history cannot be read now",
};

/** Exports a scan. */
export async function runHistoryExport(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = { to: undefined, historyFile: undefined, isHelp: false };
  const [id, output, ...more] = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return WRITTEN;
  }
  if (id === undefined || output === undefined || more.length > 0) {
    throw commandUsageError(USAGE, "postern history export takes a scan and a file");
  }
  const { to, historyFile } = draft;
  const writer = writerFor(to, output);
  const looks = { showReason: false, onlyOpen: false, verbosity: 0 };
  await convertReport({ input: momentOf(id), output, writer, historyFile, ...looks }, console);
  return WRITTEN;
}
