// `postern history show`: the report of a scan that was kept.
import { InputError } from "../../model/errors.js";
import { jsonText } from "../../report/json-text.js";
import { normal } from "../../report/normal.js";
import { planOf } from "../../store/history-scans.js";
import { toJson } from "../../store/plain-data.js";
import type { CommandConsole } from "../command.js";
import { convertReport, optionsOfReport } from "../convert-command.js";
import { loadWriters, ReportFiles } from "../report-files.js";
import { openHistory } from "./history-place.js";
import { parseShowArguments, type ShowSettings, showHelp } from "./history-show-options.js";
import { scanOfMoment } from "./moment.js";
import { openMoment, READ_WAIT_MS } from "./open-moment.js";

const SHOWN = 0;
const STANDARD_OUTPUT = "-";

/** Shows a scan. */
export async function runHistoryShow(words: readonly string[], console: CommandConsole): Promise<number> {
  const settings = parseShowArguments(words);
  if (settings.isHelp) console.writeOut(showHelp(console.columns ?? 80));
  else if (settings.isPlanShown) showPlan(settings, console);
  else if (settings.reports.length > 0) await writeReports(settings, console);
  else await convertReport({ ...settings, input: settings.moment, output: STANDARD_OUTPUT, writer: normal }, console);
  return SHOWN;
}

function showPlan({ moment, historyFile: named }: ShowSettings, console: CommandConsole): void {
  const database = openHistory({ named, environment: console.environment }, READ_WAIT_MS, "read");
  try {
    const { id } = scanOfMoment(database, moment, Date.now());
    const plan = planOf(database, id);
    if (plan === undefined) throw new InputError(`of scan ${id} no plan was kept`, { file: database.path });
    console.writeOut(`${jsonText(toJson(plan))}\n`);
  } finally {
    database.close();
  }
}

async function writeReports(settings: ShowSettings, console: CommandConsole): Promise<void> {
  const { moment, historyFile: named, reports, isAppended, stylesheet } = settings;
  const { events } = openMoment(moment, { named, environment: console.environment });
  const writers = await loadWriters(reports);
  let files: ReportFiles | undefined;
  try {
    for await (const event of events) {
      if (event.type === "start") {
        const options = { ...optionsOfReport(event, settings), ...(stylesheet !== undefined && { stylesheet }) };
        const startedAt = new Date(event.startedAt);
        files = new ReportFiles(reports, { writers, options, isAppended, startedAt, writeOut: console.writeOut });
      }
      files?.take(event);
    }
  } finally {
    files?.close();
  }
  if (files?.fault !== undefined) throw files.fault;
}
