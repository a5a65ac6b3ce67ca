// A look at processes: which of them hold sockets that somebody wants to know about, and what they are. Large machines are
// looked at by two threads, so what is found is plain data.
import type { ProcFiles } from "../linux/proc-files.js";
import { walkDescriptors } from "./descriptor-walk.js";
import { type Process, ProcessReader } from "./process.js";

/** What a look has found. */
export interface Findings {
  /** Who holds a wanted socket: the socket's inode, the process and its descriptor, one triple after another. */
  readonly holdings: Float64Array;
  /** The processes of these holdings, each once. */
  readonly processes: readonly Process[];
  /** Processes whose descriptors this one may not see. */
  readonly deniedCount: number;
  /** Processes that were walked over before it was known what is wanted. */
  readonly early: readonly number[];
}

/** Looks at some processes after others. What is wanted may be known later than the first of them are walked over. */
export class ProcessLook {
  readonly #files: ProcFiles;
  readonly #reader: ProcessReader;
  /** Triples of sockets of which it is not known yet whether they are wanted. */
  readonly #met: number[] = [];
  readonly #holdings: number[] = [];
  readonly #processes: Process[] = [];
  readonly #early: number[] = [];
  #isWantedKnown = false;
  #deniedCount = 0;

  /** @param bootTimeMs When the machine was started, in ms since 1970 */
  constructor(files: ProcFiles, bootTimeMs: number | undefined) {
    this.#files = files;
    this.#reader = new ProcessReader(files, bootTimeMs);
  }

  /** Walks over the descriptors of processes. No process may come twice. */
  walk(pids: readonly number[]): void {
    const met = this.#met;
    if (!this.#isWantedKnown) this.#early.push(...pids);
    this.#deniedCount += walkDescriptors(this.#files, pids, (inode, pid, descriptor) => {
      met.push(inode, pid, descriptor);
    });
  }

  /** Keeps what is wanted of all that was met, and reads the processes that hold it. 0 is the number of no file. */
  keep(wanted: ReadonlySet<number>): void {
    this.#isWantedKnown = true;
    const met = this.#met;
    for (let at = 0; at < met.length; at += 3) {
      const inode = met[at] ?? 0;
      if (inode === 0 || !wanted.has(inode)) continue;
      const pid = met[at + 1] ?? 0;
      this.#holdings.push(inode, pid, met[at + 2] ?? 0);
      if (this.#processes.at(-1)?.pid !== pid) this.#processes.push(this.#reader.read(pid));
    }
    met.length = 0;
  }

  get findings(): Findings {
    return {
      holdings: new Float64Array(this.#holdings),
      processes: this.#processes,
      deniedCount: this.#deniedCount,
      early: this.#early,
    };
  }
}
