// The C library's calls as functions of JavaScript, by koffi. Nothing is loaded before the first use: most runs of
// the command line (help, errors) never get here. Signatures: the manual pages of section 2.
import { createRequire } from "node:module";
import { SystemCallError } from "../model/errors.js";
import { errnoName } from "./errno.js";

/** Memory that a call reads or writes: an array of ours, an address, or nothing. */
export type Memory = Uint8Array | bigint | null;

/** The calls that postern makes. All return -1 on failure unless noted; {@link Libc.errno} then tells why. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, addressBytes: number): number;
  connect(fd: number, address: Uint8Array, addressBytes: number): number;
  close(fd: number): number;
  /** The same on a thread of Node's pool, for sockets that the kernel takes long to close. */
  closeElsewhere(fd: number): Promise<void>;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, valueBytes: number): number;
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, valueBytes: Uint8Array): number;
  getsockname(fd: number, address: Uint8Array, addressBytes: Uint8Array): number;
  send(fd: number, data: Memory, bytes: number, flags: number): number;
  sendto(fd: number, data: Memory, bytes: number, flags: number, address: Uint8Array, addressBytes: number): number;
  recvfrom(
    fd: number,
    data: Uint8Array,
    bytes: number,
    flags: number,
    address: Uint8Array,
    addressBytes: Uint8Array,
  ): number;
  recvmsg(fd: number, header: Uint8Array, flags: number): number;
  splice(from: number, to: number, bytes: number, flags: number): number;
  write(fd: number, data: Memory, bytes: number): number;
  shutdown(fd: number, how: number): number;
  tcgetattr(fd: number, mode: Uint8Array): number;
  tcsetattr(fd: number, when: number, mode: Uint8Array): number;
  recv(fd: number, data: Uint8Array, bytes: number, flags: number): number;
  sendmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number;
  /** The same on a thread of Node's pool; `done` comes with the result, -1 for a failure whose errno is lost. */
  sendmmsgAsync(fd: number, messages: Uint8Array, count: number, flags: number, done: (result: number) => void): void;
  /** Moves the calling thread, and no other, into a namespace. */
  setns(fd: number, kind: number): number;
  /** Moves the calling thread, and no other, into a new namespace. */
  unshare(kinds: number): number;
  poll(entries: Uint8Array, count: number, timeoutMs: number): number;
  open(path: string, flags: number): number;
  read(fd: number, into: Uint8Array, bytes: number): number;
  /** Reads a symbolic link; `name` is relative to the folder `fd` and ends with NUL. */
  readlinkat(fd: number, name: Uint8Array, into: Uint8Array, bytes: number): number;
  /** getdents64(2) by its number of the machine's architecture. */
  getdents(call: number, fd: number, into: Uint8Array, bytes: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, fd: number, event: Uint8Array | null): number;
  epollWait(epoll: number, events: Uint8Array, most: number, timeoutMs: number): number;
  ioUringSetup(call: number, entries: number, params: Uint8Array): number;
  ioUringEnter(
    call: number,
    fd: number,
    submit: number,
    waitFor: number,
    flags: number,
    argument: Memory,
    bytes: number,
  ): number;
  /** A shared mapping of a file descriptor as memory of ours. */
  map(fd: number, bytes: number, offset: number): ArrayBuffer;
  unmap(memory: ArrayBuffer): void;
  /** Where an array of ours lies, for structures that hold pointers. The array must outlive its use. */
  addressOf(bytes: Uint8Array): bigint;
  errno(): number;
}

const PROT_READ_WRITE = 3;
const MAP_SHARED_POPULATE = 0x8001;

let loaded: Libc | undefined;

/** The C library, loaded on first use. */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

type Koffi = typeof import("koffi");

function load(): Libc {
  // koffi is a CommonJS package of one binary: require() finds it faster than import does.
  const koffi = createRequire(import.meta.url)("koffi") as Koffi;
  const library = koffi.load(null);
  const sendmmsg = library.func("int sendmmsg(int, void*, uint32, int)");
  const close = library.func("int close(int)");
  const mmap = library.func("void* mmap(void*, size_t, int, int, int, int64)");
  const munmap = library.func("int munmap(void*, size_t)");
  const mapped = new WeakMap<ArrayBuffer, unknown>();
  return {
    ...streamCalls(library),
    socket: library.func("int socket(int, int, int)"),
    bind: library.func("int bind(int, const void*, uint32)"),
    connect: library.func("int connect(int, const void*, uint32)"),
    close,
    closeElsewhere: (fd) => new Promise((resolve) => close.async(fd, () => resolve())),
    setsockopt: library.func("int setsockopt(int, int, int, const void*, uint32)"),
    getsockopt: library.func("int getsockopt(int, int, int, void*, void*)"),
    getsockname: library.func("int getsockname(int, void*, void*)"),
    send: library.func("int64 send(int, void*, size_t, int)") as Libc["send"],
    recvmsg: library.func("int64 recvmsg(int, void*, int)") as Libc["recvmsg"],
    recv: library.func("int64 recv(int, void*, size_t, int)") as Libc["recv"],
    sendmmsg,
    sendmmsgAsync: (fd, messages, count, flags, done) =>
      sendmmsg.async(fd, messages, count, flags, (fault: unknown, result: number) => {
        done(fault === null || fault === undefined ? result : -1);
      }),
    setns: library.func("int setns(int, int)"),
    unshare: library.func("int unshare(int)"),
    poll: library.func("int poll(void*, uint64, int)"),
    open: library.func("int open(const char*, int)"),
    read: library.func("int64 read(int, void*, size_t)") as Libc["read"],
    readlinkat: library.func("int64 readlinkat(int, const void*, void*, size_t)") as Libc["readlinkat"],
    getdents: library.func("syscall", "int64", ["int64", "int", "void*", "size_t"]) as Libc["getdents"],
    epollCreate: library.func("int epoll_create1(int)"),
    epollControl: library.func("int epoll_ctl(int, int, int, void*)"),
    epollWait: library.func("int epoll_wait(int, void*, int, int)"),
    ioUringSetup: library.func("syscall", "int64", ["int64", "uint32", "void*"]) as Libc["ioUringSetup"],
    ioUringEnter: library.func("syscall", "int64", [
      "int64",
      "int",
      "uint32",
      "uint32",
      "uint32",
      "void*",
      "size_t",
    ]) as Libc["ioUringEnter"],
    map(fd, bytes, offset) {
      const pointer: unknown = mmap(null, bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset);
      const isFailed = pointer === null || BigInt.asIntN(64, koffi.address(pointer as never)) === -1n;
      if (isFailed) throw callFault("mmap", koffi.errno());
      const memory = koffi.view(pointer as never, bytes);
      mapped.set(memory, pointer);
      return memory;
    },
    unmap(memory) {
      const pointer = mapped.get(memory);
      if (pointer !== undefined) munmap(pointer, memory.byteLength);
      mapped.delete(memory);
    },
    addressOf: (bytes) => BigInt(koffi.address(bytes as never)),
    errno: () => koffi.errno(),
  };
}

/** Calls that pass on what people and programs say to each other. */
function streamCalls(
  library: ReturnType<Koffi["load"]>,
): Pick<Libc, "sendto" | "recvfrom" | "splice" | "write" | "shutdown" | "tcgetattr" | "tcsetattr"> {
  const splice = library.func("int64 splice(int, void*, int, void*, size_t, uint32)");
  return {
    sendto: library.func("int64 sendto(int, void*, size_t, int, const void*, uint32)") as Libc["sendto"],
    recvfrom: library.func("int64 recvfrom(int, void*, size_t, int, void*, void*)") as Libc["recvfrom"],
    splice: (from, to, bytes, flags) => Number(splice(from, null, to, null, bytes, flags)),
    write: library.func("int64 write(int, void*, size_t)") as Libc["write"],
    shutdown: library.func("int shutdown(int, int)"),
    tcgetattr: library.func("int tcgetattr(int, void*)"),
    tcsetattr: library.func("int tcsetattr(int, int, const void*)"),
  };
}

function callFault(call: string, errno: number, object?: string, hint?: string): SystemCallError {
  return new SystemCallError(call, errno, errnoName(errno), {
    ...(object === undefined ? {} : { object }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * Hands a call's result on, or throws what the kernel said.
 *
 * @throws SystemCallError when the result is negative
 */
export function checked(call: string, result: number | bigint, object?: string, hint?: string): number {
  const value = Number(result);
  if (value < 0) throw callFault(call, libc().errno(), object, hint);
  return value;
}

/** A 32-bit integer as most socket options take it, in the machine's byte order (all supported ones are little-endian). */
export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
