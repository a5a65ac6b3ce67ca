// The real world of a watch: this process, its program, its history and its log.
import { hostname } from "node:os";
import process from "node:process";
import { type LogAddress, openLogTarget } from "../../linux/log-target.js";
import { type RunningProgram, startProgram } from "../../linux/program.js";
import { findServiceManager, SERVICE_VARIABLES, type ServiceManager } from "../../linux/service-manager.js";
import { InputError, PosternError } from "../../model/errors.js";
import { collectorRecord, localRecord, logText, type RecordHead, SEVERITY } from "../../report/log-record.js";
import { printable } from "../../report/printable.js";
import type { HistoryDatabase } from "../../store/history-database.js";
import { Deliveries } from "../../watch/deliveries.js";
import { notifierOf } from "../../watch/notifiers.js";
import type { NotifyTarget } from "../../watch/notify-target.js";
import type { WatchWorld } from "../../watch/watch-world.js";
import type { CommandConsole } from "../command.js";
import { openHistory } from "../history/history-place.js";

/** A scan that was told to end writes what it has found. */
const GRACE_MS = 20_000;
/** Nobody waits for a watch. */
const HISTORY_WAIT_MS = 10_000;
/** A network that is broken has much to complain of. */
const COMPLAINTS_MAX = 20;
const LINE_CHARACTERS_MAX = 2000;
/** With --once somebody may wait. */
const ONCE_DELAYS_MS: readonly number[] = [1000, 5000];

/** What a world is made for. */
export interface WorldOptions {
  readonly notify: readonly NotifyTarget[];
  readonly log: LogAddress | undefined;
  readonly historyFile: string | undefined;
  readonly isOnce: boolean;
}

/** The process around a watch. */
export class ProcessWorld implements WatchWorld {
  readonly vantage: string = hostname();
  readonly manager: ServiceManager;
  readonly #console: CommandConsole;
  #options: WorldOptions;
  #deliveries: Deliveries;
  #running: RunningProgram | undefined;

  constructor(options: WorldOptions, console: CommandConsole) {
    this.#console = console;
    this.#options = options;
    this.manager = findServiceManager(console.environment, process.pid);
    this.#deliveries = this.#deliveriesFor(options);
    // A second interrupt ends this process at once; what it has started shall not scan on.
    process.on("exit", () => this.#running?.stop());
  }

  get deliveries(): Deliveries {
    return this.#deliveries;
  }

  /** Goes on with other settings; what was not told yet goes to those who were to be told. */
  change(options: WorldOptions): void {
    const isSame = JSON.stringify(options.notify) === JSON.stringify(this.#options.notify);
    this.#options = options;
    if (isSame) return;
    void this.#deliveries.close();
    this.#deliveries = this.#deliveriesFor(options);
  }

  nowMs = (): number => Date.now();

  sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
    });
  };

  startLook(words: readonly string[], limitMs: number): RunningProgram {
    const own = Object.entries(this.#console.environment).filter(([name]) => !SERVICE_VARIABLES.includes(name));
    const [, script = ""] = process.argv;
    const running = startProgram(
      process.execPath,
      [...process.execArgv, script, ...words],
      { environment: Object.fromEntries(own), folder: process.cwd(), timeoutMs: limitMs, graceMs: GRACE_MS },
      complaintsOnly((text) => this.#console.writeError(text)),
    );
    this.#running = running;
    void running.ended.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }

  openHistory(): HistoryDatabase {
    const { historyFile: named } = this.#options;
    return openHistory({ named, environment: this.#console.environment }, HISTORY_WAIT_MS, "write");
  }

  writeOut(text: string): void {
    this.#console.writeOut(text);
  }

  warn = (text: string): void => {
    this.#console.writeError(`Warning: ${printable(text)}\n`);
  };

  status = (text: string): void => this.manager.status(text);

  async record(
    word: string,
    isTrouble: boolean,
    values: Readonly<Record<string, string | number | undefined>>,
  ): Promise<void> {
    const { log } = this.#options;
    if (log === undefined) return;
    const head: RecordHead = {
      severity: isTrouble ? SEVERITY.warning : SEVERITY.notice,
      at: new Date().toISOString(),
      hostname: this.vantage,
      processId: process.pid,
      kind: word,
    };
    const text = logText(word, values);
    try {
      const target = await openLogTarget(log);
      try {
        await target.send(log.kind === "local" ? localRecord(head, text) : collectorRecord(head, text));
      } finally {
        target.close();
      }
    } catch (error) {
      if (!(error instanceof PosternError || error instanceof InputError)) throw error;
      this.warn(`not in the system log: ${error.message}`);
    }
  }

  #deliveriesFor({ notify, isOnce }: WorldOptions): Deliveries {
    const { environment } = this.#console;
    const notifiers = notify.map((target) => notifierOf(target, environment));
    return new Deliveries(notifiers, this.warn, isOnce ? { delaysMs: ONCE_DELAYS_MS } : {});
  }
}

/** Of what a look says, warnings and errors: lines of our own program, which are fit for a terminal. */
function complaintsOnly(write: (text: string) => void): (text: string) => void {
  let rest = "";
  let leftCount = COMPLAINTS_MAX;
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(0, LINE_CHARACTERS_MAX);
    const complaints = lines.filter((line) => /^(?:Warning|postern): /.test(line)).slice(0, leftCount);
    leftCount -= complaints.length;
    for (const line of complaints) write(`${printable(line)}\n`);
  };
}
