// Connects through non-blocking sockets and epoll(7): where io_uring is switched off.
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
import { EINPROGRESS } from "./errno.js";
import { ErrorMessage, type IcmpError, takeError } from "./error-queue.js";
import { interfaceIndex } from "./interface-index.js";
import { checked, int32, libc } from "./libc.js";
import { SO_ERROR, SOCK_NONBLOCK_CLOEXEC, SOL_SOCKET } from "./socket-constants.js";
import type { TransmitGuard } from "./transmit-guard.js";

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
/** EPOLLOUT | EPOLLERR | EPOLLHUP: a connect has ended, one way or the other. */
const EVENTS = 0x4 | 0x8 | 0x10;
/** struct epoll_event { u32 events; u64 data }, packed on x86-64 only. */
const EVENT_BYTES = process.arch === "x64" ? 12 : 16;
const EVENT_DATA_AT = EVENT_BYTES - 8;
const EVENTS_AT_ONCE = 256;

/** One socket a connect. */
export class EpollConnector implements Connector {
  readonly name = "epoll";
  readonly fd: number;
  readonly tellsErrors = true;
  readonly capacity: number;
  readonly #guard: TransmitGuard;
  readonly #events = new Uint8Array(EVENTS_AT_ONCE * EVENT_BYTES);
  readonly #eventView = new DataView(this.#events.buffer);
  readonly #address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly #addressView = new DataView(this.#address.buffer);
  readonly #fdOf = new Map<number, number>();
  readonly #tokenOf = new Map<number, number>();
  /** Connects that have ended and are not told yet. */
  readonly #ended: [token: number, errno: number, error: IcmpError | undefined][] = [];
  readonly #message = new ErrorMessage();

  /** @throws SystemCallError where epoll cannot be had */
  constructor(capacity: number, guard: TransmitGuard) {
    this.capacity = capacity;
    this.#guard = guard;
    this.fd = checked("epoll_create1", libc().epollCreate(EPOLL_CLOEXEC));
  }

  connect(token: number, address: Address, port: number): boolean {
    this.#guard.checkAddress(address);
    if (this.#fdOf.size >= this.capacity) return false;
    const fd = openSocket(familyOf(address), SOCK_NONBLOCK_CLOEXEC);
    if (fd < 0) return this.#end(token, libc().errno());
    const length = writeSocketAddress(this.#addressView, 0, address, port, scopeIdOf(address, interfaceIndex));
    const result = libc().connect(fd, this.#address, length);
    const errno = result < 0 ? libc().errno() : 0;
    if (errno !== EINPROGRESS) {
      libc().close(fd);
      return this.#end(token, errno); // refused within the call: loopback, or this machine's own rules
    }
    this.#fdOf.set(token, fd);
    this.#tokenOf.set(fd, token);
    this.#eventView.setUint32(0, EVENTS, true);
    this.#eventView.setUint32(EVENT_DATA_AT, fd, true);
    this.#eventView.setUint32(EVENT_DATA_AT + 4, 0, true);
    checked("epoll_ctl", libc().epollControl(this.fd, EPOLL_CTL_ADD, fd, this.#events));
    return true;
  }

  cancel(token: number): void {
    const fd = this.#fdOf.get(token);
    if (fd !== undefined) this.#drop(token, fd);
    const at = this.#ended.findIndex(([ended]) => ended === token);
    if (at >= 0) this.#ended.splice(at, 1);
  }

  collect(handler: ConnectHandler): number {
    const ended = this.#ended.splice(0);
    for (const one of ended) handler(...one);
    return ended.length + this.#poll(0, handler);
  }

  wait(timeoutMs: number): void {
    if (this.#ended.length > 0) return;
    this.#poll(Math.ceil(timeoutMs), (...one) => this.#ended.push(one));
  }

  close(): void {
    for (const fd of this.#tokenOf.keys()) libc().close(fd);
    libc().close(this.fd);
  }

  #poll(timeoutMs: number, handler: ConnectHandler): number {
    const count = libc().epollWait(this.fd, this.#events, EVENTS_AT_ONCE, timeoutMs);
    const fds: number[] = [];
    for (let index = 0; index < count; index++) {
      fds.push(this.#eventView.getUint32(index * EVENT_BYTES + EVENT_DATA_AT, true));
    }
    let told = 0;
    for (const fd of fds) {
      const token = this.#tokenOf.get(fd);
      if (token === undefined) continue; // given up by a handler of this very round
      const value = new Uint8Array(4);
      libc().getsockopt(fd, SOL_SOCKET, SO_ERROR, value, int32(value.length));
      const errno = new DataView(value.buffer).getInt32(0, true);
      const error = errno === 0 ? undefined : takeError(fd, this.#message);
      this.#drop(token, fd);
      handler(token, errno, error);
      told++;
    }
    return told;
  }

  #end(token: number, errno: number): true {
    this.#ended.push([token, errno, undefined]);
    return true;
  }

  #drop(token: number, fd: number): void {
    libc().close(fd); // leaves the epoll set by itself
    this.#fdOf.delete(token);
    this.#tokenOf.delete(fd);
  }
}
