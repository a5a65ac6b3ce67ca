// Why processes may be hidden from this one although nothing is refused: it lives in a PID namespace of its own, or /proc is
// mounted with hidepid (proc(5), pid_namespaces(7)).
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";

/** PROC_PID_INIT_INO (include/linux/proc_ns.h): the PID namespace that sees all others. */
const FIRST_PID_NAMESPACE = 0xefff_fffc;
/** Bit of CAP_SYS_PTRACE (include/uapi/linux/capability.h): what hidepid asks for. */
const CAP_SYS_PTRACE = 19n;
const BYTES_MAX = 1 << 20;

/** The reason as a clause; undefined when all processes can be seen. */
export function sightLimits(files: ProcFiles): string | undefined {
  const namespace = files.link("self/ns/pid");
  if (!isReadFault(namespace) && namespace !== `pid:[${FIRST_PID_NAMESPACE}]`) {
    return "processes outside of this PID namespace cannot be seen from here: run it on the host itself";
  }
  return isHidden(files)
    ? "/proc is mounted with hidepid, so other users' processes cannot be seen: run as root"
    : undefined;
}

function isHidden(files: ProcFiles): boolean {
  const mounts = textOf(files.text("self/mountinfo", BYTES_MAX));
  // … mount point, options, fields, "-", type, source, options of the file system. Of several the last one covers the others.
  const proc = [...mounts.matchAll(/^\S+ \S+ \S+ \S+ \/proc .* - proc \S+ (\S+)$/gm)].at(-1)?.[1];
  if (proc === undefined || !/(?:^|,)hidepid=(?!0|off)/.test(proc)) return false;
  const effective = /^CapEff:\s*([0-9a-f]{1,32})$/m.exec(textOf(files.text("self/status", BYTES_MAX)))?.[1];
  return effective === undefined || ((BigInt(`0x${effective}`) >> CAP_SYS_PTRACE) & 1n) === 0n;
}

function textOf(text: string | { readonly fault: string }): string {
  return typeof text === "string" ? text : "";
}
