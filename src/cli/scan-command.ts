// The scan command: `postern TARGET…`. Runs a plan, new or from a journal, and shows what it finds.
import process from "node:process";
import { monotonicClock } from "../linux/clock.js";
import { resolveName } from "../linux/resolve.js";
import { createReverseResolver } from "../linux/reverse-resolver.js";
import { randomWords } from "../linux/secret.js";
import type { InputError } from "../model/errors.js";
import type { CompactScanEvent, DoneEvent, NoticeEvent } from "../model/scan-event.js";
import type { TracedPacket } from "../model/traced-packet.js";
import { VERSION } from "../model/version.js";
import { printable } from "../report/printable.js";
import type { ReportOptions } from "../report/report-writer.js";
import { nameHosts } from "../scan/name-hosts.js";
import { scanCompactly } from "../scan/scan.js";
import type { Journal } from "../store/journal-reader.js";
import type { RunFacts } from "../store/journal-record.js";
import { JournalWriter } from "../store/journal-writer.js";
import { targetCount } from "../target/target-set.js";
import { dataFolder } from "./data-files.js";
import { messageOf, SCAN_EXIT } from "./exit-status.js";
import type { ScanRecorder } from "./history/scan-recorder.js";
import { journaled, replayed, withAllUp, withoutEmptyJournal, withoutRepeats } from "./journal-stages.js";
import { type KeyInput, KeyListener } from "./keys.js";
import { findOnLink } from "./link-finder.js";
import { createMacVendors } from "./mac-vendor.js";
import { type MadePlan, makePlan, type PlanMeans } from "./make-plan.js";
import { openPortTables, type PortTables } from "./port-tables.js";
import { type KnownToReports, Presenter, type Streams } from "./presenter.js";
import { rateWarning } from "./rate-warning.js";
import { type ReportFiles, STANDARD_OUTPUT } from "./report-files.js";
import { makeResumePlan } from "./resume-plan.js";
import type { ResumedReport } from "./resume-report.js";
import { openReports, readResumed, withoutFinished } from "./resume-scan.js";
import { goneOnWith } from "./resume-stages.js";
import { RunLedger } from "./run-ledger.js";
import type { ScanHours } from "./scan-hours.js";
import { ScanLog } from "./scan-log.js";
import type { ScanSettings } from "./scan-settings.js";
import { scopeMeans } from "./scope-means.js";
import { withSettingsFile } from "./settings-file.js";

/** Up to so many hosts are scanned in the program's own thread. */
const CALLER_HOSTS_MAX = 16;

/** Only Linux is asked for its interfaces. */
const linkMeans: Pick<PlanMeans, "findLinkHosts"> = process.platform === "linux" ? { findLinkHosts: findOnLink } : {};

/** The process as the command sees it. */
export interface Console extends Streams {
  /** The words of the command line, for the journal. */
  readonly words: readonly string[];
  /** In whose name reports speak; postern's by default. */
  readonly program?: "postern" | "nmap";
  /** Reads the words of a command line that a report names; as postern reads its own by default. */
  parseWords?(words: readonly string[]): ScanSettings;
  /** Takes what is no target, as nmap does; without it such a word is an error. */
  passOver?(target: string): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted at the user's first interrupt from now on; until it is asked for, an interrupt ends the process. */
  watchInterrupts(): AbortSignal;
  /** Puts a question to whoever sits there; undefined where nobody does. The answer is undefined where input has ended. */
  readonly ask?: ((question: string) => Promise<string | undefined>) | undefined;
  /** What an interrupt by key does: the same as one by signal. */
  interrupt(): void;
  /** There are reports in files now, which must end as they should even if nobody reads standard output any more. */
  keepReports(): void;
  /** Stops the process until it is told to go on. */
  suspend(): void;
  /** The keyboard; undefined where there is none, or where it is not ours. Says when the process ends, or goes on. */
  openKeys(onExit: () => void, onContinue: () => void): KeyInput | undefined;
}

/** Scans. Returns the exit status; an error is thrown. */
export async function runScan(given: ScanSettings, console: Console): Promise<number> {
  const resumed = await readResumed(given, console);
  if (resumed?.isDone === true) {
    console.writeOut(
      `Nothing is left to scan: ${printable(given.resumeFile ?? "")} is the report of a scan that was done.\n`,
    );
    return SCAN_EXIT.done;
  }
  const settings = await withSettingsFile(resumed?.settings ?? given, console);
  const hours = await beginHours(settings);
  try {
    const status = await scan(settings, console, resumed, hours === undefined ? [] : [hours.signal]);
    if (hours?.fault !== undefined) throw hours.fault;
    return status;
  } finally {
    hours?.close();
  }
}

/**
 * Watches the hours of the settings file. A list of targets (-sL) sends no probe.
 *
 * @throws ScopeError outside of them
 */
async function beginHours({ policy, pingMode }: ScanSettings): Promise<ScanHours | undefined> {
  if (policy?.limits.hours === undefined || pingMode === "list") return undefined;
  const { ScanHours } = await import("./scan-hours.js");
  return ScanHours.begin(policy);
}

async function scan(
  settings: ScanSettings,
  console: Console,
  resumed: ResumedReport | undefined,
  ends: readonly AbortSignal[],
): Promise<number> {
  const tables = openPortTables(settings);
  const made = await planFor(settings, console, tables, resumed);
  const program = console.program ?? "postern";
  const known: KnownToReports = {
    program,
    dataFolder: settings.dataDirectory ?? dataFolder(),
    serviceName: (port, protocol) => tables.services().nameOf(port, protocol),
    vendorOf: createMacVendors(),
  };
  const options: ReportOptions = { ...known, ...looksOf(settings), words: [program, ...console.words] };
  const { reports } = settings;
  const files = await openReports(settings, options, console, resumed);
  if (reports.some(({ path }) => path !== STANDARD_OUTPUT)) console.keepReports();
  const presenter = new Presenter(settings, console, known);
  for (const warning of [...tables.warnings, ...made.warnings]) presenter.warn(warning);
  const skips = new Set<() => void>();
  const keys = openKeys(settings, console, presenter, skips);
  const resolver = createReverseResolver({
    kind: settings.dns.isSystem ? "system" : "servers",
    servers: settings.dns.servers,
  });
  const outOfRoom = new AbortController();
  let status = SCAN_EXIT.failed;
  let done: DoneEvent | undefined;
  const recorder = await beginRecord(settings, console, made, presenter);
  const log = await beginLog(settings, console, made);
  try {
    const signal = AbortSignal.any([console.watchInterrupts(), outOfRoom.signal, ...ends]);
    keys?.start();
    const found = scanCompactly(made.plan, {
      signal,
      thread: threadFor(made),
      onSkip: (skip) => {
        skips.add(skip);
        return () => skips.delete(skip);
      },
      ...(settings.isPacketTraced && { onPacket: (packet: TracedPacket) => presenter.showPacket(packet) }),
    });
    const isForAll = settings.dns.scope === "all" || made.plan.ping === "list";
    const named = settings.dns.scope === "none" ? found : nameHosts(found, resolver, { isForAll, signal });
    const told = resumed === undefined ? withJournal(named, settings, console, made) : goneOnWith(named, resumed);
    done = await follow(told, presenter, { files, recorder }, () => outOfRoom.abort());
    if (done === undefined || !isFailure(done)) status = SCAN_EXIT.done;
    const slow = done === undefined ? undefined : rateWarning(made.plan.timing.minRatePps, done);
    if (slow !== undefined) presenter.warn(slow);
  } finally {
    keys?.stop();
    resolver.close();
    files.close();
    recorder?.end(status);
    await log?.end(done).catch((error: unknown) => presenter.warn(`the system log: ${messageOf(error)}`));
  }
  if (files.fault !== undefined) throw files.fault;
  return status;
}

/** A new plan, or the one of a journal or report that is gone on with. */
async function planFor(
  settings: ScanSettings,
  console: Console,
  tables: PortTables,
  resumed: ResumedReport | undefined,
): Promise<MadePlan & { readonly journal?: Journal }> {
  if (settings.resumeFile !== undefined) {
    return makeResumePlan(settings, settings.resumeFile, { ...scopeMeans(settings, console), resolve: resolveName });
  }
  const means = { ...planMeans(settings, console), ...tables, scopeMeans: scopeMeans(settings, console) };
  const made = await makePlan(settings, means);
  return resumed === undefined ? made : withoutFinished(made, resumed);
}

function planMeans(
  { seed }: ScanSettings,
  { passOver }: Console,
): Pick<PlanMeans, "seed" | "passOver" | "findLinkHosts"> {
  const means = { seed: seed ?? randomWords(1)[0] ?? 0, ...linkMeans };
  return passOver === undefined ? means : { ...means, passOver };
}

/** Puts the start on record where that was asked for: before the first packet. */
async function beginLog(
  { log }: ScanSettings,
  { words, environment }: Console,
  { plan }: MadePlan,
): Promise<ScanLog | undefined> {
  if (log === undefined) return undefined;
  const { targetTexts, targets } = plan;
  const facts = { targetTexts, addressCount: targetCount(targets), words, environment };
  return ScanLog.begin(log, facts, () => monotonicClock.isoNow());
}

/** Opens the history where the scan is to be put into it: before the first packet. */
async function beginRecord(
  { isRecorded, historyFile: named }: ScanSettings,
  { program = "postern", words, environment }: Console,
  { plan }: MadePlan,
  presenter: Presenter,
): Promise<ScanRecorder | undefined> {
  if (isRecorded !== true) return undefined;
  const { ScanRecorder } = await import("./history/scan-recorder.js");
  return ScanRecorder.begin({
    places: { named, environment },
    words: [program, ...words],
    plan,
    clock: monotonicClock,
    warn: (text) => presenter.warn(text),
  });
}

/** Who is told everything beside the terminal. */
interface Takers {
  readonly files: Pick<ReportFiles, "fault" | "take">;
  readonly recorder: ScanRecorder | undefined;
}

/**
 * Shows everything to the end; reports end in good order also when the scan does not. `onFault` is called when a report's
 * file cannot be written any more.
 */
async function follow(
  events: AsyncIterable<CompactScanEvent>,
  presenter: Presenter,
  { files, recorder }: Takers,
  onFault: () => void,
): Promise<DoneEvent | undefined> {
  const ledger = new RunLedger(monotonicClock);
  const show = (event: CompactScanEvent): void => {
    ledger.take(event);
    presenter.show(event);
    files.take(event);
    recorder?.take(event);
  };
  let done: DoneEvent | undefined;
  let isFaultTold = false;
  try {
    for await (const event of events) {
      show(event);
      if (files.fault !== undefined && !isFaultTold && event.type !== "done") {
        isFaultTold = true;
        files.take(incompleteNotice(files.fault));
        onFault();
      }
      if (event.type === "done") done = event;
    }
  } catch (error) {
    for (const event of ledger.endBecauseOf(error)) show(event);
    throw error;
  }
  return done;
}

/** Whoever reads one of the other reports must know why it is partial. */
function incompleteNotice({ message }: InputError): NoticeEvent {
  return { type: "notice", level: "warning", code: "report-incomplete", text: message };
}

/** How reports look, as far as the command line says. */
export function looksOf(settings: ScanSettings): Omit<ReportOptions, "serviceName"> {
  const { showReason, onlyOpen, verbosity, debugging, stylesheet, statsEveryMs } = settings;
  return {
    showReason,
    onlyOpen,
    verbosity,
    debugging,
    ...(stylesheet !== undefined && { stylesheet }),
    ...(statsEveryMs !== undefined && { statsEveryMs }),
  };
}

/** For a few hosts a thread of its own costs more than it brings; for many, the report must not hold up the engine. */
function threadFor({ plan, journal }: MadePlan & { readonly journal?: Journal }): "own" | "caller" {
  return journal === undefined && targetCount(plan.targets) <= CALLER_HOSTS_MAX ? "caller" : "own";
}

/** Writes the journal that was asked for, and tells what an earlier one knows. */
function withJournal(
  events: AsyncIterable<CompactScanEvent>,
  { journalFile }: ScanSettings,
  console: Console,
  { plan, journal }: MadePlan & { readonly journal?: Journal },
): AsyncIterable<CompactScanEvent> {
  const run: RunFacts = { version: VERSION, startedAt: monotonicClock.isoNow(), words: console.words };
  if (journal !== undefined) {
    const fresh = journaled(withoutRepeats(events, journal), JournalWriter.append(journal, run));
    return withAllUp(replayed(fresh, journal));
  }
  if (journalFile === undefined) return events;
  return withoutEmptyJournal(journaled(events, JournalWriter.create(journalFile, { ...run, plan })), journalFile);
}

function openKeys(
  settings: ScanSettings,
  console: Console,
  presenter: Presenter,
  skips: ReadonlySet<() => void>,
): KeyListener | undefined {
  if (!settings.isInteractive) return undefined;
  const input = console.openKeys(
    () => listener.stop(),
    () => {
      listener.stop(); // whoever had the terminal meanwhile may have set its mode
      listener.start();
    },
  );
  if (input === undefined) return undefined;
  const listener = new KeyListener(input, {
    showStatus: () => presenter.sayStatus(),
    skipHost: () => {
      for (const skip of skips) skip();
    },
    changeVerbosity: (by) => presenter.changeVerbosity(by),
    changeDebugging: (by) => presenter.changeDebugging(by),
    showPackets: (isShown) => {
      if (settings.isPacketTraced) presenter.showPackets(isShown);
      else presenter.say("Packets are traced only if the scan was started with --packet-trace.");
    },
    say: (text) => presenter.say(text),
    interrupt: () => console.interrupt(),
    suspend: () => {
      listener.stop();
      console.suspend();
    },
  });
  return listener;
}

/** A scan that was stopped, or that could not reach a single target, did not do what was asked. */
function isFailure({ isAborted, counts }: DoneEvent): boolean {
  return isAborted || (counts.hosts > 0 && counts.unreachable === counts.hosts);
}
