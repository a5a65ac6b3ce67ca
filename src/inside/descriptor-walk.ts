// Which processes hold which sockets, and in which network namespaces they live: /proc/PID/fd and /proc/PID/ns (proc(5)).
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";

/** Hears of each descriptor that is a socket, by the socket's inode. One process comes after another. */
export type HoldingVisitor = (inode: number, pid: number, descriptor: number) => void;

/** The processes of a tree, ascending. */
export function processNumbers(files: ProcFiles): readonly number[] {
  const names = files.names(".");
  if (isReadFault(names)) return [];
  const pids = names.filter((name) => /^[1-9]\d{0,9}$/.test(name)).map(Number);
  return pids.sort((a, b) => a - b); // /proc is in order, a copy of it is not
}

/**
 * Looks at every process once. Those that end meanwhile are no fault: they hold nothing any more. Returns how many have
 * descriptors that this process may not see.
 */
export function walkDescriptors(files: ProcFiles, pids: readonly number[], visit: HoldingVisitor): number {
  let deniedCount = 0;
  for (const pid of pids) if (isDenied(files, pid, `${pid}/fd`, visit)) deniedCount++;
  return deniedCount;
}

/** The number of a process's namespace ("net", "pid"); undefined where it cannot be read. */
export function namespaceNumber(files: ProcFiles, pid: number | "self", kind: "net" | "pid"): number | undefined {
  const link = files.link(`${pid}/ns/${kind}`);
  const digits = isReadFault(link) ? undefined : /^[a-z]+:\[(\d{1,15})\]$/.exec(link)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function isDenied(files: ProcFiles, pid: number, folder: string, visit: HoldingVisitor): boolean {
  const count = files.socketLinks(folder, (descriptor, inode) => visit(inode, pid, descriptor));
  if (isReadFault(count)) return count.fault === "denied";
  const isLeaders = folder === `${pid}/fd`;
  return count === 0 && isLeaders && isLeaderGone(files, pid) && isAnyThreadDenied(files, pid, visit);
}

/** A process whose first thread has ended shows no descriptors, though its other threads hold them. */
function isLeaderGone(files: ProcFiles, pid: number): boolean {
  const stat = files.text(`${pid}/stat`, 1024, "latin1");
  return !isReadFault(stat) && stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

function isAnyThreadDenied(files: ProcFiles, pid: number, visit: HoldingVisitor): boolean {
  const threads = files.names(`${pid}/task`);
  if (isReadFault(threads)) return false;
  const other = threads.find((thread) => thread !== String(pid));
  return other !== undefined && isDenied(files, pid, `${pid}/task/${other}/fd`, visit);
}
