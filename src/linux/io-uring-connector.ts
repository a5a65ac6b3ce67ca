// Connects through io_uring: hundreds are begun with one system call, and a socket that was refused is connected again,
// which saves two system calls a port (measured: docs/performance.md).
import { SystemCallError } from "../model/errors.js";
import type { Address } from "../target/address.js";
import {
  type ConnectHandler,
  type Connector,
  familyOf,
  openSocket,
  SOCKET_ADDRESS_BYTES,
  scopeIdOf,
  writeSocketAddress,
} from "./connector.js";
import { EAGAIN, EBUSY, ECANCELED, ECONNREFUSED, EINTR, ENOTCONN, ETIME, errnoName } from "./errno.js";
import { ErrorMessage, type IcmpError, takeError } from "./error-queue.js";
import { interfaceIndex } from "./interface-index.js";
import { type CompletionHandler, IoUring, OP_ASYNC_CANCEL, OP_CONNECT, type Submission } from "./io-uring.js";
import { checked, libc } from "./libc.js";
import { PollSet } from "./poll.js";
import { AF_INET } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

const ENTRIES = 2048;
/** A cancellation takes one request more: this much room is kept. */
const ROOM_MIN = 8;
const NO_TOKEN = -1;
const NO_FD = -1;
const SOCK_CLOEXEC = 0o2000000;
/** So many connects have to end before a waiting thread is woken: fewer calls, and still within a round trip. */
const WAKE_FROM = 32;
/** Completions in one call at most. */
const COMPLETE_MAX = 512;

/** Connects with ordinary sockets and one ring. A socket's number is its place in the tables. */
export class IoUringConnector implements Connector {
  readonly name = "io_uring";
  readonly fd: number;
  readonly tellsErrors = true;
  readonly capacity: number;
  private readonly guard: TransmitGuard;
  private readonly ring: IoUring;
  private readonly addressView: DataView;
  private readonly addressBaseLow: number;
  private readonly addressBaseHigh: number;
  private readonly fds: Int32Array;
  private readonly families: Uint8Array;
  private readonly tokens: Int32Array;
  private readonly results: Int32Array;
  /** By token. */
  private readonly sockets: number[] = [];
  /** Sockets that can be connected now, by family. */
  private readonly free = new Map<number, number[]>();
  private readonly ended: number[] = [];
  private readonly polled: PollSet;
  private readonly message = new ErrorMessage();
  private openedCount = 0;
  private underWay = 0;
  private readonly request: Submission = { op: 0, fd: 0, offset: 0, addressLow: 0, addressHigh: 0, tag: 0, tagHigh: 0 };

  /** @throws SystemCallError where io_uring is switched off, or the kernel is older than 6.1 */
  constructor(capacity: number, guard: TransmitGuard) {
    this.capacity = capacity;
    this.guard = guard;
    this.ring = new IoUring(ENTRIES);
    this.fd = this.ring.fd;
    const addresses = new Uint8Array(capacity * SOCKET_ADDRESS_BYTES);
    this.addressView = new DataView(addresses.buffer);
    const base = libc().addressOf(addresses);
    this.addressBaseLow = Number(base & 0xffffffffn);
    this.addressBaseHigh = Number(base >> 32n);
    this.fds = new Int32Array(capacity).fill(NO_FD);
    this.families = new Uint8Array(capacity);
    this.tokens = new Int32Array(capacity).fill(NO_TOKEN);
    this.results = new Int32Array(capacity);
    this.polled = new PollSet(capacity);
  }

  connect(token: number, address: Address, port: number): boolean {
    this.guard.checkAddress(address);
    if (this.ring.roomCount < ROOM_MIN) this.ring.enter(0, 0);
    const socket = this.ring.roomCount < ROOM_MIN ? undefined : this.takeSocket(familyOf(address));
    if (socket === undefined) return false;
    const at = socket * SOCKET_ADDRESS_BYTES;
    const length = writeSocketAddress(this.addressView, at, address, port, scopeIdOf(address, interfaceIndex));
    this.tokens[socket] = token;
    this.sockets[token] = socket;
    const low = this.addressBaseLow + at;
    const request = this.request;
    request.op = OP_CONNECT;
    request.fd = this.fds[socket] ?? NO_FD;
    request.offset = length;
    request.addressLow = low >>> 0;
    request.addressHigh = this.addressBaseHigh + (low > 0xffffffff ? 1 : 0);
    request.tag = socket;
    request.tagHigh = OP_CONNECT;
    this.ring.queue(request);
    this.underWay++;
    return true;
  }

  cancel(token: number): void {
    const socket = this.sockets[token];
    if (socket === undefined || this.tokens[socket] !== token) return;
    this.tokens[socket] = NO_TOKEN;
    if (this.ring.roomCount < ROOM_MIN) this.ring.enter(0, 0);
    const request = this.request;
    request.op = OP_ASYNC_CANCEL;
    request.fd = NO_FD;
    request.offset = 0;
    request.addressLow = socket; // the connect to cancel is named by its user data: tag and operation
    request.addressHigh = OP_CONNECT;
    request.tag = socket;
    request.tagHigh = OP_ASYNC_CANCEL;
    this.ring.queue(request);
  }

  /**
   * The ring's result alone proves nothing: while a connect is in progress, io_connect() takes any poll error for its
   * end, and an ICMP error in the queue is one, so that it ends with 0 (seen on Linux 6.18). And a refusal may be a RST
   * or an ICMP error. One poll(2) over all sockets that have ended tells which of them have errors queued.
   */
  collect(handler: ConnectHandler): number {
    const ended = this.ended;
    ended.length = 0;
    this.ring.collect(this.onCompletion);
    if (ended.length === 0) return 0;
    this.polled.clear();
    for (const socket of ended) this.polled.add(this.fds[socket] ?? NO_FD);
    this.polled.poll(0);
    for (let index = 0; index < ended.length; index++) this.end(ended[index] ?? 0, index, handler);
    return ended.length;
  }

  wait(timeoutMs: number): void {
    // With deferred task work one call completes as many requests as it waits for, or 20 (io_uring.c,
    // IO_LOCAL_TW_DEFAULT_MAX): so many are asked for even when the time limit is 0.
    const most = timeoutMs > 0 ? WAKE_FROM : COMPLETE_MAX;
    const waitFor = Math.max(timeoutMs > 0 ? 1 : 0, Math.min(this.underWay, most));
    const result = this.ring.enter(waitFor, timeoutMs);
    // The time is over, a signal came, completions are to be collected first, or there is nothing to do just now.
    if (result < 0 && ![ETIME, EINTR, EBUSY, EAGAIN].includes(-result)) {
      throw new SystemCallError("io_uring_enter", -result, errnoName(-result));
    }
  }

  close(): void {
    this.ring.close();
    for (const fd of this.fds) if (fd !== NO_FD) libc().close(fd);
  }

  private readonly onCompletion: CompletionHandler = (socket, op, result) => {
    if (op !== OP_CONNECT) return;
    this.underWay--;
    this.results[socket] = -result;
    this.ended.push(socket);
  };

  private end(socket: number, index: number, handler: ConnectHandler): void {
    const token = this.tokens[socket] ?? NO_TOKEN;
    this.tokens[socket] = NO_TOKEN;
    const hasError = this.polled.hasError(index);
    const error: IcmpError | undefined = hasError ? takeError(this.fds[socket] ?? NO_FD, this.message) : undefined;
    let errno = this.results[socket] ?? 0;
    if (errno === EINTR) errno = ECANCELED;
    if (errno === 0 && (error !== undefined || !this.polled.isWritable(index))) errno = ENOTCONN;
    // Only a socket that a RST refused is as good as new; one with an error in its queue would end the next connect.
    if (errno === ECONNREFUSED && !hasError) this.free.get(this.families[socket] ?? AF_INET)?.push(socket);
    else this.renew(socket, this.families[socket] ?? AF_INET);
    if (token === NO_TOKEN) return; // given up by the caller
    handler(token, errno, error);
  }

  /** A socket of the family; undefined when all are in use. */
  private takeSocket(family: number): number | undefined {
    const free = this.free.get(family)?.pop();
    if (free !== undefined) return free;
    if (this.openedCount < this.capacity) {
      this.renew(this.openedCount++, family);
      return this.free.get(family)?.pop();
    }
    for (const [other, list] of this.free) {
      const socket = other === family ? undefined : list.pop();
      if (socket === undefined) continue;
      this.renew(socket, family); // all places are taken by sockets of the other family: turn one over
      return this.free.get(family)?.pop();
    }
    return undefined;
  }

  /** Opens the socket anew and makes it free. One that cannot be had (ENFILE, ENOBUFS) is one fewer. */
  private renew(socket: number, family: number): void {
    const old = this.fds[socket] ?? NO_FD;
    if (old !== NO_FD) libc().close(old);
    const fd = openSocket(family, SOCK_CLOEXEC);
    if (fd < 0 && this.openedCount === 1) checked("socket(SOCK_STREAM)", fd); // not even one: nothing can work
    this.fds[socket] = fd;
    this.families[socket] = family;
    if (fd < 0) return;
    const list = this.free.get(family);
    if (list === undefined) this.free.set(family, [socket]);
    else list.push(socket);
  }
}
