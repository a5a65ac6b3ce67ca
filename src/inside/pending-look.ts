// A look at all processes of a machine that is begun before it is known which sockets are wanted. Where there are many
// processes, a second thread takes its share of them: two thirds of the time are the kernel's, for each process anew.
import type { ProcFiles } from "../linux/proc-files.js";
import { type LookHelper, startLookThread } from "./look-thread.js";
import { type Findings, ProcessLook } from "./process-look.js";
import { WorkShares } from "./work-shares.js";

/** With fewer processes the main thread has looked at all of them before a second thread is there. */
const HELPED_PROCESSES_MIN = 1000;

/** One look. */
export class PendingLook {
  readonly #files: ProcFiles;
  readonly #startHelper: () => LookHelper | undefined;
  readonly #shares = new WorkShares();
  #helper: LookHelper | undefined;
  #pids: readonly number[] = [];
  #bootTimeMs: number | undefined;

  /** @param startHelper For tests */
  constructor(files: ProcFiles, startHelper: () => LookHelper | undefined = startLookThread) {
    this.#files = files;
    this.#startHelper = startHelper;
  }

  /** Tells about how many processes there will be: a helper that is called now is there when it is needed. */
  expect(processCount: number): void {
    if (processCount >= HELPED_PROCESSES_MIN) this.#helper ??= this.#startHelper();
  }

  /** Looks at these processes, if there are many of them with a helper, as soon as it comes. */
  begin(pids: readonly number[], bootTimeMs: number | undefined): void {
    this.#pids = pids;
    this.#bootTimeMs = bootTimeMs;
    this.expect(pids.length);
    this.#helper?.give({ root: this.#files.root, pids, bootTimeMs, shares: this.#shares.memory });
  }

  /** Finds the holders of these sockets, given by their inodes. */
  async finish(inodes: readonly number[]): Promise<readonly Findings[]> {
    this.#helper?.tell(new Float64Array(inodes));
    const wanted = new Set(inodes);
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
    look.keep(wanted); // nothing yet: none of what follows is early
    for (let share = shares.next(this.#pids); share.length > 0; share = shares.next(this.#pids)) {
      look.walk(share);
      look.keep(wanted);
    }
    return look.findings;
  }
}
