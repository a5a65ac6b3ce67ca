// A scan that goes on from a report, as far as every scan must know of it: all else is loaded where there is such a report.
import { printable } from "../report/printable.js";
import { countOf } from "../report/quantity.js";
import type { ReportOptions } from "../report/report-writer.js";
import { parseAddress } from "../target/address.js";
import { singleBlock } from "../target/address-block.js";
import type { MadePlan } from "./make-plan.js";
import { loadWriters, ReportFiles } from "./report-files.js";
import type { ResumedReport } from "./resume-report.js";
import type { Console } from "./scan-command.js";
import { parseScanArguments } from "./scan-options.js";
import type { ScanSettings } from "./scan-settings.js";

/** What a report says that is to be gone on with; undefined without one. Tells what goes on, since a file has said it. */
export async function readResumed(given: ScanSettings, console: Console): Promise<ResumedReport | undefined> {
  if (given.resumeFile === undefined) return undefined;
  const { isReport, readResumedReport } = await import("./resume-report.js");
  if (!isReport(given.resumeFile)) return undefined;
  const resumed = await readResumedReport(given, given.resumeFile, console.parseWords ?? parseScanArguments);
  const { commandLine, finished, isDone, warnings } = resumed;
  if (isDone) return resumed;
  const files = resumed.files.map(({ path }) => path).join(", ");
  console.writeError(`${printable(`Going on with: ${commandLine}`)}\n`);
  console.writeError(`${printable(`Done before: ${countOf(finished.size, "host")}, in ${files}`)}\n`);
  for (const warning of warnings) console.writeError(`${printable(`Warning: ${warning}`)}\n`);
  return resumed;
}

/** The files of a report that is gone on with, or new ones. */
export async function openReports(
  { reports, isAppended }: ScanSettings,
  options: ReportOptions,
  { writeOut }: Console,
  resumed: ResumedReport | undefined,
): Promise<Pick<ReportFiles, "fault" | "take" | "close">> {
  const writers = await loadWriters(reports);
  if (resumed === undefined) return new ReportFiles(reports, { writers, options, isAppended, writeOut });
  const { ResumedReportFiles } = await import("./resumed-report-files.js");
  const { files, program, finished, commandLine } = resumed;
  const isKept = (address: string): boolean => finished.has(address);
  return ResumedReportFiles.open({ files, writers, options: { ...options, program }, commandLine, isKept });
}

/** Hosts that are done are probed no more: nothing can lead to them. */
export function withoutFinished(made: MadePlan, resumed: ResumedReport): MadePlan {
  const { targets } = made.plan;
  const done = [...resumed.finished.keys()].flatMap((text) => parseAddress(text) ?? []).map(singleBlock);
  return { ...made, plan: { ...made.plan, targets: { ...targets, excluded: [...targets.excluded, ...done] } } };
}
