// Reads many small files, links and folders of /proc, or of a tree that looks like it. By the kernel's calls themselves:
// for 5,000 processes with 75,000 descriptors node:fs takes half as long again (docs/performance.md, INSIDE).
import { statSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { EACCES, ENOENT, ENOTDIR, EPERM, ESRCH } from "./errno.js";
import { libc } from "./libc.js";

const O_DIRECTORY = process.arch === "arm64" ? 0o40000 : 0o200000;
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000; // a FIFO in a tree of somebody else's must not hold us up
/** getdents64 (arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h). */
const GETDENTS64 = process.arch === "x64" ? 217 : 61;
/** struct linux_dirent64 { u64 ino, s64 off, u16 reclen, u8 type, char name[] }: getdents(2). */
const RECORD_LENGTH_AT = 16;
const RECORD_NAME_AT = 19;
const NAME_BYTES_MAX = 256;
const LINK_BYTES_MAX = 4096;

/** Why something was not read: it has gone, this process may not, or it is not what it should be. */
export type ReadFault = { readonly fault: "gone" | "denied" | "unreadable" };

const GONE: ReadFault = { fault: "gone" };
const DENIED: ReadFault = { fault: "denied" };
const UNREADABLE: ReadFault = { fault: "unreadable" };

/** True for what could not be read. */
export function isReadFault(value: unknown): value is ReadFault {
  return typeof value === "object" && value !== null && "fault" in value;
}

/** "socket:[" as the kernel writes it (net/socket.c, sockfs_dname). */
const SOCKET_PREFIX = Buffer.from("socket:[", "latin1");

/** The files below one root. */
export class ProcFiles {
  /** An absolute path. */
  readonly root: string;
  readonly #records: Buffer = Buffer.alloc(1 << 16);
  readonly #name: Buffer = Buffer.alloc(NAME_BYTES_MAX);
  readonly #link: Buffer = Buffer.alloc(LINK_BYTES_MAX);
  #content: Buffer = Buffer.alloc(1 << 16);

  constructor(root: string) {
    this.root = resolve(root);
  }

  /**
   * About how many processes there are, without looking at them: /proc counts them among its links (fs/proc/root.c,
   * proc_root_getattr()), and most file systems count folders there. 0 where nothing is to be learned that way.
   */
  processCountAbout(): number {
    return statSync(this.root, { throwIfNoEntry: false })?.nlink ?? 0;
  }

  /** The names in a folder, without "." and "..". */
  names(path: string): readonly string[] | ReadFault {
    const names: string[] = [];
    const fault = this.#walk(path, (_folder, at, end) => {
      names.push(this.#records.toString("utf8", at, end));
    });
    return fault ?? names;
  }

  /** Where a symbolic link leads. */
  link(path: string): string | ReadFault {
    const name = Buffer.from(`${this.root}/${path}\0`);
    const length = Number(libc().readlinkat(-1, name, this.#link, LINK_BYTES_MAX)); // an absolute path: no folder needed
    return length < 0 ? faultOf(libc().errno()) : this.#link.toString("utf8", 0, length);
  }

  /**
   * A file as text, at most so many bytes of it.
   * @param encoding "latin1" where only ASCII counts: it is faster, and loses no byte
   */
  text(path: string, bytesMax: number, encoding: "latin1" | "utf8" = "utf8"): string | ReadFault {
    const fd = libc().open(`${this.root}/${path}`, O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return faultOf(libc().errno());
    try {
      let length = 0;
      while (length < bytesMax) {
        if (length === this.#content.length) this.#grow();
        const room = this.#content.subarray(length, Math.min(this.#content.length, bytesMax));
        const count = Number(libc().read(fd, room, room.length));
        if (count < 0) return faultOf(libc().errno());
        if (count === 0) break;
        length += count;
      }
      return this.#content.toString(encoding, 0, length);
    } finally {
      libc().close(fd);
    }
  }

  /**
   * A file that the kernel writes in one piece (seq_file's single_open(): PID/stat, status, cgroup), or one that fits our
   * buffer: it is read with one call, not asked for more. What is longer than the buffer is cut.
   */
  record(path: string, encoding: "latin1" | "utf8" = "utf8"): string | ReadFault {
    const fd = libc().open(`${this.root}/${path}`, O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return faultOf(libc().errno());
    const count = Number(libc().read(fd, this.#content, this.#content.length));
    const fault = count < 0 ? faultOf(libc().errno()) : undefined;
    libc().close(fd);
    return fault ?? this.#content.toString(encoding, 0, count);
  }

  /**
   * Calls back for every descriptor in a folder (PID/fd) that is a socket; returns how many descriptors there were. A folder
   * that may be listed and whose links may not be read is denied, too.
   */
  socketLinks(path: string, onSocket: (descriptor: number, inode: number) => void): number | ReadFault {
    let count = 0;
    let isDenied = false;
    const fault = this.#walk(path, (folder, at, end) => {
      if (end - at >= NAME_BYTES_MAX) return;
      count++;
      this.#takeName(at, end);
      const length = Number(libc().readlinkat(folder, this.#name, this.#link, LINK_BYTES_MAX));
      if (length < 0) isDenied ||= faultOf(libc().errno()) === DENIED; // others were closed meanwhile
      const inode = socketInode(this.#link, length);
      if (inode !== undefined) onSocket(decimal(this.#name, 0, end - at), inode);
    });
    return fault ?? (isDenied ? DENIED : count);
  }

  /** Calls back with each entry's folder and where its name stands in the records. */
  #walk(path: string, onEntry: (folder: number, at: number, end: number) => void): ReadFault | undefined {
    const folder = libc().open(`${this.root}/${path}`, O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return faultOf(libc().errno());
    try {
      for (;;) {
        const bytes = Number(libc().getdents(GETDENTS64, folder, this.#records, this.#records.length));
        if (bytes < 0) return faultOf(libc().errno());
        if (bytes === 0) return undefined;
        this.#eachRecord(bytes, (at, end) => onEntry(folder, at, end));
      }
    } finally {
      libc().close(folder);
    }
  }

  #eachRecord(bytes: number, onName: (at: number, end: number) => void): void {
    const records = this.#records;
    for (let at = 0; at < bytes; at += records.readUInt16LE(at + RECORD_LENGTH_AT)) {
      const from = at + RECORD_NAME_AT;
      const end = records.indexOf(0, from);
      const isDot = records[from] === 0x2e && (end - from === 1 || (end - from === 2 && records[from + 1] === 0x2e));
      if (!isDot) onName(from, end);
    }
  }

  /** By hand: names have a few bytes, and a call of Buffer's costs more. */
  #takeName(at: number, end: number): void {
    for (let next = at; next < end; next++) this.#name[next - at] = this.#records[next] ?? 0;
    this.#name[end - at] = 0;
  }

  #grow(): void {
    const wider = Buffer.alloc(this.#content.length * 4);
    this.#content.copy(wider);
    this.#content = wider;
  }
}

function faultOf(errno: number): ReadFault {
  if (errno === ENOENT || errno === ESRCH || errno === ENOTDIR) return GONE;
  return errno === EPERM || errno === EACCES ? DENIED : UNREADABLE;
}

/** The number in "socket:[123]"; undefined for every other link. */
function socketInode(link: Buffer, length: number): number | undefined {
  const start = SOCKET_PREFIX.length;
  if (length < start + 2) return undefined;
  for (let at = 0; at < start; at++) if (link[at] !== SOCKET_PREFIX[at]) return undefined;
  return decimal(link, start, length - 1);
}

function decimal(bytes: Buffer, at: number, end: number): number {
  let value = 0;
  for (let next = at; next < end; next++) value = value * 10 + (bytes[next] ?? 0x30) - 0x30;
  return value;
}
