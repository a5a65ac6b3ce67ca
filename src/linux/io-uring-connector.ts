// Connects through io_uring: no descriptor of the process is used, and a socket that was refused is connected again,
// which saves two system calls a port (measured: docs/performance.md).

import { SystemCallError } from "../model/errors.js";
import type { Address } from "../target/address.js";
import {
  AF_INET,
  type ConnectHandler,
  type Connector,
  familyOf,
  SOCK_STREAM,
  SOCKET_ADDRESS_BYTES,
  scopeIdOf,
  writeSocketAddress,
} from "./connector.js";
import { ECANCELED, ECONNREFUSED, EINTR, EINVAL } from "./errno.js";
import { interfaceIndex } from "./interface-index.js";
import {
  IoUring,
  OP_ASYNC_CANCEL,
  OP_CLOSE,
  OP_CONNECT,
  OP_SOCKET,
  SQE_FIXED_FILE,
  SQE_LINK,
  type Submission,
} from "./io-uring.js";
import { libc } from "./libc.js";
import type { TransmitGuard } from "./transmit-guard.js";

const ENTRIES = 2048;
/** A renewal takes two requests, a cancellation one: this much room is kept. */
const ROOM_MIN = 8;
const NO_TOKEN = -1;
/** So many connects have to end before a waiting thread is woken: fewer calls, and still within a round trip. */
const WAKE_FROM = 32;
/** Completions in one call at most. */
const COMPLETE_MAX = 512;

/** Sockets of one family that can be connected now. */
type FreeList = number[];

/** Connects with direct descriptors in one ring. */
export class IoUringConnector implements Connector {
  readonly name = "io_uring";
  readonly fd: number;
  readonly capacity: number;
  readonly #guard: TransmitGuard;
  readonly #ring: IoUring;
  readonly #addresses: Uint8Array;
  readonly #addressView: DataView;
  readonly #addressBaseLow: number;
  readonly #addressBaseHigh: number;
  readonly #tokenOf: Int32Array;
  readonly #familyOf: Uint8Array;
  readonly #socketOf = new Map<number, number>();
  readonly #free = new Map<number, FreeList>();
  /** Sockets never opened so far: slots from here on. */
  #unopened = 0;
  #underWay = 0;
  readonly #request: Submission = {
    op: 0,
    flags: 0,
    fd: 0,
    offset: 0,
    addressLow: 0,
    addressHigh: 0,
    fileIndex: 0,
    tag: 0,
    tagHigh: 0,
  };

  /** @throws SystemCallError where io_uring is switched off, or the kernel is older than 6.1 */
  constructor(capacity: number, guard: TransmitGuard) {
    this.capacity = capacity;
    this.#guard = guard;
    this.#ring = new IoUring(ENTRIES, capacity);
    this.fd = this.#ring.fd;
    this.#addresses = new Uint8Array(capacity * SOCKET_ADDRESS_BYTES);
    this.#addressView = new DataView(this.#addresses.buffer);
    const base = libc().addressOf(this.#addresses);
    this.#addressBaseLow = Number(base & 0xffffffffn);
    this.#addressBaseHigh = Number(base >> 32n);
    this.#tokenOf = new Int32Array(capacity).fill(NO_TOKEN);
    this.#familyOf = new Uint8Array(capacity);
    this.#prove();
  }

  connect(token: number, address: Address, port: number): boolean {
    this.#guard.checkAddress(address);
    if (this.#ring.roomCount < ROOM_MIN) this.#ring.enter(0, 0);
    if (this.#ring.roomCount < ROOM_MIN) return false;
    const family = familyOf(address);
    const socket = this.#freeList(family).pop();
    if (socket === undefined) {
      this.#open(family);
      return false;
    }
    const at = socket * SOCKET_ADDRESS_BYTES;
    const length = writeSocketAddress(this.#addressView, at, address, port, scopeIdOf(address, interfaceIndex));
    this.#tokenOf[socket] = token;
    this.#socketOf.set(token, socket);
    const request = this.#begin(OP_CONNECT, socket);
    request.flags = SQE_FIXED_FILE;
    request.fd = socket;
    request.offset = length;
    const low = this.#addressBaseLow + at;
    request.addressLow = low >>> 0;
    request.addressHigh = this.#addressBaseHigh + (low > 0xffffffff ? 1 : 0);
    this.#ring.queue(request);
    this.#underWay++;
    return true;
  }

  cancel(token: number): void {
    const socket = this.#socketOf.get(token);
    if (socket === undefined) return;
    this.#socketOf.delete(token);
    this.#tokenOf[socket] = NO_TOKEN;
    if (this.#ring.roomCount < ROOM_MIN) this.#ring.enter(0, 0);
    const request = this.#begin(OP_ASYNC_CANCEL, socket);
    request.fd = -1;
    request.addressLow = socket; // the connect to cancel is named by its user data: tag and operation
    request.addressHigh = OP_CONNECT;
    this.#ring.queue(request);
  }

  collect(handler: ConnectHandler): number {
    let count = 0;
    this.#ring.collect((socket, op, result) => {
      if (op === OP_CONNECT) count += this.#onConnect(socket, result, handler);
      else if (op === OP_SOCKET) this.#onSocket(socket, result);
    });
    return count;
  }

  wait(timeoutMs: number): void {
    // With deferred task work one call completes as many requests as it waits for, or 20 (io_uring.c,
    // IO_LOCAL_TW_DEFAULT_MAX): so many are asked for even when the time limit is 0.
    const waitFor = timeoutMs > 0 ? Math.max(1, Math.min(this.#underWay, WAKE_FROM)) : Math.min(this.#underWay, COMPLETE_MAX);
    const result = this.#ring.enter(waitFor, timeoutMs);
    // ETIME (62) is the end of the waiting; EINTR a signal; EBUSY (16) completions that are to be collected first.
    if (result < 0 && ![-62, -EINTR, -16, -11].includes(result)) {
      throw new SystemCallError("io_uring_enter", -result, `errno ${-result}`);
    }
  }

  close(): void {
    this.#ring.close();
  }

  #onConnect(socket: number, result: number, handler: ConnectHandler): number {
    this.#underWay--;
    const token = this.#tokenOf[socket] ?? NO_TOKEN;
    this.#tokenOf[socket] = NO_TOKEN;
    if (result === -ECONNREFUSED) this.#freeList(this.#familyOf[socket] ?? AF_INET).push(socket);
    else this.#renew(socket);
    if (token === NO_TOKEN) return 0; // given up by the caller
    this.#socketOf.delete(token);
    handler(token, result === -ECANCELED || result === -EINTR ? ECANCELED : -result);
    return 1;
  }

  #onSocket(socket: number, result: number): void {
    // A socket that cannot be had (ENFILE, ENOBUFS) is one fewer; the others go on.
    if (result >= 0) this.#freeList(this.#familyOf[socket] ?? AF_INET).push(socket);
  }

  #freeList(family: number): FreeList {
    let list = this.#free.get(family);
    if (list === undefined) {
      list = [];
      this.#free.set(family, list);
    }
    return list;
  }

  /** Opens more sockets of a family: as many again as there are, so that few are opened for few ports. */
  #open(family: number): void {
    const most = Math.min(this.capacity, Math.max(16, this.#unopened * 2));
    while (this.#unopened < most && this.#ring.roomCount > ROOM_MIN) this.#openOne(this.#unopened++, family);
    if (this.#unopened < this.capacity || this.#underWay > 0) return;
    // All slots are taken by sockets of the other family: turn one over.
    for (const [other, list] of this.#free) {
      const socket = other === family ? undefined : list.pop();
      if (socket === undefined) continue;
      this.#familyOf[socket] = family;
      this.#renew(socket);
      return;
    }
  }

  #openOne(socket: number, family: number): void {
    this.#familyOf[socket] = family;
    const request = this.#begin(OP_SOCKET, socket);
    request.fd = family;
    request.offset = SOCK_STREAM;
    request.fileIndex = socket + 1;
    this.#ring.queue(request);
  }

  /** A used socket is closed and opened anew; it is free again when that has completed. */
  #renew(socket: number): void {
    if (this.#ring.roomCount < ROOM_MIN) this.#ring.enter(0, 0);
    const request = this.#begin(OP_CLOSE, socket);
    request.flags = SQE_LINK;
    request.fileIndex = socket + 1;
    this.#ring.queue(request);
    this.#openOne(socket, this.#familyOf[socket] ?? AF_INET);
  }

  /** The request object, cleared, for this operation. */
  #begin(op: number, socket: number): Submission {
    const request = this.#request;
    request.op = op;
    request.flags = 0;
    request.fd = 0;
    request.offset = 0;
    request.addressLow = 0;
    request.addressHigh = 0;
    request.fileIndex = 0;
    request.tag = socket;
    request.tagHigh = op;
    return request;
  }

  /** Opens the first socket and waits for it: a kernel that lacks direct sockets says so here (EINVAL). */
  #prove(): void {
    this.#openOne(this.#unopened++, AF_INET);
    this.#ring.enter(1, 1000);
    let fault = EINVAL;
    this.#ring.collect((socket, _op, result) => {
      fault = result < 0 ? -result : 0;
      this.#onSocket(socket, result);
    });
    if (fault === 0) return;
    this.#ring.close();
    throw new SystemCallError("io_uring(SOCKET)", fault, `errno ${fault}`);
  }
}
