// One watch: makes its runs, keeps what is believed, tells what has changed. Nothing that a run does ends it, and nothing of a run
// is kept in memory but what is believed, packed.
import { DatabaseError, InputError, PosternError } from "../model/errors.js";
import { printable } from "../report/printable.js";
import { countOf, durationText } from "../report/quantity.js";
import type { HistoryDatabase } from "../store/history-database.js";
import { keepWatchState, watchState } from "../store/watch-store.js";
import { byGravity, changeLine, gravest } from "./change.js";
import type { Notice } from "./notice.js";
import type { CycleOutcome, LookFacts, RunKeeper, WatchCycle, Watched } from "./watch-cycle.js";
import type { WatchSettings } from "./watch-settings.js";
import type { WatchWorld } from "./watch-world.js";

/** So many runs in a row that could not look are told; one may be chance. */
const TROUBLE_RUNS = 3;
/** Lines of one run on standard output. */
const LINES_MAX = 200;

/** How a run ended. */
export type RunResult = "same" | "changed" | "blind" | "stopped";

/** A watch under way. */
export class Watcher {
  #watched: Watched;
  readonly #world: WatchWorld;
  #settings: WatchSettings;
  #belief: Uint8Array | undefined;
  #ranAtMs: number | undefined;
  #isLoaded = false;
  #troubleCount = 0;

  constructor(watched: Watched, settings: WatchSettings, world: WatchWorld) {
    this.#watched = watched;
    this.#settings = settings;
    this.#world = world;
  }

  /** When its last run began, in this process or an earlier one; undefined where there was none. */
  get ranAtMs(): number | undefined {
    if (!this.#isLoaded) this.#withHistory((database) => this.#load(database));
    return this.#ranAtMs;
  }

  /** Goes on with other settings. Call it between runs. */
  change(watched: Watched, settings: WatchSettings): void {
    const isSame = settings.name === this.#settings.name && isSameList(settings.words, this.#settings.words);
    const isOther = !isSame || watched.subject !== this.#watched.subject;
    this.#watched = watched;
    this.#settings = settings;
    if (!isOther) return;
    this.#isLoaded = false;
    this.#belief = undefined;
    this.#ranAtMs = undefined;
  }

  /** Makes one run, with a second look where there is need of one. */
  async run(signal: AbortSignal): Promise<RunResult> {
    const world = this.#world;
    const startedAtMs = world.nowMs();
    world.status(`runs since ${isoOf(startedAtMs)}`);
    await world.record("watch-start", false, { watch: this.#settings.name, command: this.#command });
    const database = this.#open();
    try {
      if (!this.#isLoaded && database !== undefined) this.#load(database);
      const result = await this.#look(this.#keeperFor(database), startedAtMs, signal);
      this.#ranAtMs = startedAtMs;
      if (database !== undefined) this.#keep(database, startedAtMs);
      return result;
    } finally {
      database?.close();
    }
  }

  async #look(keeper: RunKeeper, startedAtMs: number, signal: AbortSignal): Promise<RunResult> {
    const { confirmAfterMs } = this.#settings;
    try {
      const cycle = this.#begin();
      let facts = await this.#lookOnce(cycle, keeper, signal);
      if (signal.aborted) return this.#stopped();
      if (cycle.hasChanges && confirmAfterMs !== undefined) {
        cycle.confirm();
        this.#world.status("waits to look once more at what has changed");
        await this.#world.sleep(confirmAfterMs, signal);
        if (signal.aborted) return this.#stopped();
        facts = await this.#lookOnce(cycle, keeper, signal);
        if (signal.aborted) return this.#stopped();
      }
      return await this.#settle(cycle.settle(), facts, startedAtMs);
    } catch (error) {
      // What is no error of ours is a bug, and ends this run; it does not end the watch.
      const why = error instanceof PosternError ? error.message : `internal error: ${String(error)}`;
      return this.#blind(why, startedAtMs);
    }
  }

  #begin(): WatchCycle {
    try {
      return this.#watched.begin(this.#belief, this.#settings.name);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#world.warn(`${error.message}; it begins anew`);
      this.#belief = undefined;
      return this.#watched.begin(undefined, this.#settings.name);
    }
  }

  /** Starts the program, and takes in what it writes. A look that fails has seen nothing. */
  async #lookOnce(cycle: WatchCycle, keeper: RunKeeper, signal: AbortSignal): Promise<LookFacts> {
    const words = this.#watched.lookWords(this.#settings.words);
    const running = this.#world.startLook(words, this.#settings.lookLimitMs);
    const stop = () => running.stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      running.output.setEncoding("utf8");
      const facts = await cycle.read(running.output, keeper);
      await running.ended;
      return facts;
    } catch (error) {
      running.stop();
      const { fault } = await running.ended;
      if (fault === undefined || !(error instanceof Error)) throw error;
      throw lookFault(this.#command, fault, error);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #settle(outcome: CycleOutcome, facts: LookFacts, startedAtMs: number): Promise<RunResult> {
    const { changes, moreCount } = outcome;
    this.#belief = outcome.belief;
    const changeCount = changes.length + moreCount;
    const lines = byGravity(changes).slice(0, LINES_MAX).map(changeLine);
    if (changeCount > lines.length) lines.push(`and ${countOf(changeCount - lines.length, "change")} more`);
    this.#say(startedAtMs, `${facts.summary}; ${outcomeText(outcome)}`, lines, keptText(facts));
    await this.#world.record("watch-end", false, {
      watch: this.#settings.name,
      status: "done",
      seconds: ((this.#world.nowMs() - startedAtMs) / 1000).toFixed(1),
      changes: changeCount,
      severity: changeCount === 0 ? undefined : gravest(changes),
      kept: facts.keptAs,
    });
    this.#seesAgain(facts);
    if (changeCount === 0) return "same";
    this.#tell({ kind: "changes", keptAs: facts.keptAs, changes, moreCount, text: "" });
    return "changed";
  }

  /** A run that could not look says so; what is believed stays. */
  async #blind(why: string, startedAtMs: number): Promise<RunResult> {
    const text = printable(`could not look: ${why}`);
    this.#say(startedAtMs, text, []);
    this.#world.warn(text);
    await this.#world.record("watch-end", true, { watch: this.#settings.name, status: "failed", why });
    this.#troubleCount++;
    if (this.#troubleCount === TROUBLE_RUNS) {
      const times = countOf(TROUBLE_RUNS, "run");
      this.#tell({ ...NOTHING, kind: "trouble", text: `${times} in a row ${text}. Changes are not seen now.` });
    }
    return "blind";
  }

  #seesAgain({ keptAs }: LookFacts): void {
    if (this.#troubleCount >= TROUBLE_RUNS) {
      const text = `it looks again, after ${countOf(this.#troubleCount, "run")} that could not`;
      this.#tell({ ...NOTHING, kind: "trouble", keptAs, text });
    }
    this.#troubleCount = 0;
  }

  async #stopped(): Promise<RunResult> {
    await this.#world.record("watch-end", true, { watch: this.#settings.name, status: "stopped" });
    return "stopped";
  }

  #tell(what: Pick<Notice, "kind" | "keptAs" | "changes" | "moreCount" | "text">): void {
    const { name } = this.#settings;
    this.#world.deliveries.send({ ...what, watch: name, vantage: this.#world.vantage, at: isoOf(this.#world.nowMs()) });
  }

  #say(startedAtMs: number, text: string, lines: readonly string[], kept: string = ""): void {
    const tookMs = this.#world.nowMs() - startedAtMs;
    const head = printable(`${isoOf(startedAtMs)} ${this.#settings.name}: ${text} in ${durationText(tookMs)}${kept}`);
    this.#world.writeOut([head, ...lines.map((line) => `  ${line}`), ""].join("\n"));
  }

  get #command(): string {
    const { words } = this.#settings;
    return [...(this.#watched.subject === "audit" ? ["postern", "audit"] : ["postern"]), ...words].join(" ");
  }

  #keeperFor(database: HistoryDatabase | undefined): RunKeeper {
    const world = this.#world;
    return {
      database,
      vantage: world.vantage,
      command: this.#command,
      nowMs: () => world.nowMs(),
      warn: (text) => world.warn(text),
    };
  }

  #load(database: HistoryDatabase): void {
    const known = watchState(database, this.#settings.name);
    this.#isLoaded = true;
    // A run of this process knows more than what could not be kept.
    if (known === undefined || this.#belief !== undefined) return;
    if (known.subject === this.#watched.subject && isSameList(known.words, this.#settings.words)) {
      [this.#belief, this.#ranAtMs] = [known.belief, known.ranAtMs];
    } else {
      this.#world.warn(`the watch ${printable(this.#settings.name)} was another one: it begins anew`);
    }
  }

  #keep(database: HistoryDatabase, ranAtMs: number): void {
    const belief = this.#belief;
    if (belief === undefined) return;
    const { name, words } = this.#settings;
    this.#guarded("what this watch knows is not kept", () => {
      keepWatchState(database, name, { subject: this.#watched.subject, words, ranAtMs, belief });
      database.checkpoint();
    });
  }

  #open(): HistoryDatabase | undefined {
    return this.#guarded("this run is not kept", () => this.#world.openHistory());
  }

  #withHistory(work: (database: HistoryDatabase) => void): void {
    const database = this.#guarded("what this watch knows is not read yet", () => this.#world.openHistory());
    if (database === undefined) return;
    try {
      this.#guarded("what this watch knows cannot be read", () => work(database));
    } finally {
      database.close();
    }
  }

  /** A history that cannot be used is no reason not to look. */
  #guarded<Value>(consequence: string, work: () => Value): Value | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DatabaseError || error instanceof InputError)) throw error;
      this.#world.warn(`${consequence}: ${error.message}`);
      return undefined;
    }
  }
}

/** What the program complained of tells more than that its report is empty. */
function lookFault(command: string, fault: string, cause: unknown): InputError {
  return new InputError(fault, { file: command }, { cause });
}

const NOTHING = { keptAs: undefined, changes: [], moreCount: 0 } as const;

function outcomeText({ isFirst, changes, moreCount, unconfirmedCount, doubtCount }: CycleOutcome): string {
  const count = changes.length + moreCount;
  const parts = [isFirst ? "the first run, to be compared with" : count === 0 ? "no change" : countOf(count, "change")];
  if (unconfirmedCount > 0) parts.push(`${unconfirmedCount} not seen again`);
  if (doubtCount > 0) parts.push(`${doubtCount} not seen for certain`);
  return parts.join(", ");
}

function keptText({ keptAs }: LookFacts): string {
  return keptAs === undefined ? "" : ` (${keptAs})`;
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, at) => word === other[at]);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
