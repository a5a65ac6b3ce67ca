// `postern diff A B`: says what has changed between two reports. docs/diff.md.
import { compareReports, isEqual } from "../report/compare-reports.js";
import type { DiffContext, NamedReport } from "../report/diff-writer.js";
import { RangesPool } from "../report/port-table.js";
import { printable } from "../report/printable.js";
import type { ReadNoticeCode } from "../report/read-notices.js";
import { SnapshotBuilder } from "../report/snapshot.js";
import type { Command, CommandConsole } from "./command.js";
import { readServiceTable } from "./data-files.js";
import { type DiffSettings, diffHelp, parseDiffArguments } from "./diff-options.js";
import { createMacVendors } from "./mac-vendor.js";
import { openSource, type SourcePlaces } from "./open-source.js";

const EQUAL = 0;
const DIFFERENT = 1;

/** What readers say where a report cannot be compared as a whole. */
const INCOMPLETE: ReadonlySet<string> = new Set<ReadNoticeCode>(["cut-report", "left-out", "unknown-ports"]);

/** Compares two reports. */
export const diffCommand: Command = {
  name: "diff",
  summary: "say what has changed between two reports",
  async run(words, console) {
    const settings = parseDiffArguments(words);
    if (settings.isHelp) {
      console.writeOut(diffHelp(console.columns ?? 80));
      return EQUAL;
    }
    const pool = new RangesPool();
    const places: SourcePlaces = { historyFile: settings.historyFile, environment: console.environment };
    const a = await resolveReport(settings.a, pool, places, console);
    const b = await resolveReport(settings.b, pool, places, console);
    return writeDiff(a, b, settings, console);
  },
};

/** What a name on the command line stands for: a file, standard input, or a moment of the history. */
async function resolveReport(
  name: string,
  pool: RangesPool,
  places: SourcePlaces,
  console: CommandConsole,
): Promise<NamedReport> {
  const opened = await openSource(name, places);
  const builder = new SnapshotBuilder(pool);
  for await (const event of opened.events) {
    if (event.type === "notice" && INCOMPLETE.has(event.code)) {
      console.writeError(printable(`Warning: ${opened.name}: ${event.text}`).concat("\n"));
    }
    builder.take(event);
  }
  return { name: opened.name, snapshot: builder.build() };
}

function writeDiff(a: NamedReport, b: NamedReport, settings: DiffSettings, console: CommandConsole): number {
  const services = readServiceTable();
  const options = { by: settings.by, onlyOpen: settings.onlyOpen, isSameWanted: settings.isVerbose };
  const context: DiffContext = {
    a,
    b,
    options,
    serviceName: (port, protocol) => services.nameOf(port, protocol),
    vendorOf: createMacVendors(),
  };
  const sink = settings.writer.open(context);
  const write = (text: string) => {
    if (text !== "") console.writeOut(text);
  };
  write(sink.begin());
  const hosts = compareReports(a.snapshot, b.snapshot, options);
  for (;;) {
    const { value, done } = hosts.next();
    if (done === true) {
      write(sink.end(value));
      return isEqual(value) ? EQUAL : DIFFERENT;
    }
    write(sink.host(value));
  }
}
