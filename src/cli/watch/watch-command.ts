// `postern watch`: scans or audits on a schedule, and tells what has changed. docs/commands/watch.md.
import { DatabaseError, PosternError } from "../../model/errors.js";
import { keepWatching } from "../../watch/keep-watching.js";
import type { Schedule } from "../../watch/schedule.js";
import { type RunResult, Watcher } from "../../watch/watcher.js";
import type { Command, CommandConsole } from "../command.js";
import { ProcessWorld, type WorldOptions } from "./process-world.js";
import { parseWatchArguments, type WatchArguments, watchHelp } from "./watch-options.js";
import { readWatchPlan, type WatchPlan } from "./watch-plan.js";
import { WatchSignals } from "./watch-signals.js";

/** By what came of the one run. */
const ONCE_STATUS: Readonly<Record<RunResult, number>> = { same: 0, changed: 1, blind: 3, stopped: 3 };
const NOT_TOLD = 3;

/** Watches. */
export const watchCommand: Command = {
  name: "watch",
  summary: "scan or audit on a schedule, and tell what has changed",
  async run(words, console) {
    const typed = parseWatchArguments(words);
    if (typed.isHelp) {
      console.writeOut(watchHelp(console.columns ?? 80));
      return 0;
    }
    const plan = planNow(typed, console);
    const world = new ProcessWorld(worldOptions(plan, typed), console);
    tryHistory(world);
    const watcher = new Watcher(plan.watched, plan.settings, world);
    const stop = console.watchInterrupts();
    if (typed.isOnce) return runOnce(watcher, world, stop);
    await new Service(watcher, world, typed, console).serve(plan.schedule, stop);
    return 0;
  },
};

function planNow(typed: WatchArguments, { commands, environment }: CommandConsole): WatchPlan {
  return readWatchPlan(typed, { commands, environment, nowMs: Date.now() });
}

/** A history that must not be used at all is known now; one that cannot be used now will be tried again. */
function tryHistory(world: ProcessWorld): void {
  try {
    world.openHistory().close();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
  }
}

async function runOnce(watcher: Watcher, world: ProcessWorld, stop: AbortSignal): Promise<number> {
  const result = await watcher.run(stop);
  const isTold = await world.deliveries.settled();
  return isTold ? ONCE_STATUS[result] : NOT_TOLD;
}

function worldOptions(plan: WatchPlan, { historyFile, isOnce }: WatchArguments): WorldOptions {
  return { notify: plan.settings.notify, log: plan.log, historyFile, isOnce };
}

/** A watch that stays. */
class Service {
  readonly #watcher: Watcher;
  readonly #world: ProcessWorld;
  readonly #typed: WatchArguments;
  readonly #console: CommandConsole;

  constructor(watcher: Watcher, world: ProcessWorld, typed: WatchArguments, console: CommandConsole) {
    this.#watcher = watcher;
    this.#world = world;
    this.#typed = typed;
    this.#console = console;
  }

  async serve(schedule: Schedule, stop: AbortSignal): Promise<void> {
    const { manager } = this.#world;
    const signals = new WatchSignals(stop);
    const life = manager.signEveryMs === undefined ? undefined : setInterval(manager.alive, manager.signEveryMs);
    manager.ready();
    try {
      await keepWatching(this.#watcher, schedule, this.#world, {
        stop,
        nextWake: () => signals.nextWake(),
        reloaded: () => (signals.takeReload() ? this.#reload(schedule) : undefined),
      });
    } finally {
      manager.stopping();
      signals.close();
      await this.#world.deliveries.close();
      clearInterval(life);
    }
  }

  /** Settings that cannot be read change nothing. */
  #reload(schedule: Schedule): Schedule {
    const { manager } = this.#world;
    manager.reloading();
    try {
      const plan = planNow(this.#typed, this.#console);
      this.#world.change(worldOptions(plan, this.#typed));
      this.#watcher.change(plan.watched, plan.settings);
      return plan.schedule;
    } catch (error) {
      if (!(error instanceof PosternError)) throw error;
      this.#world.warn(`nothing is changed: ${error.message}`);
      return schedule;
    } finally {
      manager.ready();
    }
  }
}
