// What this process may do (capabilities(7)), as the kernel has it in /proc.
import { readFileSync } from "node:fs";

/** Bit of CAP_NET_RAW: packet and raw sockets (include/uapi/linux/capability.h). */
const CAP_NET_RAW = 13;

/** True when the effective set has CAP_NET_RAW. False, too, where there is no /proc to ask. */
export function canUseRawSockets(procRoot: string = "/proc"): boolean {
  let status: string;
  try {
    status = readFileSync(`${procRoot}/self/status`, "latin1");
  } catch {
    return false; // no /proc: not Linux, or a bare container; the connect techniques need nothing of it
  }
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (effective === undefined) return false;
  return ((BigInt(`0x${effective}`) >> BigInt(CAP_NET_RAW)) & 1n) === 1n;
}
