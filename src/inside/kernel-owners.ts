// Which part of the kernel has a socket that no process has.
import type { KernelListener, KernelListeners } from "../linux/kernel-listener.js";
import { readTunnelListeners } from "../linux/kernel-listeners.js";
import type { KernelSocket } from "../linux/kernel-socket.js";
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";
import { readServiceListeners } from "../linux/service-listeners.js";
import { PrivilegeError, SystemCallError } from "../model/errors.js";
import { processNumbers } from "./descriptor-walk.js";

/** Finds owners in one namespace. What can be asked is asked once, when the first socket without a process is met. */
export class KernelOwners {
  readonly #read: () => KernelListeners;
  #told: KernelListeners | undefined;

  /** @param read Asks for the ports of the kernel's own */
  constructor(read: () => KernelListeners) {
    this.#read = read;
  }

  /**
   * The owner in words; undefined where nothing tells of it.
   * @param isCertainOnly True for an owner that is told, and not guessed by the usual port of something that runs
   */
  ownerOf(socket: KernelSocket, isCertainOnly: boolean): string | undefined {
    if (socket.kind !== "inet") return undefined;
    this.#told ??= this.#read();
    const own = this.#told.listeners.find(
      ({ protocol, port, family }) =>
        protocol === socket.protocol && port === socket.localPort && (family ?? socket.family) === socket.family,
    );
    if (own === undefined || (isCertainOnly && !own.isCertain)) return undefined;
    return own.isCertain ? own.owner : `probably ${own.owner}`;
  }

  /** What the kernel would not tell, as clauses; empty where nothing was asked. */
  get refusals(): readonly string[] {
    return this.#told?.refusals ?? [];
  }
}

/** The ports of tunnels in the namespace of this thread. */
export function tunnelPorts(): KernelListeners {
  try {
    const { listeners, refusals } = readTunnelListeners();
    return { listeners: listeners.filter(isPerhapsHere), refusals };
  } catch (error) {
    if (error instanceof SystemCallError || error instanceof PrivilegeError) return NOTHING;
    throw error;
  }
}

/** Nothing was told. */
export const NOTHING: KernelListeners = { listeners: [], refusals: [] };

function isPerhapsHere({ place }: KernelListener): boolean {
  return place !== "elsewhere";
}

/** The ports of the kernel's services: they are told for the machine as a whole. */
export function servicePorts(files: ProcFiles): KernelListeners {
  return readServiceListeners({ kernelThreads: kernelThreads(files) });
}

/** The parent of all threads of the kernel (kernel/kthread.c, kthreadd()). */
const KTHREADD = 2;
const CHILDREN_BYTES_MAX = 1 << 20;

/** Threads of the kernel have no program. A program that may not be seen is one, too: its name is chosen by whoever runs it. */
function kernelThreads(files: ProcFiles): ReadonlySet<string> {
  const names = threadCandidates(files).flatMap((pid) => {
    const program = files.link(`${pid}/exe`);
    if (!isReadFault(program) || program.fault !== "gone") return [];
    const name = files.text(`${pid}/comm`, 64);
    return isReadFault(name) ? [] : [name.trimEnd()];
  });
  return new Set(names);
}

/** The children of kthreadd where the kernel tells them (CONFIG_PROC_CHILDREN), else all: there may be thousands. */
function threadCandidates(files: ProcFiles): readonly number[] {
  const children = files.text(`${KTHREADD}/task/${KTHREADD}/children`, CHILDREN_BYTES_MAX, "latin1");
  const pids = isReadFault(children) ? [] : (children.match(/\d{1,10}/g) ?? []).map(Number);
  return pids.length > 0 ? pids : processNumbers(files);
}
