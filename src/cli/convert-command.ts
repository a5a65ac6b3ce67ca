// `postern convert IN OUT`: writes a report again in another form. docs/reports.md.
import type { NoticeEvent, StartEvent } from "../model/scan-event.js";
import { printable } from "../report/printable.js";
import type { ReportOptions, ReportSink } from "../report/report-writer.js";
import type { Command, CommandConsole } from "./command.js";
import { type ConvertSettings, convertHelp, parseConvertArguments } from "./convert-options.js";
import { ConvertOutput, refuseSameFile } from "./convert-output.js";
import { readServiceTable } from "./data-files.js";
import { createMacVendors } from "./mac-vendor.js";
import { openSource } from "./open-source.js";

const DONE = 0;

/** Converts a report. */
export const convertCommand: Command = {
  name: "convert",
  summary: "write a report again in another form",
  async run(words, console) {
    const settings = parseConvertArguments(words);
    if (settings === undefined) console.writeOut(convertHelp(console.columns ?? 80));
    else await convertReport(settings, console);
    return DONE;
  },
};

/** Writes the report again. */
export async function convertReport(settings: ConvertSettings, console: CommandConsole): Promise<void> {
  refuseSameFile(settings.input, settings.output);
  const { historyFile, input } = settings;
  const { events } = await openSource(input, { historyFile, environment: console.environment });
  const output = new ConvertOutput(settings.output, console.writeOut);
  let sink: ReportSink | undefined;
  try {
    for await (const event of events) {
      if (event.type === "start") sink = settings.writer.open(optionsOfReport(event, settings));
      if (event.type === "notice") showNotice(event, settings, console);
      output.write(sink?.(event) ?? "");
    }
  } finally {
    output.close();
  }
}

/** What the report's own scan was started with is what the new one shall name. */
export function optionsOfReport(
  { commandLine }: StartEvent,
  { showReason, onlyOpen, verbosity }: Pick<ConvertSettings, "showReason" | "onlyOpen" | "verbosity">,
): ReportOptions {
  const services = readServiceTable();
  return {
    showReason,
    onlyOpen,
    verbosity,
    showNotices: true,
    words: commandLine === undefined ? [] : splitWords(commandLine),
    serviceName: (port, protocol) => services.nameOf(port, protocol),
    vendorOf: createMacVendors(),
  };
}

/** Words as nmap joins them: with a blank between them, in double quotes where one has a blank itself. */
function splitWords(commandLine: string): readonly string[] {
  const words = commandLine.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return words.map((word) => (/^".*"$/s.test(word) ? word.slice(1, -1).replace(/\\(.)/gs, "$1") : word));
}

function showNotice({ level, text }: NoticeEvent, { verbosity }: ConvertSettings, console: CommandConsole): void {
  const isWarning = level === "warning";
  if (isWarning || verbosity > 0) console.writeError(`${isWarning ? "Warning: " : ""}${printable(text)}\n`);
}
