// The scan command in nmap's name: what programs that drive nmap look for on its standard output, its standard error and in
// its exit status. Forms as nmap 7.93 has them, as a black box; what is the same and what is not: docs/drop-in.md.
import { canUseRawSockets } from "../linux/capabilities.js";
import { monotonicClock } from "../linux/clock.js";
import { InternalError, PosternError, PrivilegeError, UnreachableError } from "../model/errors.js";
import type { DoneEvent, StartEvent } from "../model/scan-event.js";
import { NMAP_URL, NMAP_VERSION, VERSION } from "../model/version.js";
import { printable } from "../report/printable.js";
import { wrapWords } from "../report/wrap-words.js";
import { type NmapArguments, parseNmapArguments, UnknownOptionError } from "./as-nmap-options.js";
import { NmapStreams } from "./as-nmap-streams.js";
import { versionText } from "./called-as.js";
import { SCAN_EXIT } from "./exit-status.js";
import { helpText } from "./help.js";
import { interfaceList } from "./interface-list.js";
import { Presenter } from "./presenter.js";
import { loadWriters, ReportFiles, STANDARD_OUTPUT } from "./report-files.js";
import { NO_COUNTS } from "./run-ledger.js";
import { type Console, looksOf, runScan } from "./scan-command.js";
import type { ScanSettings } from "./scan-settings.js";

/** Scans that were interrupted end by the signal, as nmap does: shells and programs tell them from failures by that. */
export type NmapEnd = number | "SIGINT" | "SIGTERM";

/** Runs the words as nmap does. Only what is our bug is thrown. */
export async function runAsNmap(words: readonly string[], console: Console, helpColumns: number): Promise<NmapEnd> {
  try {
    const canSendRaw = canUseRawSockets();
    const given = parseNmapArguments(words, canSendRaw);
    const { settings } = given;
    if (settings.action === "version") {
      console.writeOut(versionText());
      return SCAN_EXIT.done;
    }
    if (settings.action === "help" || words.length === 0) {
      console.writeOut(nmapHelp(helpColumns));
      return words.length === 0 ? SCAN_EXIT.usage : SCAN_EXIT.done;
    }
    if (settings.action === "iflist") {
      console.writeOut(interfaceList());
      return SCAN_EXIT.done;
    }
    refuseUnprivileged(given, settings.privileged ?? canSendRaw);
    return await scanAsNmap(given, console);
  } catch (error) {
    if (!(error instanceof PosternError) || error instanceof InternalError) throw error;
    console.writeError(quitText(error));
    return error instanceof UnknownOptionError ? SCAN_EXIT.usage : SCAN_EXIT.failed;
  }
}

async function scanAsNmap({ settings, unheeded }: NmapArguments, console: Console): Promise<NmapEnd> {
  const isOutTaken = settings.reports.some(({ path }) => path === STANDARD_OUTPUT);
  const streams = new NmapStreams(console, isOutTaken);
  if (unheeded.length > 0) streams.writeAside(unheededNote(unheeded));
  let interrupts: AbortSignal | undefined;
  const asNmap: Console = {
    ...console,
    program: "nmap",
    columns: undefined, // no line of progress: nmap shows none unasked
    writeOut: (text) => streams.writeOut(text),
    writeError: (text) => streams.writeAside(text),
    watchInterrupts: () => {
      interrupts = console.watchInterrupts();
      return interrupts;
    },
    parseWords: (words) => parseNmapArguments(words, canUseRawSockets()).settings,
    passOver: (target) => streams.writeError(`Failed to resolve "${printable(target)}".\n`),
  };
  try {
    if (!hasTargets(settings)) throw new UnreachableError("no target was named");
    const status = await runScan(settings, asNmap);
    if (interrupts?.aborted === true) return endBy(interrupts.reason);
    // Where no target can be reached, nmap has done what was asked all the same.
    return status === SCAN_EXIT.failed ? SCAN_EXIT.done : status;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    await writeEmptyReports(settings, asNmap);
    streams.writeError("WARNING: No targets were specified, so 0 hosts scanned.\n");
    return SCAN_EXIT.done;
  }
}

function endBy(reason: unknown): NmapEnd {
  return reason === "SIGINT" || reason === "SIGTERM" ? reason : SCAN_EXIT.failed;
}

function hasTargets({ targetTexts, inputLists, links, resumeFile }: ScanSettings): boolean {
  return targetTexts.length > 0 || inputLists.length > 0 || links.length > 0 || resumeFile !== undefined;
}

/** Reports of nothing, whole all the same: programs read them without a look at the status. */
async function writeEmptyReports(settings: ScanSettings, console: Console): Promise<void> {
  const known = { program: "nmap", serviceName: () => undefined } as const;
  const options = { ...known, ...looksOf(settings), words: ["nmap", ...console.words] };
  const { reports, isAppended } = settings;
  const writers = await loadWriters(reports);
  const files = new ReportFiles(reports, { writers, options, isAppended, writeOut: console.writeOut });
  const presenter = new Presenter(settings, console, known);
  try {
    for (const event of emptyScan(monotonicClock.isoNow())) {
      presenter.show(event);
      files.take(event);
    }
  } finally {
    files.close();
  }
}

function emptyScan(at: string): readonly [StartEvent, DoneEvent] {
  const loss = { lossShare: 0, missedEstimate: 0 };
  return [
    {
      type: "start",
      version: VERSION,
      startedAt: at,
      targets: [],
      addressCount: 0,
      portCount: 0,
      portScans: [],
      seed: 0,
    },
    { type: "done", finishedAt: at, elapsedMs: 0, counts: NO_COUNTS, loss, isAborted: false },
  ];
}

/** Before anything is written: programs look for "requires root privileges". */
function refuseUnprivileged({ settings, isOsAsked }: NmapArguments, canSendRaw: boolean): void {
  if (canSendRaw || settings.resumeFile !== undefined) return;
  const isRaw = settings.techniques.some((name) => name !== "tcp-connect") || settings.scanFlags !== undefined;
  if (isRaw) throw new PrivilegeError("You requested a scan type which requires root privileges.");
  if (isOsAsked) throw new PrivilegeError("-O requires root privileges.");
}

function unheededNote(unheeded: readonly string[]): string {
  return `Note: ${unheeded.join(", ")}: postern identifies no services or systems; SERVICE is what is registered for a port.\n`;
}

/** A word that is no option ends in a pointer to help, everything else in nmap's last word. */
function quitText(error: PosternError): string {
  const hint = error.hint === undefined ? [] : [`  ${error.hint}`];
  const lines =
    error instanceof UnknownOptionError
      ? [`nmap: ${error.message}`, "See the output of nmap -h for a summary of options."]
      : [error.message, ...hint, "QUITTING!"];
  return `${lines.map(printable).join("\n")}\n`;
}

/** What options do is the same in both names, but for those that help calls refused. */
function nmapHelp(columns: number): string {
  const help = helpText(columns).replace("Usage: postern", "Usage: nmap");
  const taken = "Called as nmap, it takes the options of services, scripts and systems without effect.";
  return `Nmap ${NMAP_VERSION} ( ${NMAP_URL} )\n${help}\n${wrapWords(taken, columns).join("\n")}\n`;
}
