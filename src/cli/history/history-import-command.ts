// `postern history import`: reports of any form that postern reads, put into the history.

import type { StartEvent } from "../../model/scan-event.js";
import { printable } from "../../report/printable.js";
import type { HistoryDatabase } from "../../store/history-database.js";
import { removeScan, scanOfStart } from "../../store/history-scans.js";
import { HistoryWriter } from "../../store/history-writer.js";
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
import { openReport } from "../open-report.js";
import type { Option } from "../option.js";
import { openHistory } from "./history-place.js";

const TAKEN = 0;
/** A transaction holds up scans that run: none is long. */
const FLUSH_EVERY_MS = 500;
/** Nobody waits for the import, so it waits for the others. */
const WAIT_MS = 30_000;

interface Draft extends HelpDraft, HistoryFileDraft {
  vantage: string;
}

const SECTION = "Options";

const IMPORT_OPTIONS: readonly Option<Draft>[] = [
  {
    names: ["--vantage"],
    value: "NAME",
    help: "the machine that scanned, which reports do not say",
    section: SECTION,
    apply(draft, value) {
      draft.vantage = value;
    },
  },
  historyFileOption(SECTION),
  helpOption(SECTION),
];

const USAGE: CommandUsage<Draft> = {
  name: "postern history import",
  synopsis: "[OPTION...] FILE...",
  about: [
    "Puts reports of any form that postern reads into the history; - is standard input. A report that is there already is passed " +
      "over. One that cannot be read to its end leaves nothing behind.",
  ],
  options: IMPORT_OPTIONS,
  statuses: "0 all are there, 2 the command line or a report cannot be understood, 3 the history cannot be written now",
};

/** Imports reports. */
export async function runHistoryImport(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = { vantage: "", historyFile: undefined, isHelp: false };
  const files = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return TAKEN;
  }
  if (files.length === 0) throw commandUsageError(USAGE, "postern history import takes a report");
  const database = openHistory({ named: draft.historyFile, environment: console.environment }, WAIT_MS, "write");
  try {
    for (const file of files) await importReport(file, draft.vantage, database, console);
    database.checkpoint();
  } finally {
    database.close();
  }
  return TAKEN;
}

async function importReport(
  file: string,
  vantage: string,
  database: HistoryDatabase,
  console: CommandConsole,
): Promise<void> {
  const { name, events } = await openReport(file);
  const writer = new HistoryWriter(database, { origin: "import", vantage });
  let flushedAtMs = Date.now();
  try {
    for await (const event of events) {
      if (event.type === "start" && isKnown(event, name, database, console)) return;
      if (event.type === "notice" && event.level === "warning") {
        console.writeError(printable(`Warning: ${name}: ${event.text}`).concat("\n"));
      }
      writer.take(event);
      const nowMs = Date.now();
      if (nowMs - flushedAtMs < FLUSH_EVERY_MS) continue;
      writer.flush(nowMs);
      flushedAtMs = nowMs;
    }
    writer.end(Date.now(), { exitStatus: undefined });
  } catch (error) {
    if (writer.scanId !== undefined) removeScan(database, writer.scanId);
    throw error;
  }
  console.writeOut(`scan ${writer.scanId}: ${printable(name)}\n`);
}

function isKnown(start: StartEvent, name: string, database: HistoryDatabase, console: CommandConsole): boolean {
  const id = scanOfStart(database, start);
  if (id !== undefined) console.writeOut(`scan ${id}: ${printable(name)} (it was there already)\n`);
  return id !== undefined;
}
