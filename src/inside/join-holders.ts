// Puts sockets and the processes that hold them together.
import type { KernelSocket } from "../linux/kernel-socket.js";
import type { DescriptorWalk, Holding } from "./descriptor-walk.js";
import type { Holder, Ownership } from "./inside-view.js";
import type { Process } from "./process.js";

/** Who holds a socket. */
export interface JoinedSocket {
  readonly socket: KernelSocket;
  readonly ownership: Ownership;
  readonly holders: readonly Holder[];
}

/** What is known of the look at the processes. */
export interface Sight {
  readonly walk: DescriptorWalk;
  /** False when there are processes whose descriptors could not be seen: then a socket without a holder may be theirs. */
  readonly isComplete: boolean;
  processOf(pid: number): Process;
}

/** States in which a connection goes on without a process: nothing is left to hold. */
const WINDING_UP: ReadonlySet<string> = new Set([
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "last-ack",
  "closing",
  "syn-recv",
]);

/** Puts one socket and its processes together. */
export function joinHolders(socket: KernelSocket, { walk, isComplete, processOf }: Sight): JoinedSocket {
  const holdings = socket.inode === 0 ? undefined : walk.holdings.get(socket.inode);
  if (holdings !== undefined) {
    return { socket, ownership: "processes", holders: holdings.map((holding) => holderOf(holding, processOf)) };
  }
  return { socket, ownership: ownershipOf(socket, isComplete), holders: [] };
}

/** True for a socket that some process should have. */
export function isOrphan(socket: KernelSocket, walk: DescriptorWalk): boolean {
  return !(walk.holdings.has(socket.inode) || isWindingUp(socket));
}

function holderOf({ pid, descriptors }: Holding, processOf: Sight["processOf"]): Holder {
  return { process: processOf(pid), descriptors };
}

function ownershipOf(socket: KernelSocket, isComplete: boolean): Ownership {
  if (isWindingUp(socket)) return "none";
  return isComplete ? "kernel" : "hidden";
}

/** A connection that nobody has accepted yet has no file, either: its inode is 0. */
function isWindingUp(socket: KernelSocket): boolean {
  if (socket.kind !== "inet" || socket.protocol === "udp") return false;
  return WINDING_UP.has(socket.state) || (socket.inode === 0 && socket.state !== "listen");
}
