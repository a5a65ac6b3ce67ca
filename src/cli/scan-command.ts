// The scan command: `postern TARGET…`. Runs a plan and shows what it finds, on a terminal or into a pipe.
import { randomWords } from "../linux/secret.js";
import type { CompactScanEvent, DoneEvent } from "../model/scan-event.js";
import { normal } from "../report/normal.js";
import { printable } from "../report/printable.js";
import { scanCompactly } from "../scan/scan.js";
import { targetCount } from "../target/target-set.js";
import { readServiceTable } from "./data-files.js";
import { SCAN_EXIT } from "./exit-status.js";
import { makePlan } from "./make-plan.js";
import { ProgressLine } from "./progress-line.js";
import type { ScanSettings } from "./scan-settings.js";

/** Up to so many hosts are scanned in the program's own thread. */
const CALLER_HOSTS_MAX = 16;

/** The process as the command sees it. */
export interface Console {
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Undefined where standard error is no terminal. */
  readonly columns: (() => number | undefined) | undefined;
  /** Aborted at the user's first interrupt from now on; until it is asked for, an interrupt ends the process. */
  interrupt(): AbortSignal;
}

/** Scans. Returns the exit status; an error is thrown. */
export async function runScan(settings: ScanSettings, console: Console): Promise<number> {
  const services = memoized(readServiceTable);
  const { plan, warnings } = await makePlan(settings, services, settings.seed ?? randomWords(1)[0] ?? 0);
  for (const warning of warnings) console.writeError(`Warning: ${printable(warning)}\n`);
  const write = normal.open({
    showReason: settings.showReason,
    onlyOpen: settings.onlyOpen,
    verbosity: settings.verbosity,
    serviceName: (port, protocol) => services().nameOf(port, protocol),
  });
  const show = presenter(settings, console, write);
  // For a few hosts a thread of its own costs more than it brings; for many, the report must not hold up the engine.
  const thread = targetCount(plan.targets) <= CALLER_HOSTS_MAX ? "caller" : "own";
  let status = SCAN_EXIT.done;
  for await (const event of scanCompactly(plan, { signal: console.interrupt(), thread })) {
    show(event);
    if (event.type === "done" && isFailure(event)) status = SCAN_EXIT.failed;
  }
  return status;
}

/** A scan that was stopped, or that could not reach a single target, did not do what was asked. */
function isFailure({ isAborted, counts }: DoneEvent): boolean {
  return isAborted || (counts.hosts > 0 && counts.unreachable === counts.hosts);
}

/** Shows events: the report on standard output, notices and progress on standard error. */
function presenter(
  settings: ScanSettings,
  console: Console,
  write: (event: CompactScanEvent) => string,
): (event: CompactScanEvent) => void {
  const { columns } = console;
  const isWanted = settings.progress ?? columns !== undefined;
  const line = isWanted
    ? new ProgressLine({ write: (text) => console.writeError(text), columns: () => columns?.() })
    : undefined;
  return (event) => {
    line?.take(event);
    const text = write(event);
    const notice = event.type === "notice" ? noticeText(event, settings.verbosity) : "";
    if (text === "" && notice === "") return;
    line?.clear();
    if (text !== "") console.writeOut(text);
    if (notice !== "") console.writeError(notice);
    line?.redraw();
  };
}

function noticeText(event: CompactScanEvent & { type: "notice" }, verbosity: number): string {
  if (event.level === "warning") return `Warning: ${printable(event.text)}\n`;
  return verbosity > 0 ? `${printable(event.text)}\n` : "";
}

function memoized<Value>(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => {
    value ??= make();
    return value;
  };
}
