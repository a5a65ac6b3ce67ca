// Passes bytes between a connected socket and two descriptors of this process, both ways, until both sides have ended:
// by splice(2) where a pipe is at the other end, so that bytes never enter this process, and by a buffer elsewhere.
// One thread waits in poll(2) for all; nothing else runs meanwhile, and a signal ends the process as it ends any.
import { fstatSync } from "node:fs";
import type { Clock } from "./clock.js";
import { EAGAIN, ECONNRESET, EINTR, EINVAL, EPIPE } from "./errno.js";
import { libc } from "./libc.js";
import { MSG_DONTWAIT } from "./socket-constants.js";

/** SPLICE_F_MOVE | SPLICE_F_NONBLOCK (include/linux/splice.h). */
const SPLICE_FLAGS = 3;
const SPLICE_BYTES = 1 << 20;
/** Larger ones were no faster. */
const BUFFER_BYTES = 1 << 17;
const SHUT_WR = 1;
const POLLIN = 1;
const POLLOUT = 4;
const POLLERR = 8;
/** POLLERR | POLLHUP: told unasked. */
const BROKEN = 0x18;
/** struct pollfd { int fd; short events, revents }; a negative fd is passed over. */
const ENTRY_BYTES = 8;
const INPUT_AT = 0;
const SOCKET_AT = 1;
const OUTPUT_AT = 2;
const ENTRY_COUNT = 3;
/** Two tries find out which of two sides is not ready; more of them would only burn time. */
const BARREN_MAX = 4;

/** What is connected with what, and when it ends. */
export interface PumpWork {
  /** Connected and non-blocking. */
  readonly socket: number;
  readonly input: number;
  readonly output: number;
  /** True: the end of the input ends our half of the connection. */
  readonly isHalfClosing: boolean;
  /** Ends so long after the end of the input; undefined: not before the other side does. */
  readonly quitMs: number | undefined;
  /** Ends when nothing has been moved for so long. */
  readonly idleMs: number | undefined;
  readonly clock: Clock;
}

/** Why it has ended. */
export interface PumpEnd {
  /** "failed" is the connection's, the next two are the descriptors'. */
  readonly why: "ended" | "quit" | "idle" | "failed" | "input failed" | "output failed";
  /** What failed; 0 for nothing. */
  readonly errno: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** One direction. */
class Mover {
  isEnded = false;
  bytes = 0;
  errno = 0;
  /** True when it was the side that is written to that failed. */
  isSinkBroken = false;
  /** What must be ready before the next try: the side that is written to, or the one that is read. */
  waitsForSink = false;
  readonly from: number;
  readonly to: number;
  readonly #isToSocket: boolean;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #isSplicing: boolean;
  #start = 0;
  #end = 0;

  constructor(from: number, to: number, isSplicing: boolean, isToSocket: boolean) {
    this.from = from;
    this.to = to;
    this.#isSplicing = isSplicing;
    this.#isToSocket = isToSocket;
  }

  /** Moves once what can be moved now. True when anything was. */
  move(): boolean {
    return this.#isSplicing ? this.#splice() : this.#copy();
  }

  #splice(): boolean {
    const moved = libc().splice(this.from, this.to, SPLICE_BYTES, SPLICE_FLAGS);
    if (moved > 0) {
      this.bytes += moved;
      this.waitsForSink = false;
      return true;
    }
    if (moved === 0) this.isEnded = true;
    else if (libc().errno() === EINVAL) return this.#startCopying();
    else this.#refused(this.#isToSocket || libc().errno() === EPIPE); // nothing but EPIPE is a pipe's
    this.waitsForSink = !this.waitsForSink; // which of the two was not ready, splice(2) does not say
    return false;
  }

  /** One of the two cannot be spliced: a file opened for appending, say. */
  #startCopying(): boolean {
    this.#isSplicing = false;
    return this.#copy();
  }

  #copy(): boolean {
    if (this.#start === this.#end && !this.#fill()) return false;
    const rest = this.#buffer.subarray(this.#start, this.#end);
    const written = Number(
      this.#isToSocket
        ? libc().send(this.to, rest, rest.length, MSG_DONTWAIT)
        : libc().write(this.to, rest, rest.length),
    );
    if (written < 0) this.#refused(true);
    else this.#start += written;
    this.bytes += Math.max(0, written);
    this.waitsForSink = this.#start < this.#end;
    return written > 0;
  }

  /** Reads into the empty buffer. False when there was nothing. */
  #fill(): boolean {
    const read = Number(
      this.#isToSocket
        ? libc().read(this.from, this.#buffer, BUFFER_BYTES)
        : libc().recv(this.from, this.#buffer, BUFFER_BYTES, MSG_DONTWAIT),
    );
    if (read < 0) this.#refused(false);
    this.isEnded ||= read === 0;
    this.#start = 0;
    this.#end = Math.max(0, read);
    return read > 0;
  }

  #refused(isSink: boolean): void {
    const errno = libc().errno();
    if (errno === EAGAIN || errno === EINTR) return;
    this.isEnded = true;
    this.errno = errno;
    this.isSinkBroken = isSink;
  }
}

/** Passes bytes until there is a reason to end. The socket is the caller's to close. */
export function pumpBytes(work: PumpWork): PumpEnd {
  return new Pump(work).run();
}

class Pump {
  readonly #work: PumpWork;
  readonly #sending: Mover;
  readonly #receiving: Mover;
  readonly #entries = new Uint8Array(ENTRY_COUNT * ENTRY_BYTES);
  readonly #view = new DataView(this.#entries.buffer);
  #movedAtMs: number;
  #quitAtMs = Number.POSITIVE_INFINITY;
  #isInputOver = false;
  /** Tries in a row that have moved nothing although poll(2) called both sides ready. */
  #barrenCount = 0;

  constructor(work: PumpWork) {
    this.#work = work;
    this.#sending = new Mover(work.input, work.socket, isPipe(work.input), true);
    this.#receiving = new Mover(work.socket, work.output, isPipe(work.output), false);
    this.#movedAtMs = work.clock.now();
  }

  run(): PumpEnd {
    for (;;) {
      const timeoutMs = this.#timeoutMs();
      if (timeoutMs < 0) return this.#end(this.#quitAtMs <= this.#work.clock.now() ? "quit" : "idle", 0);
      this.#wait(timeoutMs);
      if (this.#isReady(this.#sending, INPUT_AT)) this.#move(this.#sending);
      if (this.#isReady(this.#receiving, OUTPUT_AT)) this.#move(this.#receiving);
      const end = this.#whetherEnded();
      if (end !== undefined) return end;
    }
  }

  /** Until the next limit; negative when one is over, Infinity without any. */
  #timeoutMs(): number {
    const { idleMs, clock } = this.#work;
    const idleAtMs = idleMs === undefined ? Number.POSITIVE_INFINITY : this.#movedAtMs + idleMs;
    const leftMs = Math.min(idleAtMs, this.#quitAtMs) - clock.now();
    return leftMs <= 0 ? -1 : leftMs;
  }

  #wait(timeoutMs: number): void {
    const sending = this.#sending;
    const receiving = this.#receiving;
    const wantsInput = !sending.isEnded && !sending.waitsForSink;
    const wantsRoom = !sending.isEnded && sending.waitsForSink;
    const wantsBytes = !receiving.isEnded && !receiving.waitsForSink;
    const wantsOutput = !receiving.isEnded && receiving.waitsForSink;
    this.#watch(INPUT_AT, wantsInput ? sending.from : -1, POLLIN);
    this.#watch(SOCKET_AT, this.#work.socket, (wantsRoom ? POLLOUT : 0) | (wantsBytes ? POLLIN : 0));
    this.#watch(OUTPUT_AT, this.#work.output, wantsOutput ? POLLOUT : 0);
    libc().poll(this.#entries, ENTRY_COUNT, Number.isFinite(timeoutMs) ? Math.ceil(timeoutMs) : -1);
  }

  #watch(place: number, fd: number, events: number): void {
    this.#view.setInt32(place * ENTRY_BYTES, fd, true);
    this.#view.setInt16(place * ENTRY_BYTES + 4, events, true);
    this.#view.setInt16(place * ENTRY_BYTES + 6, 0, true);
  }

  #told(place: number): number {
    return this.#view.getInt16(place * ENTRY_BYTES + 6, true);
  }

  /** True when what a direction waits for has come. `place`: where its end that is not the socket stands. */
  #isReady(mover: Mover, place: number): boolean {
    if (mover.isEnded) return false;
    const isSending = mover === this.#sending;
    if (mover.waitsForSink === isSending)
      return (this.#told(SOCKET_AT) & (isSending ? POLLOUT | BROKEN : POLLIN | BROKEN)) !== 0;
    return this.#told(place) !== 0;
  }

  #move(mover: Mover): void {
    if (mover.move()) {
      this.#movedAtMs = this.#work.clock.now();
      this.#barrenCount = 0;
    } else if (++this.#barrenCount > BARREN_MAX) {
      libc().poll(this.#entries, 0, 1);
    }
  }

  #whetherEnded(): PumpEnd | undefined {
    const sending = this.#sending;
    const receiving = this.#receiving;
    if (sending.isEnded && !this.#isInputOver) this.#onInputOver();
    if (sending.errno !== 0 && !sending.isSinkBroken) return this.#end("input failed", sending.errno);
    if (receiving.errno !== 0) return this.#end(receiving.isSinkBroken ? "output failed" : "failed", receiving.errno);
    if ((this.#told(OUTPUT_AT) & POLLERR) !== 0) return this.#end("output failed", EPIPE);
    // The other side has said all that it will, and now it is gone: nobody is left to send to.
    const isGone = receiving.isEnded && (this.#told(SOCKET_AT) & BROKEN) !== 0;
    if (!receiving.isEnded || !(sending.isEnded || isGone)) return undefined;
    return sending.errno === 0 && !isGone ? this.#end("ended", 0) : this.#end("failed", sending.errno || ECONNRESET);
  }

  #onInputOver(): void {
    const { isHalfClosing, quitMs, clock, socket } = this.#work;
    this.#isInputOver = true;
    if (isHalfClosing) libc().shutdown(socket, SHUT_WR);
    if (quitMs !== undefined) this.#quitAtMs = clock.now() + quitMs;
  }

  #end(why: PumpEnd["why"], errno: number): PumpEnd {
    return { why, errno, receivedBytes: this.#receiving.bytes, sentBytes: this.#sending.bytes };
  }
}

function isPipe(fd: number): boolean {
  return fstatSync(fd).isFIFO();
}
