// `postern history`: the scans that were kept. docs/history.md.
import type { Command } from "../command.js";
import { type CommandPart, commandOfParts } from "../command-of-parts.js";

const PARTS: ReadonlyMap<string, CommandPart> = new Map<string, CommandPart>([
  [
    "list",
    {
      summary: "which scans there are, by time, host, open port or service",
      run: async (words, console) => (await import("./history-list-command.js")).runHistoryList(words, console),
    },
  ],
  [
    "show",
    {
      summary: "the report of a scan, in any form",
      run: async (words, console) => (await import("./history-show-command.js")).runHistoryShow(words, console),
    },
  ],
  [
    "export",
    {
      summary: "write the report of a scan into a file",
      run: async (words, console) => (await import("./history-export-command.js")).runHistoryExport(words, console),
    },
  ],
  [
    "import",
    {
      summary: "put reports into the history, of postern, nmap or masscan",
      run: async (words, console) => (await import("./history-import-command.js")).runHistoryImport(words, console),
    },
  ],
  [
    "prune",
    {
      summary: "take old scans out",
      run: async (words, console) => (await import("./history-prune-command.js")).runHistoryPrune(words, console),
    },
  ],
]);

/** The history. */
export const historyCommand: Command = commandOfParts({
  name: "history",
  summary: "list, show, export, import and prune the scans that were kept",
  parts: PARTS,
  about: [
    "Each has its own --help. A scan is kept with --history, or with history: true in postern.yaml.",
    "Its number, @latest, @previous, @2026-11-20 and @latest~3 name a scan, here and in postern diff and convert.",
  ],
});
