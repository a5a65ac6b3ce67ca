// Which part of the kernel has a socket that no process has.
import type { KernelListener } from "../linux/kernel-listener.js";
import { readTunnelListeners } from "../linux/kernel-listeners.js";
import type { KernelSocket } from "../linux/kernel-socket.js";
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";
import { readServiceListeners } from "../linux/service-listeners.js";
import { PrivilegeError, SystemCallError } from "../model/errors.js";
import { processNumbers } from "./descriptor-walk.js";

/** Finds owners in one namespace. What can be asked is asked once, when the first socket without a process is met. */
export class KernelOwners {
  readonly #read: () => readonly KernelListener[];
  #listeners: readonly KernelListener[] | undefined;

  /** @param read Asks for the ports of the kernel's own */
  constructor(read: () => readonly KernelListener[]) {
    this.#read = read;
  }

  /** The owner in words; undefined where nothing tells of it. */
  ownerOf(socket: KernelSocket): string | undefined {
    if (socket.kind !== "inet") return undefined;
    this.#listeners ??= this.#read();
    const own = this.#listeners.find(
      ({ protocol, port, family }) =>
        protocol === socket.protocol && port === socket.localPort && (family ?? socket.family) === socket.family,
    );
    if (own === undefined) return undefined;
    return own.isCertain ? own.owner : `probably ${own.owner}`;
  }
}

/** The ports of tunnels in the namespace of this thread. */
export function tunnelPorts(): readonly KernelListener[] {
  try {
    return readTunnelListeners().listeners.filter(({ place }) => place !== "elsewhere");
  } catch (error) {
    if (error instanceof SystemCallError || error instanceof PrivilegeError) return [];
    throw error;
  }
}

/** The ports of the kernel's services: they are told for the machine as a whole. */
export function servicePorts(files: ProcFiles): readonly KernelListener[] {
  return readServiceListeners({ kernelThreads: kernelThreads(files) }).listeners;
}

/** Threads of the kernel have no program. */
function kernelThreads(files: ProcFiles): ReadonlySet<string> {
  const names = processNumbers(files).flatMap((pid) => {
    if (!isReadFault(files.link(`${pid}/exe`))) return [];
    const name = files.text(`${pid}/comm`, 64);
    return isReadFault(name) ? [] : [name.trimEnd()];
  });
  return new Set(names);
}
