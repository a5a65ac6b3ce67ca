// A tree with so many processes that two threads look at them.
import { procTrees } from "./proc-tree.test.data.js";

/** More than the fewest for which a second thread is called. */
export const MANY = 1010;
/** The socket that every tenth process holds, twice. */
export const SHARED = 5;

/** The number of the socket that a process holds alone. */
export function socketOf(pid: number): number {
  return 100_000 + pid;
}

/** Makes such a tree: each process holds one socket alone, every tenth a shared one, too. */
export function manyProcesses(): string {
  const files: Record<string, string> = { stat: "btime 1700000000\n" };
  const links: Record<string, string> = {};
  for (let pid = 1; pid <= MANY; pid++) {
    files[`${pid}/stat`] = `${pid} (worker ${pid}) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${pid * 100} 0`;
    files[`${pid}/status`] =
      `Name:\tworker\nUid:\t${pid}\t${pid + 1}\t0\t0\nNSpid:\t${pid}\nCapEff:\t00000000a80425fb\n`;
    files[`${pid}/cgroup`] = `0::/system.slice/worker@${pid % 3}.service\n`;
    links[`${pid}/exe`] = "/usr/bin/worker (deleted)";
    links[`${pid}/ns/net`] = "net:[4026531840]";
    links[`${pid}/fd/0`] = "/dev/null";
    links[`${pid}/fd/3`] = `socket:[${socketOf(pid)}]`;
    if (pid % 10 === 0) links[`${pid}/fd/4`] = links[`${pid}/fd/5`] = `socket:[${SHARED}]`;
  }
  files["net/tcp"] =
    `head\n${tableLine(SHARED)}${Array.from({ length: MANY }, (_, at) => tableLine(socketOf(at + 1))).join("")}`;
  return procTrees()({ files, links });
}

/** A listening socket in /proc/net/tcp, with a port of its own. */
function tableLine(inode: number): string {
  const port = (inode % 65_536).toString(16).toUpperCase().padStart(4, "0");
  return `   0: 0100007F:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;
}
