// Puts sockets and the processes that hold them together.
import type { KernelSocket } from "../linux/kernel-socket.js";
import type { Holder, Ownership } from "./inside-view.js";
import type { Process } from "./process.js";
import type { Findings } from "./process-look.js";

/** Who holds which sockets, by the sockets' inodes. A socket without a holder is not there. */
export type HolderIndex = ReadonlyMap<number, readonly Holder[]>;

/** A holder in the making. */
interface Draft {
  readonly process: Process;
  readonly descriptors: number[];
}

type Index = Map<number, Draft[]>;

const NOBODY: readonly Holder[] = [];

/** States in which a connection goes on without a process: nothing is left to hold. */
const WINDING_UP: ReadonlySet<string> = new Set([
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "last-ack",
  "closing",
  "syn-recv",
]);

/**
 * Notes the holders of all sockets that were found, those of each socket by the numbers of their processes.
 * @param index Of earlier looks
 */
export function indexHolders(findings: readonly Findings[], index: Index = new Map()): Index {
  for (const { holdings, processes } of findings) {
    const byPid = new Map(processes.map((process) => [process.pid, process]));
    let process: Process | undefined;
    for (let at = 0; at < holdings.length; at += 3) {
      const pid = holdings[at + 1] ?? 0;
      if (process?.pid !== pid) process = byPid.get(pid);
      if (process !== undefined) hold(index, holdings[at] ?? 0, process, holdings[at + 2] ?? 0);
    }
  }
  for (const holders of index.values()) if (holders.length > 1) holders.sort((a, b) => a.process.pid - b.process.pid);
  return index;
}

/** One process after another comes by: if it has the socket twice, it is the last holder. */
function hold(index: Index, inode: number, process: Process, descriptor: number): void {
  const holders = index.get(inode);
  const last = holders?.at(-1);
  if (holders === undefined) index.set(inode, [{ process, descriptors: [descriptor] }]);
  else if (last?.process.pid === process.pid) last.descriptors.push(descriptor);
  else holders.push({ process, descriptors: [descriptor] });
}

/** The processes that hold a socket. */
export function holdersOf({ inode }: KernelSocket, holders: HolderIndex): readonly Holder[] {
  return holders.get(inode) ?? NOBODY;
}

/**
 * Who has a socket that these hold.
 * @param isComplete False when there are processes whose descriptors could not be seen: a socket without a holder may be theirs
 */
export function ownershipOf(socket: KernelSocket, holders: readonly Holder[], isComplete: boolean): Ownership {
  if (holders.length > 0) return "processes";
  if (isWindingUp(socket)) return "none";
  return isComplete ? "kernel" : "hidden";
}

/** True for a socket that some process should have, and none has. */
export function isOrphan(socket: KernelSocket, holders: HolderIndex): boolean {
  return !(holders.has(socket.inode) || isWindingUp(socket));
}

/** A connection that nobody has accepted yet has no file, either: its inode is 0. */
function isWindingUp(socket: KernelSocket): boolean {
  if (socket.kind !== "inet" || socket.protocol === "udp") return false;
  return WINDING_UP.has(socket.state) || (socket.inode === 0 && socket.state !== "listen");
}
