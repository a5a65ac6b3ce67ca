// Reads the inside of a machine: the sockets of every network namespace, the processes that hold them, and from where each
// listening one can be reached. Processes start and end meanwhile: what has nobody is looked at twice.
import type { KernelSocket } from "../linux/kernel-socket.js";
import type { ProcFiles } from "../linux/proc-files.js";
import { processNumbers } from "./descriptor-walk.js";
import { findNamespaces, type NamedNamespace } from "./find-namespaces.js";
import type { Gap } from "./gap.js";
import type { InsideSocket, InsideView, NamespaceRef, NetworkNamespace } from "./inside-view.js";
import { type HolderIndex, holdersOf, indexHolders, isOrphan, ownershipOf } from "./join-holders.js";
import { PendingLook } from "./pending-look.js";
import { readBootTimeMs } from "./process.js";
import type { Findings } from "./process-look.js";
import { ReachFinder } from "./reach-finder.js";
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
  /**
   * Which part of the kernel has a socket that no process has; undefined where that is not known.
   * @param isCertainOnly True where some process may have it all the same
   */
  kernelOwnerOf(socket: KernelSocket, namespace: NetworkNamespace, isCertainOnly: boolean): string | undefined;
}

interface NamespaceReading {
  readonly namespace: NetworkNamespace;
  readonly source: SocketSource;
  /** What was closed while we looked is taken out. */
  sockets: readonly KernelSocket[];
}

/** What is known of the processes. */
interface Sight {
  readonly holders: HolderIndex;
  /** How many could not be looked into. */
  readonly deniedCount: number;
}

/**
 * Where some processes may not be looked into, sockets without a holder stay: those processes' own. With more processes than
 * this a second look at all, which takes as long as the first, is no longer made for their sake.
 */
const SECOND_LOOK_PROCESSES_MAX = 1000;

/** Reads everything once, and what has nobody twice. */
export async function readInside(query: InsideQuery): Promise<InsideView> {
  const look = new PendingLook(query.files);
  look.expect(query.files.processCountAbout());
  try {
    const pids = processNumbers(query.files);
    const bootTimeMs = readBootTimeMs(query.files);
    look.begin(pids, bootTimeMs);
    const gaps: Gap[] = [];
    const namespaces = findNamespaces(query.files, pids, query.namedNamespaces);
    const wanted = query.onlyOwnNamespace ? namespaces.slice(0, 1) : namespaces;
    const readings = wanted.map((namespace) => readNamespace(query, namespace, gaps));
    const findings = await look.finish(inodesOf(readings));
    const sight = await lookAgain({ query, pids, bootTimeMs, readings }, findings);
    const sockets: InsideSocket[] = [];
    for (const reading of readings) joinReading(query, reading, sight, sockets);
    gaps.push(...sightGaps(query, sight, sockets));
    const nothing = { containers: new Map(), containerOfNamespace: new Map(), published: [], publishedTo: new Map() };
    return { ...nothing, sockets, namespaces: readings.map(({ namespace }) => namespace), gaps };
  } finally {
    look.close();
  }
}

function readNamespace(query: InsideQuery, namespace: NamespaceRef, gaps: Gap[]): NamespaceReading {
  const source = query.sourceOf(namespace);
  const { sockets, gaps: own } = source.readSockets(query.wish);
  gaps.push(...own.map((gap) => ({ ...gap, namespace: namespace.number })));
  return { namespace: { ...namespace, network: source.readNetwork() }, source, sockets };
}

function inodesOf(readings: readonly NamespaceReading[]): readonly number[] {
  const inodes: number[] = [];
  for (const { sockets } of readings) for (const { inode } of sockets) inodes.push(inode);
  return inodes;
}

/** What the second look needs of the first. */
interface FirstLook {
  readonly query: InsideQuery;
  readonly pids: readonly number[];
  readonly bootTimeMs: number | undefined;
  readonly readings: readonly NamespaceReading[];
}

/** A socket that some process should have. */
interface Orphan {
  readonly socket: KernelSocket;
  readonly reading: NamespaceReading;
}

/**
 * Looks again where sockets have nobody: their process may have been started, or have got them, during the first look. What
 * is gone now was closed meanwhile, and is no socket any more. That some processes may not be looked into is no reason
 * not to: the socket may be another one's.
 */
async function lookAgain(
  { query, pids, bootTimeMs, readings }: FirstLook,
  findings: readonly Findings[],
): Promise<Sight> {
  const { files } = query;
  const holders = indexHolders(findings);
  let deniedCount = deniedIn(findings);
  let orphans = orphansIn(readings, holders);
  const lookAmong = async (among: readonly number[]): Promise<number> => {
    if (orphans.length === 0 || among.length === 0) return 0;
    const look = new PendingLook(files);
    look.begin(among, bootTimeMs);
    const more = await look.finish(orphans.map(({ socket }) => socket.inode)).finally(() => look.close());
    indexHolders(more, holders);
    orphans = orphans.filter(({ socket }) => isOrphan(socket, holders));
    return deniedIn(more);
  };
  if (deniedCount === 0) orphans = dropClosed(query, orphans);
  if (orphans.length === 0) return { holders, deniedCount };
  const known = new Set(pids);
  // Mostly there is no more to see than what is new, and who was looked at before the sockets were listed.
  deniedCount += await lookAmong(processNumbers(files).filter((pid) => !known.has(pid)));
  const isUnexplained = ({ socket, reading: { namespace } }: Orphan) =>
    query.kernelOwnerOf(socket, namespace, true) === undefined;
  // Whom it may not see has been counted.
  if (orphans.some(isUnexplained)) await lookAmong(findings.flatMap(({ early }) => early));
  const isWorthIt = deniedCount === 0 || pids.length <= SECOND_LOOK_PROCESSES_MAX;
  if (isWorthIt && orphans.some(isUnexplained)) await lookAmong(pids);
  dropClosed(query, orphans);
  return { holders, deniedCount };
}

function orphansIn(readings: readonly NamespaceReading[], holders: HolderIndex): Orphan[] {
  const orphans: Orphan[] = [];
  for (const reading of readings) {
    for (const socket of reading.sockets) if (isOrphan(socket, holders)) orphans.push({ socket, reading });
  }
  return orphans;
}

/** Takes those out of their readings that are not there any more, and returns the others. */
function dropClosed({ wish }: InsideQuery, orphans: readonly Orphan[]): Orphan[] {
  const left: Orphan[] = [];
  for (const reading of new Set(orphans.map((orphan) => orphan.reading))) {
    const still = new Set(reading.source.readSockets(wish).sockets.map(({ inode }) => inode));
    const closed = new Set<KernelSocket>();
    for (const orphan of orphans) {
      if (orphan.reading !== reading) continue;
      if (still.has(orphan.socket.inode)) left.push(orphan);
      else closed.add(orphan.socket);
    }
    if (closed.size > 0) reading.sockets = reading.sockets.filter((socket) => !closed.has(socket));
  }
  return left;
}

function deniedIn(findings: readonly Findings[]): number {
  return findings.reduce((sum, { deniedCount }) => sum + deniedCount, 0);
}

function joinReading(query: InsideQuery, reading: NamespaceReading, sight: Sight, sockets: InsideSocket[]): void {
  const { namespace } = reading;
  const isComplete = sight.deniedCount === 0 && query.blindness === undefined;
  const finder = new ReachFinder(namespace.network, namespace.isOwn);
  for (const socket of reading.sockets) {
    const holders = holdersOf(socket, sight.holders);
    const found = ownershipOf(socket, holders, isComplete);
    const kernelOwner =
      found === "kernel" || found === "hidden" ? query.kernelOwnerOf(socket, namespace, found === "hidden") : undefined;
    sockets.push({
      socket,
      namespace,
      ownership: kernelOwner === undefined ? found : "kernel",
      holders,
      kernelOwner,
      reach: socket.kind === "inet" && isListening(socket) ? finder.reachOf(socket) : undefined,
    });
  }
}

function sightGaps(query: InsideQuery, sight: Sight, sockets: readonly InsideSocket[]): readonly Gap[] {
  const hiddenCount = sockets.filter(({ ownership }) => ownership === "hidden").length;
  if (hiddenCount === 0) return [];
  const what = hiddenCount === 1 ? "the process of 1 socket" : `the processes of ${hiddenCount} sockets`;
  const others = sight.deniedCount === 1 ? "1 process" : `${sight.deniedCount} processes`;
  const denied = `the descriptors of ${others} may not be seen: that needs root, with all capabilities`;
  const reasons = [...(sight.deniedCount > 0 ? [denied] : []), query.blindness].filter((why) => why !== undefined);
  return [{ code: "denied", what, why: reasons.join("; and ") }];
}
