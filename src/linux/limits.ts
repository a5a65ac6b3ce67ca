// Limits of this process (getrlimit(2)), as the kernel has them in /proc.
import { readFileSync } from "node:fs";

/** What systems without /proc allow at least (POSIX _POSIX_OPEN_MAX is lower still; Node raises its own limit). */
const OPEN_FILES_ELSEWHERE = 1024;

/** How many descriptors this process may have open (RLIMIT_NOFILE, soft; Node has raised it to the hard one). */
export function openFilesMax(procRoot: string = "/proc"): number {
  let limits: string;
  try {
    limits = readFileSync(`${procRoot}/self/limits`, "latin1");
  } catch {
    return OPEN_FILES_ELSEWHERE; // no /proc: not Linux, or a bare container
  }
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  return soft === undefined || soft === "unlimited" ? OPEN_FILES_ELSEWHERE : Number(soft);
}
