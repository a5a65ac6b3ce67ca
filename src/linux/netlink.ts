// A netlink socket for questions to the kernel (netlink(7)): routes and interfaces (rtnetlink(7)), sockets
// (sock_diag(7)), and the families of generic netlink.

import { EBADMSG, EINTR, EMSGSIZE } from "./errno.js";
import { checked, int32, libc } from "./libc.js";
import {
  type AnswerState,
  type MessageVisitor,
  type NetlinkRequest,
  packRequest,
  readAttributes,
  walkMessages,
} from "./netlink-message.js";
import { SOCK_CLOEXEC, SOCK_RAW } from "./socket-constants.js";

const AF_NETLINK = 16;
/** What a socket asks about (include/uapi/linux/netlink.h). */
const PROTOCOLS = { route: 0, "sock-diag": 4, generic: 16 } as const;
const SOL_NETLINK = 270;
/** NETLINK_GET_STRICT_CHK: dumps honour the filters of the request (Linux 4.20). */
const NETLINK_GET_STRICT_CHK = 12;
/** recv(2) tells the length of the datagram, even where it is longer than the buffer. */
const MSG_TRUNC = 0x20;
/** The kernel fills at most 32 KB with one part of a dump (netlink_recvmsg()); what is no dump may be longer. */
const BUFFER_BYTES = 1 << 18;

/** What a netlink socket can ask about. */
export type NetlinkProtocol = keyof typeof PROTOCOLS;

/** One answer: the message's type, its fixed part, and its attributes by number. */
export interface NetlinkMessage {
  readonly type: number;
  readonly body: Uint8Array;
  readonly attributes: ReadonlyMap<number, Uint8Array>;
}

/** The answers, or the errno with which the kernel refused. */
export type NetlinkReply = { readonly messages: readonly NetlinkMessage[] } | { readonly errno: number };

/** How an answer ended: with 0, or with the errno of a refusal. */
export interface AnswerEnd {
  readonly errno: number;
  /** True when what was listed has changed meanwhile: some of it may be missing. */
  readonly isTorn: boolean;
}

/** A socket for one question after another. */
export class Netlink {
  readonly #protocol: NetlinkProtocol;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #fd: number;
  #sequence = 0;

  /** @throws SystemCallError when the socket cannot be had */
  constructor(protocol: NetlinkProtocol = "route") {
    this.#protocol = protocol;
    this.#fd = open(protocol);
  }

  /** Asks, and waits for the whole answer. `fixedBytes` is the length of the fixed part of the answer's messages. */
  ask(request: NetlinkRequest, fixedBytes: number, mostMessages: number = Number.POSITIVE_INFINITY): NetlinkReply {
    const messages: NetlinkMessage[] = [];
    const { errno } = this.walk(request, (type, at, end) => {
      if (messages.length >= mostMessages || end - at < fixedBytes) return;
      messages.push(parseMessage(this.#buffer.slice(at, end), type, fixedBytes)); // a copy: the buffer is used again
    });
    return errno === 0 ? { messages } : { errno };
  }

  /**
   * Asks, and shows each message of the answer where it lies in {@link bytes}: for answers of many thousand messages.
   * What is shown is overwritten by the next messages.
   *
   * @throws SystemCallError when the kernel cannot be talked to
   */
  walk(request: NetlinkRequest, visit: MessageVisitor): AnswerEnd {
    this.#sequence++;
    const bytes = packRequest(request, this.#sequence);
    checked("send(AF_NETLINK)", libc().send(this.#fd, bytes, bytes.length, 0));
    const state: AnswerState = { errno: undefined, isTorn: false, isDump: request.isDump === true };
    while (state.errno === undefined) this.#receive(state, visit);
    return { errno: state.errno, isTorn: state.isTorn };
  }

  /** Where {@link walk} shows messages. */
  get bytes(): Uint8Array {
    return this.#buffer;
  }

  close(): void {
    libc().close(this.#fd);
  }

  #receive(state: AnswerState, visit: MessageVisitor): void {
    const received = Number(libc().recv(this.#fd, this.#buffer, this.#buffer.length, MSG_TRUNC));
    const errno = received < 0 ? libc().errno() : 0;
    if (errno === EINTR) return;
    if (errno === 0 && received <= this.#buffer.length) {
      walkMessages(new DataView(this.#buffer.buffer, 0, received), this.#sequence, state, visit);
      if (state.errno !== EBADMSG) return;
    } else {
      state.errno = errno === 0 ? EMSGSIZE : errno;
    }
    this.#startAnew();
  }

  /** A part of the answer is lost, perhaps its end (ENOBUFS), and the kernel may still be at it: a new socket is clean. */
  #startAnew(): void {
    libc().close(this.#fd);
    this.#fd = open(this.#protocol);
  }
}

function open(protocol: NetlinkProtocol): number {
  const fd = checked(
    "socket(AF_NETLINK)",
    libc().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, PROTOCOLS[protocol]),
    protocol,
  );
  libc().setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, int32(1), 4); // older kernels do without
  return fd;
}

function parseMessage(bytes: Uint8Array, type: number, fixedBytes: number): NetlinkMessage {
  return { type, body: bytes.subarray(0, fixedBytes), attributes: readAttributes(bytes, (fixedBytes + 3) & ~3) };
}
