// A look at all processes of a machine that is begun before it is known which sockets are wanted. Where there are many
// processes, a second thread takes its share of them: two thirds of the time are the kernel's, for each process anew.
import type { ProcFiles } from "../linux/proc-files.js";
import type { LookOrder } from "./look-order.js";
import { type LookHelper, startLookThread } from "./look-thread.js";
import { type Findings, ProcessLook } from "./process-look.js";
import { WorkShares } from "./work-shares.js";

/** With fewer processes the main thread has looked at all of them before a second thread is there. */
const HELPED_PROCESSES_MIN = 1000;

/** Who starts the helper. */
export type StartHelper = (order: LookOrder) => LookHelper | undefined;

/** One look. */
export class PendingLook {
  readonly #files: ProcFiles;
  readonly #pids: readonly number[];
  readonly #bootTimeMs: number | undefined;
  readonly #shares = new WorkShares();
  readonly #helper: LookHelper | undefined;

  /** Begins it, with a helper if there are many processes. */
  constructor(
    files: ProcFiles,
    pids: readonly number[],
    bootTimeMs: number | undefined,
    startHelper: StartHelper = startLookThread,
  ) {
    this.#files = files;
    this.#pids = pids;
    this.#bootTimeMs = bootTimeMs;
    const order = { root: files.root, pids, bootTimeMs, shares: this.#shares.memory };
    this.#helper = pids.length < HELPED_PROCESSES_MIN ? undefined : startHelper(order);
  }

  /** Looks for the holders of these sockets, given by their inodes. */
  async finish(wanted: ReadonlySet<number>): Promise<readonly Findings[]> {
    this.#helper?.tell(Float64Array.from(wanted));
    const own = this.#lookAlone(wanted, this.#shares);
    // A helper that has not come this far has nothing to do any more.
    if (this.#helper === undefined || !this.#shares.hasHelper) return [own];
    const helpers = await this.#helper.findings;
    return helpers === undefined ? [this.#lookAlone(wanted, new WorkShares())] : [own, helpers];
  }

  /** Ends the helper. What is not finished then stays so. */
  close(): void {
    this.#helper?.stop();
  }

  #lookAlone(wanted: ReadonlySet<number>, shares: WorkShares): Findings {
    const look = new ProcessLook(this.#files, this.#bootTimeMs);
    for (let share = shares.next(this.#pids); share.length > 0; share = shares.next(this.#pids)) {
      look.walk(share);
      look.keep(wanted);
    }
    return look.findings;
  }
}
