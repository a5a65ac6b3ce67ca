// `postern diff A B`: says what has changed between two reports. docs/diff.md.
import { compareReports, isEqual } from "../report/compare-reports.js";
import type { DiffContext, NamedReport } from "../report/diff-writer.js";
import { RangesPool } from "../report/port-table.js";
import { SnapshotBuilder } from "../report/snapshot.js";
import type { Command, CommandConsole } from "./command.js";
import { readServiceTable } from "./data-files.js";
import { type DiffSettings, diffHelp, parseDiffArguments } from "./diff-options.js";
import { createMacVendors } from "./mac-vendor.js";
import { openReport } from "./open-report.js";

const EQUAL = 0;
const DIFFERENT = 1;

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
    const a = await resolveReport(settings.a, pool);
    const b = await resolveReport(settings.b, pool);
    return writeDiff(a, b, settings, console);
  },
};

/** What a name on the command line stands for: a file, or standard input. */
async function resolveReport(name: string, pool: RangesPool): Promise<NamedReport> {
  const opened = await openReport(name);
  const builder = new SnapshotBuilder(pool);
  for await (const event of opened.events) builder.take(event);
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
