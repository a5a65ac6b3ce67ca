// `postern history list`: which scans there are.
import { type Column, fittedTable } from "../../report/fitted-table.js";
import { jsonText } from "../../report/json-text.js";
import { printable } from "../../report/printable.js";
import { durationText, groupDigits } from "../../report/quantity.js";
import { findScans, type HistoryScan } from "../../store/history-scans.js";
import type { CommandConsole } from "../command.js";
import { listHelp, parseListArguments } from "./history-list-options.js";
import { openHistory } from "./history-place.js";
import { localMinute } from "./history-time.js";
import { READ_WAIT_MS } from "./open-moment.js";

const LISTED = 0;

const COLUMNS: readonly Column[] = [
  { head: "ID", weight: 9 },
  { head: "START", weight: 8 },
  { head: "TOOK", weight: 3 },
  { head: "UP", weight: 4 },
  { head: "OPEN", weight: 5 },
  { head: "STATE", weight: 7 },
  { head: "FROM", weight: 1, widthMin: 8 },
  { head: "BY", weight: 2 },
  { head: "COMMAND", weight: 6, widthMin: 20 },
];

/** Lists the scans. */
export function runHistoryList(words: readonly string[], console: CommandConsole): Promise<number> {
  const nowMs = Date.now();
  const settings = parseListArguments(words, nowMs);
  if (settings.isHelp) {
    console.writeOut(listHelp(console.columns ?? 80));
    return Promise.resolve(LISTED);
  }
  const { historyFile: named, filter, limit, isJson } = settings;
  const database = openHistory({ named, environment: console.environment }, READ_WAIT_MS, "read");
  try {
    const scans: HistoryScan[] = [];
    let isMore = false;
    for (const scan of findScans(database, filter, nowMs)) {
      isMore = scans.length >= limit;
      if (isMore) break;
      scans.push(scan);
    }
    console.writeOut(isJson ? listJson(database.path, scans, isMore) : listText(scans, console.columns));
    if (isMore && !isJson) console.writeError(`There are more: --limit ${limit * 5}, or --limit 0 for all.\n`);
  } finally {
    database.close();
  }
  return Promise.resolve(LISTED);
}

function listText(scans: readonly HistoryScan[], columns: number | undefined): string {
  if (scans.length === 0) return "No scan of the history fits.\n";
  const rows = scans.map((scan) => [
    String(scan.id),
    localMinute(scan.startedAtMs),
    scan.endedAtMs === undefined ? "" : durationText(scan.endedAtMs - scan.startedAtMs),
    groupDigits(scan.hostCount),
    groupDigits(scan.openCount),
    scan.state,
    printable(scan.vantage),
    printable(`${scan.scanner} ${scan.version}`),
    printable(scan.command),
  ]);
  return `${fittedTable(COLUMNS, rows, columns).join("\n")}\n`;
}

/** One line a scan, so that it can be read and compared. */
function listJson(file: string, scans: readonly HistoryScan[], isMore: boolean): string {
  const head = { format: "postern-history", formatVersion: 1, file, isMore };
  const lines = scans.map(({ startedAtMs, endedAtMs, exitStatus = null, ...scan }) =>
    jsonText({
      ...scan,
      startedAt: isoTime(startedAtMs),
      endedAt: endedAtMs === undefined ? null : isoTime(endedAtMs),
      exitStatus,
    }),
  );
  return `${jsonText(head).slice(0, -1)},"scans":[\n${lines.join(",\n")}\n]}\n`;
}

/** A file may have any number for a time. */
function isoTime(atMs: number): string | null {
  return new Date(atMs).toJSON();
}
