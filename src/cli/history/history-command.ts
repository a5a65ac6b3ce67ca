// `postern history`: the scans that were kept. docs/history.md.
import { UsageError } from "../../model/errors.js";
import { quote } from "../../target/fault.js";
import { nearest } from "../../target/nearest.js";
import type { Command, CommandConsole } from "../command.js";

/** One part of it. */
interface Part {
  readonly summary: string;
  run(words: readonly string[], console: CommandConsole): Promise<number>;
}

const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
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
export const historyCommand: Command = {
  name: "history",
  summary: "list, show, export, import and prune the scans that were kept",
  async run(words, console) {
    const [name = "", ...rest] = words;
    const part = PARTS.get(name);
    if (part !== undefined) return part.run(rest, console);
    if (name === "-h" || name === "--help") {
      console.writeOut(helpText());
      return 0;
    }
    throw unknownPart(name);
  },
};

function unknownPart(name: string): UsageError {
  const names = [...PARTS.keys()];
  if (name === "") return new UsageError(`postern history needs one of ${names.join(", ")}`, { hint: HINT });
  const meant = nearest(name, names);
  const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
  return new UsageError(`postern history has no ${quote(name)}${guess}`, { hint: HINT });
}

const HINT = "postern history --help lists them";

function helpText(): string {
  const rows = [...PARTS].map(([name, { summary }]) => `  postern history ${name.padEnd(6)} ${summary}`);
  return [
    "Usage:",
    ...rows,
    "",
    "Each has its own --help. A scan is kept with --history, or with history: true in postern.yaml.",
    "Its number, @latest, @previous, @2026-11-20 and @latest~3 name a scan, here and in postern diff and convert.",
    "",
  ].join("\n");
}
