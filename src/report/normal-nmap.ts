// The normal report in nmap's name: its first and last lines, and what else programs look for in them. Forms as nmap 7.93
// writes them to a terminal and, with other first and last lines, into a file (nmap reference guide, Output, -oN).
import type { CompactScanEvent, DoneEvent, HostFacts, LossReport, ScanEvent, StartEvent } from "../model/scan-event.js";
import { NMAP_URL, NMAP_VERSION } from "../model/version.js";
import { initiatedLine, nmapReason, scannedText, speakerOf } from "./nmap-words.js";
import { printable } from "./printable.js";
import { countOf, percentAbout } from "./quantity.js";
import type { ReportOptions } from "./report-writer.js";
import { calendarText, minuteText } from "./scan-time.js";

/** From half a port on it is to be expected that one is wrong. */
const LOSSY_ESTIMATE = 0.5;

/** The event with nmap's word for its reason, so that ports which nmap takes for alike are counted together. */
export function inNmapWords(event: ScanEvent | CompactScanEvent): ScanEvent | CompactScanEvent {
  switch (event.type) {
    case "host":
      return { ...event, host: { ...event.host, reason: nmapReason(event.host.reason) } };
    case "port":
      return { ...event, result: { ...event.result, reason: nmapReason(event.result.reason) } };
    case "port-run":
      return { ...event, result: { ...event.result, reason: nmapReason(event.result.reason) } };
    default:
      return event;
  }
}

/** The first line. */
export function nmapStart(event: StartEvent, options: ReportOptions): string {
  if (isFile(options)) return fileStart(event, options);
  return `${printable(`Starting Nmap ${NMAP_VERSION} ( ${NMAP_URL} ) at ${minuteText(event.startedAt)}`)}\n`;
}

/** The first line of a file, in both names: from the command line in it --resume goes on. */
export function fileStart(event: StartEvent, { program, words = [] }: ReportOptions): string {
  return `# ${printable(initiatedLine(speakerOf(program, event), event.startedAt, words))}\n`;
}

/** A host that is down, behind its title. */
export function nmapDown({ reason }: HostFacts, options: ReportOptions): string {
  return options.showReason ? `[host down, received ${reason}]` : "[host down]";
}

/** What follows the last host. Without "Nmap done" a report is partial: programs tell it by that. */
export function nmapEnd(done: DoneEvent, options: ReportOptions): string {
  const text = lossyLine(done.loss) + dataLine(options);
  const result = scannedText(done);
  if (done.isAborted) {
    const line = `The scan was interrupted: this report is partial. ${result}`;
    return `${text}${isFile(options) ? "# " : ""}${line}\n`;
  }
  const head = isFile(options) ? `# Nmap done at ${printable(calendarText(done.finishedAt))} -- ` : "Nmap done: ";
  return `${text}${head}${result}\n`;
}

/** Said when the only host did not answer; people search for its first words. */
export const NMAP_SEEMS_DOWN = "Note: Host seems down. If it is up and only ignores such questions, use -Pn\n";

/** True for a report that is read later rather than as it comes. */
export function isFile(options: ReportOptions): boolean {
  return options.showNotices === true;
}

function lossyLine({ lossShare, missedEstimate }: LossReport): string {
  if (missedEstimate < LOSSY_ESTIMATE) return "";
  const share = percentAbout(lossShare);
  const ports = countOf(Math.max(1, Math.round(missedEstimate)), "port");
  return `Warning: ${share} of probes or answers were lost; about ${ports} may be wrongly called filtered.\n`;
}

function dataLine({ verbosity, dataFolder }: ReportOptions): string {
  return verbosity > 0 && dataFolder !== undefined ? `Read data files from: ${printable(dataFolder)}\n` : "";
}
