// One io_uring (io_uring(7), include/uapi/linux/io_uring.h): queues requests in shared memory and reads completions.
// Only what the connector needs: connect, cancel, a wait with a time limit.
import { checked, libc } from "./libc.js";

const SYS_SETUP = 425;
const SYS_ENTER = 426;
const SETUP_CQSIZE = 1 << 3;
const SETUP_SINGLE_ISSUER = 1 << 12;
const SETUP_DEFER_TASKRUN = 1 << 13;
const ENTER_GETEVENTS = 1;
const ENTER_EXT_ARG = 8;
const OFFSET_SUBMISSIONS = 0;
const OFFSET_ENTRIES = 0x10000000;
const PARAMS_BYTES = 120;
const SUBMISSION_BYTES = 64;
const COMPLETION_BYTES = 16;

export const OP_ASYNC_CANCEL = 14;
export const OP_CONNECT = 16;

/** A request, as far as postern uses its fields (struct io_uring_sqe). */
export interface Submission {
  op: number;
  fd: number;
  /** `off`, `addr2`: its meaning depends on the operation. */
  offset: number;
  /** A pointer in two halves: BigInt would allocate. */
  addressLow: number;
  addressHigh: number;
  /** Comes back with the completion: two 32-bit halves. */
  tag: number;
  tagHigh: number;
}

/** Gets each completion. */
export type CompletionHandler = (tag: number, tagHigh: number, result: number) => void;

/** One ring. */
export class IoUring {
  readonly fd: number;
  private readonly ring: ArrayBuffer;
  private readonly ringWords: Int32Array;
  private readonly entries: ArrayBuffer;
  private readonly entryView: DataView;
  private readonly entryBytes: Uint8Array;
  private readonly entryCount: number;
  private readonly tailAt: number;
  private readonly completionHeadAt: number;
  private readonly completionTailAt: number;
  private readonly completionsAt: number;
  private readonly completionMask: number;
  private readonly waitArgument = new Uint8Array(24);
  private readonly timeout = new Uint8Array(16);
  private tail: number;
  private queuedCount = 0;

  /** @throws SystemCallError where io_uring is switched off (EPERM), too old (EINVAL) or not there (ENOSYS) */
  constructor(entries: number) {
    const params = new Uint8Array(PARAMS_BYTES);
    const view = new DataView(params.buffer);
    view.setUint32(4, entries * 4, true);
    view.setUint32(8, SETUP_CQSIZE | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN, true);
    this.fd = checked("io_uring_setup", libc().ioUringSetup(SYS_SETUP, entries, params));
    // struct io_sqring_offsets at 40 { head, tail, mask, entries, flags, dropped, array }, io_cqring_offsets at 80.
    const field = (at: number): number => view.getUint32(at, true);
    this.entryCount = field(0);
    const arrayAt = field(64);
    this.completionsAt = field(100);
    const ringBytes = Math.max(arrayAt + this.entryCount * 4, this.completionsAt + field(4) * COMPLETION_BYTES);
    this.ring = libc().map(this.fd, ringBytes, OFFSET_SUBMISSIONS);
    this.ringWords = new Int32Array(this.ring);
    this.entries = libc().map(this.fd, this.entryCount * SUBMISSION_BYTES, OFFSET_ENTRIES);
    this.entryView = new DataView(this.entries);
    this.entryBytes = new Uint8Array(this.entries);
    this.tailAt = field(44) >> 2;
    this.completionHeadAt = field(80) >> 2;
    this.completionTailAt = field(84) >> 2;
    this.completionMask = this.word(field(88) >> 2);
    this.tail = this.word(this.tailAt);
    for (let index = 0; index < this.entryCount; index++) this.ringWords[(arrayAt >> 2) + index] = index;
    const argument = new DataView(this.waitArgument.buffer); // struct io_uring_getevents_arg
    argument.setBigUint64(16, libc().addressOf(this.timeout), true);
  }

  /** Requests that can be queued before the next {@link enter}. */
  get roomCount(): number {
    return this.entryCount - this.queuedCount;
  }

  /** Queues a request; there must be room. */
  queue(submission: Submission): void {
    const at = (this.tail & (this.entryCount - 1)) * SUBMISSION_BYTES;
    const view = this.entryView;
    this.entryBytes.fill(0, at, at + SUBMISSION_BYTES);
    view.setUint8(at, submission.op);
    view.setInt32(at + 4, submission.fd, true);
    view.setUint32(at + 8, submission.offset, true);
    view.setUint32(at + 16, submission.addressLow, true);
    view.setUint32(at + 20, submission.addressHigh, true);
    view.setUint32(at + 32, submission.tag, true);
    view.setUint32(at + 36, submission.tagHigh, true);
    this.tail = (this.tail + 1) | 0;
    this.queuedCount++;
  }

  /** Hands over what is queued; waits for `waitFor` completions, at most the given time. Returns a negative errno on failure. */
  enter(waitFor: number, timeoutMs: number): number {
    Atomics.store(this.ringWords, this.tailAt, this.tail);
    const timeout = new DataView(this.timeout.buffer); // struct __kernel_timespec
    timeout.setUint32(0, Math.floor(timeoutMs / 1000), true);
    timeout.setUint32(8, Math.floor((timeoutMs % 1000) * 1e6), true);
    const argument = waitFor > 0 ? this.waitArgument : null;
    const flags = ENTER_GETEVENTS | (waitFor > 0 ? ENTER_EXT_ARG : 0);
    const bytes = waitFor > 0 ? this.waitArgument.length : 0;
    const result = Number(libc().ioUringEnter(SYS_ENTER, this.fd, this.queuedCount, waitFor, flags, argument, bytes));
    if (result < 0) return -libc().errno();
    this.queuedCount -= result;
    return result;
  }

  /** Hands all completions that are there to the handler. Returns how many. */
  collect(handler: CompletionHandler): number {
    const end = Atomics.load(this.ringWords, this.completionTailAt);
    let head = this.word(this.completionHeadAt);
    let count = 0;
    for (; head !== end; head = (head + 1) | 0) {
      const at = (this.completionsAt + (head & this.completionMask) * COMPLETION_BYTES) >> 2;
      handler(this.word(at), this.word(at + 1), this.word(at + 2));
      count++;
    }
    Atomics.store(this.ringWords, this.completionHeadAt, head);
    return count;
  }

  close(): void {
    libc().unmap(this.entries);
    libc().unmap(this.ring);
    libc().close(this.fd);
  }

  private word(at: number): number {
    return this.ringWords[at] ?? 0;
  }
}
