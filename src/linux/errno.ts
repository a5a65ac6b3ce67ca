// The kernel's error numbers that postern meets (include/uapi/asm-generic/errno*.h), with words for the user.

export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
export const EAGAIN = 11;
export const EACCES = 13;
export const EBUSY = 16;
export const EEXIST = 17;
export const EXDEV = 18;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EINVAL = 22;
export const EPIPE = 32;
export const ETIME = 62;
export const EBADMSG = 74;
export const EMSGSIZE = 90;
export const EAFNOSUPPORT = 97;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ENETDOWN = 100;
export const ENETUNREACH = 101;
export const ECONNRESET = 104;
export const ENOBUFS = 105;
export const ENOTCONN = 107;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;
export const EHOSTUNREACH = 113;
export const EINPROGRESS = 115;
export const ECANCELED = 125;

const NAMES: Readonly<Record<number, string>> = {
  1: "EPERM, not permitted",
  2: "ENOENT, no such file",
  3: "ESRCH, no such process",
  4: "EINTR, interrupted",
  5: "EIO, input or output failed",
  6: "ENXIO, no such device",
  9: "EBADF, bad file descriptor",
  11: "EAGAIN, try again",
  12: "ENOMEM, out of memory",
  13: "EACCES, permission denied",
  14: "EFAULT, bad address",
  16: "EBUSY, busy",
  17: "EEXIST, it is there already",
  18: "EXDEV, of another device",
  19: "ENODEV, no such device",
  20: "ENOTDIR, not a directory",
  21: "EISDIR, is a directory",
  22: "EINVAL, invalid argument",
  23: "ENFILE, too many open files in the system",
  24: "EMFILE, too many open files",
  27: "EFBIG, file too large",
  28: "ENOSPC, no room left on the device",
  30: "EROFS, file system can only be read",
  32: "EPIPE, nobody reads it any more",
  36: "ENAMETOOLONG, name too long",
  38: "ENOSYS, not known to this kernel",
  40: "ELOOP, too many symbolic links",
  62: "ETIME, timer expired",
  74: "EBADMSG, message makes no sense",
  90: "EMSGSIZE, message too long",
  92: "ENOPROTOOPT, option not known to this kernel",
  93: "EPROTONOSUPPORT, protocol not supported",
  95: "EOPNOTSUPP, not supported",
  97: "EAFNOSUPPORT, address family not supported",
  98: "EADDRINUSE, address in use",
  99: "EADDRNOTAVAIL, no such address or no free port here",
  100: "ENETDOWN, network is down",
  101: "ENETUNREACH, network is unreachable",
  103: "ECONNABORTED, connection aborted",
  104: "ECONNRESET, connection reset",
  105: "ENOBUFS, no buffer space",
  107: "ENOTCONN, not connected",
  110: "ETIMEDOUT, timed out",
  111: "ECONNREFUSED, connection refused",
  113: "EHOSTUNREACH, no route to host",
  115: "EINPROGRESS, in progress",
  122: "EDQUOT, quota used up",
  125: "ECANCELED, cancelled",
};

/** "ENOBUFS, no buffer space"; "errno 77" for one that is not in the table. */
export function errnoName(errno: number): string {
  return NAMES[errno] ?? `errno ${errno}`;
}

/** Linux's number for an error that Node names by its code ("ECONNREFUSED"): numbers differ between systems. */
export function errnoOfCode(code: string | undefined): number {
  const found = Object.entries(NAMES).find(([, words]) => words.startsWith(`${code},`));
  return found === undefined ? EINVAL : Number(found[0]);
}

/** "ENOSPC, no room left on the device" for an error that Node names by its code; the bare code if it is not in the table. */
export function errnoWords(code: string): string {
  return Object.values(NAMES).find((words) => words.startsWith(`${code},`)) ?? code;
}
