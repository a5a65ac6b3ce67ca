// Which processes hold which sockets, and in which network namespaces they live: /proc/PID/fd and /proc/PID/ns (proc(5)).
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";

/** One process that holds a socket. */
export interface Holding {
  readonly pid: number;
  /** Its descriptors of the socket, ascending as the kernel lists them. */
  readonly descriptors: readonly number[];
}

/** What a look at all processes has found. */
export interface DescriptorWalk {
  /** Who holds each socket, by the socket's inode. */
  readonly holdings: ReadonlyMap<number, readonly Holding[]>;
  /** Processes whose descriptors this one may not see. */
  readonly deniedCount: number;
}

interface Draft {
  readonly holdings: Map<number, { readonly pid: number; readonly descriptors: number[] }[]>;
  deniedCount: number;
}

/** The processes of a tree, ascending. */
export function processNumbers(files: ProcFiles): readonly number[] {
  const names = files.names(".");
  return isReadFault(names) ? [] : names.filter((name) => /^[1-9]\d{0,9}$/.test(name)).map(Number);
}

/** Looks at every process once. Those that end meanwhile are no fault: they hold nothing any more. */
export function walkDescriptors(files: ProcFiles, pids: readonly number[]): DescriptorWalk {
  const draft: Draft = { holdings: new Map(), deniedCount: 0 };
  for (const pid of pids) takeDescriptors(files, pid, `${pid}/fd`, draft);
  return draft;
}

/** The number of a process's namespace ("net", "pid"); undefined where it cannot be read. */
export function namespaceNumber(files: ProcFiles, pid: number | "self", kind: "net" | "pid"): number | undefined {
  const link = files.link(`${pid}/ns/${kind}`);
  const digits = isReadFault(link) ? undefined : /^[a-z]+:\[(\d{1,15})\]$/.exec(link)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function takeDescriptors(files: ProcFiles, pid: number, folder: string, draft: Draft): void {
  const count = files.socketLinks(folder, (descriptor, inode) => hold(draft, pid, descriptor, inode));
  if (isReadFault(count)) {
    if (count.fault === "denied") draft.deniedCount++;
  } else if (count === 0 && folder === `${pid}/fd` && isLeaderGone(files, pid)) {
    takeThreads(files, pid, draft);
  }
}

/** A process whose first thread has ended shows no descriptors, though its other threads hold them. */
function isLeaderGone(files: ProcFiles, pid: number): boolean {
  const stat = files.text(`${pid}/stat`, 1024, "latin1");
  return !isReadFault(stat) && stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

function takeThreads(files: ProcFiles, pid: number, draft: Draft): void {
  const threads = files.names(`${pid}/task`);
  if (isReadFault(threads)) return;
  const other = threads.find((thread) => thread !== String(pid));
  if (other !== undefined) takeDescriptors(files, pid, `${pid}/task/${other}/fd`, draft);
}

function hold(draft: Draft, pid: number, descriptor: number, inode: number): void {
  const holders = draft.holdings.get(inode);
  if (holders === undefined) {
    draft.holdings.set(inode, [{ pid, descriptors: [descriptor] }]);
    return;
  }
  const last = holders.at(-1); // one process after another: if it has the socket twice, it is the last one
  if (last?.pid === pid) last.descriptors.push(descriptor);
  else holders.push({ pid, descriptors: [descriptor] });
}
