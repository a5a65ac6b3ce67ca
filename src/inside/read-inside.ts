// Reads the inside of a machine: the sockets of every network namespace, the processes that hold them, and from where each
// listening one can be reached. Processes start and end meanwhile: what has nobody is looked at twice.
import type { KernelSocket } from "../linux/kernel-socket.js";
import type { ProcFiles } from "../linux/proc-files.js";
import { processNumbers, walkDescriptors } from "./descriptor-walk.js";
import { findNamespaces, type NamedNamespace } from "./find-namespaces.js";
import type { Gap } from "./gap.js";
import type { InsideSocket, InsideView, NamespaceRef, NetworkNamespace } from "./inside-view.js";
import { isOrphan, type JoinedSocket, joinHolders, type Sight } from "./join-holders.js";
import { type Process, readBootTimeMs, readProcess } from "./process.js";
import { reachOf } from "./reach.js";
import type { SocketSource } from "./socket-source.js";
import { isListening, type SocketWish } from "./socket-wish.js";

/** Where from, and what. */
export interface InsideQuery {
  readonly files: ProcFiles;
  readonly wish: SocketWish;
  /** True: only the own namespace. */
  readonly onlyOwnNamespace: boolean;
  readonly namedNamespaces: readonly NamedNamespace[];
  /** Why processes may be hidden from this one although none is refused: a clause; undefined when it sees all. */
  readonly blindness: string | undefined;
  /** How a namespace is asked. */
  sourceOf(namespace: NamespaceRef): SocketSource;
  /** Which part of the kernel has a socket that no process has; undefined where that is not known. */
  kernelOwnerOf(socket: KernelSocket, namespace: NetworkNamespace): string | undefined;
}

interface NamespaceReading {
  readonly namespace: NetworkNamespace;
  readonly source: SocketSource;
  readonly sockets: readonly KernelSocket[];
}

/** Reads everything once, and what has nobody twice. */
export async function readInside(query: InsideQuery): Promise<InsideView> {
  const { files } = query;
  const gaps: Gap[] = [];
  const pids = processNumbers(files);
  const namespaces = findNamespaces(files, pids, query.namedNamespaces);
  const wanted = query.onlyOwnNamespace ? namespaces.slice(0, 1) : namespaces;
  const readings = wanted.map((namespace) => readNamespace(query, namespace, gaps));
  const sight = lookAtProcesses(query, pids, readings);
  const sockets = readings.flatMap((reading) => joinReading(query, reading, sight));
  gaps.push(...sightGaps(query, sight, sockets));
  const nothing = { containers: new Map(), containerOfNamespace: new Map(), published: [], publishedTo: new Map() };
  return { ...nothing, sockets, namespaces: readings.map(({ namespace }) => namespace), gaps };
}

function readNamespace(query: InsideQuery, namespace: NamespaceRef, gaps: Gap[]): NamespaceReading {
  const source = query.sourceOf(namespace);
  const { sockets, gaps: own } = source.readSockets(query.wish);
  gaps.push(...own.map((gap) => ({ ...gap, namespace: namespace.number })));
  return { namespace: { ...namespace, network: source.readNetwork() }, source, sockets };
}

/** Looks again where sockets have nobody: their process may have been started, or have got them, during the first look. */
function lookAtProcesses(query: InsideQuery, pids: readonly number[], readings: readonly NamespaceReading[]): Sight {
  let walk = walkDescriptors(query.files, pids);
  const hasOrphans = readings.some(({ sockets }) => sockets.some((socket) => isOrphan(socket, walk)));
  if (hasOrphans && walk.deniedCount === 0) walk = walkDescriptors(query.files, processNumbers(query.files));
  const bootTimeMs = readBootTimeMs(query.files);
  const processes = new Map<number, Process>();
  const processOf = (pid: number): Process => {
    const known = processes.get(pid) ?? readProcess(query.files, pid, bootTimeMs);
    processes.set(pid, known);
    return known;
  };
  return { walk, isComplete: walk.deniedCount === 0 && query.blindness === undefined, processOf };
}

function joinReading(query: InsideQuery, reading: NamespaceReading, sight: Sight): readonly InsideSocket[] {
  const { namespace, source } = reading;
  let joined = reading.sockets.map((socket) => joinHolders(socket, sight));
  // A socket that has nobody and is gone now was closed while we looked.
  if (joined.some(({ ownership }) => ownership === "kernel")) joined = withoutClosed(joined, source, query.wish);
  return joined.map((one): InsideSocket => {
    const { socket } = one;
    const isReachable = socket.kind === "inet" && isListening(socket);
    return {
      ...one,
      namespace,
      kernelOwner: one.ownership === "kernel" ? query.kernelOwnerOf(socket, namespace) : undefined,
      reach: isReachable ? reachOf(socket, namespace.network, namespace.isOwn) : undefined,
    };
  });
}

function withoutClosed(joined: readonly JoinedSocket[], source: SocketSource, wish: SocketWish): JoinedSocket[] {
  const still = new Set(source.readSockets(wish).sockets.map(({ inode }) => inode));
  return joined.filter(({ ownership, socket }) => ownership !== "kernel" || still.has(socket.inode));
}

function sightGaps(query: InsideQuery, { walk }: Sight, sockets: readonly InsideSocket[]): readonly Gap[] {
  const hiddenCount = sockets.filter(({ ownership }) => ownership === "hidden").length;
  if (hiddenCount === 0) return [];
  const what = hiddenCount === 1 ? "the process of 1 socket" : `the processes of ${hiddenCount} sockets`;
  const others = walk.deniedCount === 1 ? "1 process" : `${walk.deniedCount} processes`;
  const denied = `the descriptors of ${others} may not be seen`;
  return [{ code: "denied", what, why: query.blindness ?? denied }];
}
