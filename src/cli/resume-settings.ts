// What the command line in a report may decide when --resume goes on from it, and what must be said again by whoever goes on:
// a report is a file that anybody may have written. docs/reports.md, "What is believed".
import { existsSync } from "node:fs";
import { InputError, UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { defaultScanSettings, type ScanSettings } from "./scan-settings.js";

/** Settings that may be given beside --resume: what is given takes the place of what the report says. */
const GIVEN_ONES = [
  "servicesFile",
  "dataDirectory",
  "isResetRationDefeated",
  "transport",
  "privileged",
  "log",
  "isRecorded",
  "historyFile",
  "scopeFile",
  "stylesheet",
  "verbosity",
  "debugging",
  "isPacketTraced",
  "statsEveryMs",
  "showReason",
  "onlyOpen",
  "progress",
  "isInteractive",
] as const satisfies readonly (keyof ScanSettings)[];

/** What a report names and is not believed in: the option, and each value as it would be typed. */
type Unbelieved = readonly (readonly [option: string, values: readonly string[], given: readonly string[]])[];

/**
 * The settings with which a scan goes on from a report.
 *
 * @param reported What the command line in the report says
 * @param given What the command line that goes on says
 * @throws InputError when the report's command line cannot be gone on with, or names what must be said again
 */
export function resumedSettings(reported: ScanSettings, given: ScanSettings, file: string): ScanSettings {
  if (given.reports.length > 0 || given.isAppended) {
    const hint = `afterwards, postern convert ${shellWord(file)} OUT writes what was found in any form`;
    throw new UsageError("--resume goes on in the files of the report: no other reports can be asked for", { hint });
  }
  refuseUnfit(reported, file);
  refuseUnbelieved(reported, given, file);
  return {
    ...reported,
    ...changesOf(given),
    ...(given.isLogOff && { log: undefined }),
    timing: { ...reported.timing, ...changed(given.timing, defaultScanSettings().timing) },
    dns: { ...reported.dns, ...changed(given.dns, defaultScanSettings().dns) },
    udp: { ...reported.udp, ...changed(given.udp, defaultScanSettings().udp) },
    authorized: given.authorized,
    isLogOff: given.isLogOff,
    journalFile: undefined,
    resumeFile: undefined,
    isAppended: false,
  };
}

/** What no report can be gone on with for. */
function refuseUnfit(reported: ScanSettings, file: string): void {
  const place = { file };
  if (reported.action !== "scan") throw new InputError("the command line in it asks for no scan", place);
  const { resumeFile, journalFile } = reported;
  if (resumeFile !== undefined) {
    const hint = `go on with what that one went on from: --resume ${shellWord(resumeFile)}`;
    throw new InputError("it was written by a scan that went on from a journal or report itself", place, { hint });
  }
  if (journalFile !== undefined && existsSync(journalFile)) {
    const hint = `--resume ${shellWord(journalFile)} goes on in the middle of hosts, and loses nothing`;
    throw new InputError("the scan wrote a journal, too", place, { hint });
  }
  if (reported.isAppended) {
    throw new InputError("--append-output: it may hold several reports, and only one can be gone on with", place);
  }
}

function refuseUnbelieved(reported: ScanSettings, given: ScanSettings, file: string): void {
  const unbelieved = unbelievedOf(reported, given);
  for (const [option, values, again] of unbelieved) {
    const other = again.find((value) => !values.includes(value));
    if (other === undefined || !isTarget(option)) continue;
    throw new UsageError(`--resume takes from the report what is asked: ${option} ${quote(other)} is not in it`);
  }
  const missing = unbelieved.flatMap(([option, values, again]) => {
    const isReplaced = !isTarget(option) && again.length > 0;
    return isReplaced ? [] : values.filter((value) => !again.includes(value)).map((value) => [option, value]);
  });
  if (missing.length === 0) return;
  const words = missing.flat().map(shellWord).join(" ");
  const message = `the command line in it names files or hosts that are not read or asked on a report's word alone: ${words}`;
  const hint = `if they are right, say them again: --resume ${shellWord(file)} ${words}`;
  throw new InputError(message, { file }, { hint });
}

/** These are part of what is asked, so no other value may take their place. */
function isTarget(option: string): boolean {
  return option === "-iL" || option === "--excludefile";
}

function unbelievedOf(reported: ScanSettings, given: ScanSettings): Unbelieved {
  return [
    ["-iL", reported.inputLists, given.inputLists],
    ["--excludefile", reported.excludeFiles, given.excludeFiles],
    ["--servicedb", listOf(reported.servicesFile), listOf(given.servicesFile)],
    ["--datadir", listOf(reported.dataDirectory), listOf(given.dataDirectory)],
    ["--dns-servers", reported.dns.servers, given.dns.servers],
    ["--scope", listOf(reported.scopeFile), listOf(given.scopeFile)],
    ["--syslog-to", given.isLogOff ? [] : collectorOf(reported), collectorOf(given)],
    ["--history-file", given.isRecorded === false ? [] : listOf(reported.historyFile), listOf(given.historyFile)],
  ];
}

function collectorOf({ log }: ScanSettings): readonly string[] {
  if (log === undefined || log.kind === "local") return [];
  return [`${log.kind}://${log.host.includes(":") ? `[${log.host}]` : log.host}:${log.port}`];
}

function listOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

function changesOf(given: ScanSettings): Partial<ScanSettings> {
  const none = defaultScanSettings();
  return Object.fromEntries(GIVEN_ONES.filter((key) => given[key] !== none[key]).map((key) => [key, given[key]]));
}

/** What differs from a command line without a word. */
function changed<Group extends object>(given: Group, none: Group): Partial<Group> {
  const before = new Map<string, unknown>(Object.entries(none));
  const isChanged = ([name, value]: [string, unknown]): boolean => {
    return JSON.stringify(value) !== JSON.stringify(before.get(name));
  };
  return Object.fromEntries(Object.entries(given).filter(isChanged)) as Partial<Group>;
}

/** A word as a shell takes it for itself, whatever is in it. */
export function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
