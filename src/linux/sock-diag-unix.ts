// Unix sockets, as the kernel lists them (include/uapi/linux/unix_diag.h; net/unix/diag.c): with both ends of a
// connection, which no table of /proc has.

import type { UnixSocket } from "./kernel-socket.js";
import type { Netlink } from "./netlink.js";
import { type AttributeVisitor, walkAttributes } from "./netlink-message.js";
import { type DumpReader, dumpSockets, type SocketDump } from "./sock-diag.js";
import { AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from "./socket-constants.js";
import { socketName } from "./socket-name.js";
import { socketState } from "./socket-state.js";

/** struct unix_diag_req { u8 family, protocol; u16 pad; u32 states, ino, show, cookie[2] }. */
const REQUEST_BYTES = 24;
const REQUEST_STATES_AT = 4;
const REQUEST_SHOW_AT = 12;
/** UDIAG_SHOW_NAME, _PEER, _RQLEN and _UID; kernels before 5.3 know nothing of the last and pass over it. */
const SHOW = 0x01 | 0x04 | 0x10 | 0x40;
/** struct unix_diag_msg { u8 family, type, state, pad; u32 ino, cookie[2] }. */
const TYPE_AT = 1;
const STATE_AT = 2;
const INODE_AT = 4;
const COOKIE_AT = 8;
const MESSAGE_BYTES = 16;
const UNIX_DIAG_NAME = 0;
const UNIX_DIAG_PEER = 2;
const UNIX_DIAG_RQLEN = 4;
const UNIX_DIAG_UID = 7;

/** Unix sockets use four of TCP's states, this one among them (net/unix/af_unix.c). */
const LISTEN = 10;
const ALL_STATES = 0xffff_ffff;

const TYPES: Readonly<Record<number, UnixSocket["type"]>> = {
  [SOCK_STREAM]: "stream",
  [SOCK_DGRAM]: "datagram",
  [SOCK_SEQPACKET]: "seqpacket",
};

/**
 * Which sockets are wanted. `listening`: stream sockets that listen, and datagram sockets without a peer, which take from
 * anybody. Of the latter those without a name are there, too, although nobody can find them.
 */
type UnixChoice = "listening" | "all";

/**
 * The Unix sockets of the network namespace where `netlink` was opened.
 *
 * @throws SystemCallError when the kernel cannot be talked to
 */
export function dumpUnixSockets(netlink: Netlink, choice: UnixChoice): SocketDump<UnixSocket> {
  const request = new Uint8Array(REQUEST_BYTES);
  const view = new DataView(request.buffer);
  request[0] = AF_UNIX;
  // The kernel's filter is of no use: a datagram socket is "established" as soon as anybody else has connected to it
  // (unix_dgram_connect()), though it takes from all as before. ss -xl misses /dev/log for that.
  view.setUint32(REQUEST_STATES_AT, ALL_STATES, true);
  view.setUint32(REQUEST_SHOW_AT, SHOW, true);
  return dumpSockets(netlink, request, () => new UnixReader(choice));
}

/** What the attributes of a message tell. */
interface Extras {
  path: string | undefined;
  peer: number | undefined;
  uid: number | undefined;
  receiveQueue: number;
  sendQueue: number;
}

/** Reads the messages of one dump. */
export class UnixReader implements DumpReader<UnixSocket> {
  readonly cookieAt: number = COOKIE_AT;
  readonly #isListeningWanted: boolean;

  constructor(choice: UnixChoice) {
    this.#isListeningWanted = choice === "listening";
  }

  read(view: DataView, at: number, end: number): UnixSocket | undefined {
    if (end - at < MESSAGE_BYTES || view.getUint8(at) !== AF_UNIX) return undefined;
    const type = view.getUint8(at + TYPE_AT);
    const state = view.getUint8(at + STATE_AT);
    const isDatagram = type === SOCK_DGRAM;
    if (this.#isListeningWanted && !isDatagram && state !== LISTEN) return undefined;
    const nothing: Extras = { path: undefined, peer: undefined, uid: undefined, receiveQueue: 0, sendQueue: 0 };
    const extras = walkAttributes(view, at + MESSAGE_BYTES, end, nothing, takeAttribute);
    if (this.#isListeningWanted && isDatagram && extras.peer !== undefined) return undefined;
    return {
      kind: "unix",
      type: TYPES[type] ?? `type-${type}`,
      state: socketState(state),
      inode: view.getUint32(at + INODE_AT, true),
      ...extras,
    };
  }
}

const takeAttribute: AttributeVisitor<Extras> = (extras, type, view, at, end) => {
  const bytes = end - at;
  if (type === UNIX_DIAG_NAME) {
    extras.path = socketName(new Uint8Array(view.buffer, view.byteOffset + at, bytes));
  } else if (type === UNIX_DIAG_PEER && bytes >= 4) {
    extras.peer = view.getUint32(at, true) || undefined; // 0: the other end is not accepted yet, and has no file
  } else if (type === UNIX_DIAG_RQLEN && bytes >= 8) {
    extras.receiveQueue = view.getUint32(at, true);
    extras.sendQueue = view.getUint32(at + 4, true);
  } else if (type === UNIX_DIAG_UID && bytes >= 4) {
    extras.uid = view.getUint32(at, true);
  }
};
