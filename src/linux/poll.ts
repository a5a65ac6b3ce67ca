// Looking at descriptors, and waiting for them (poll(2)).
import { libc } from "./libc.js";

const POLLIN = 1;
const POLLOUT = 4;
const POLLERR = 8;
/** struct pollfd { int fd; short events, revents }. */
const ENTRY_BYTES = 8;

/** A list of descriptors that are looked at with one call. */
export class PollSet {
  private readonly entries: Uint8Array;
  private readonly words: Int32Array;
  private count = 0;

  constructor(capacity: number) {
    this.entries = new Uint8Array(capacity * ENTRY_BYTES);
    this.words = new Int32Array(this.entries.buffer);
  }

  clear(): void {
    this.count = 0;
  }

  /** `isRead` waits for what can be read alone, otherwise also for room to write. Errors count in both cases. */
  add(fd: number, isRead: boolean = false): void {
    this.words[this.count * 2] = fd;
    this.words[this.count * 2 + 1] = isRead ? POLLIN : POLLIN | POLLOUT;
    this.count++;
  }

  /** Waits until something can be said of one of them, at most `timeoutMs`. Signals end the waiting early. */
  poll(timeoutMs: number): void {
    libc().poll(this.entries, this.count, Math.max(0, Math.ceil(timeoutMs)));
  }

  /** True when there is anything to be said of the descriptor at this place. */
  isReady(index: number): boolean {
    return (this.words[index * 2 + 1] ?? 0) >>> 16 !== 0;
  }

  /** True when the descriptor at this place has an error pending, or one in its error queue. */
  hasError(index: number): boolean {
    return (((this.words[index * 2 + 1] ?? 0) >>> 16) & POLLERR) !== 0;
  }

  /** True when the descriptor at this place could be written to: a TCP socket that is connecting could not. */
  isWritable(index: number): boolean {
    return (((this.words[index * 2 + 1] ?? 0) >>> 16) & POLLOUT) !== 0;
  }
}

/** Waits until one of the descriptors can be read, at most `timeoutMs`. Signals and errors end the waiting early. */
export function waitReadable(fds: readonly number[], timeoutMs: number): void {
  const entries = new Uint8Array(fds.length * ENTRY_BYTES);
  const view = new DataView(entries.buffer);
  for (const [index, fd] of fds.entries()) {
    view.setInt32(index * ENTRY_BYTES, fd, true);
    view.setInt16(index * ENTRY_BYTES + 4, POLLIN, true);
  }
  libc().poll(entries, fds.length, Math.max(0, Math.ceil(timeoutMs)));
}
