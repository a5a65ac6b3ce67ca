// A netlink socket for netfilter: hears traces and logged packets, makes and removes connections (include/uapi/linux/
// netfilter/nfnetlink.h, nf_tables.h, nfnetlink_log.h, nfnetlink_conntrack.h).
import { checked, int32, libc } from "../../src/linux/libc.js";
import { walkAttributes } from "../../src/linux/netlink-message.js";
import { MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_RAW, SOL_SOCKET } from "../../src/linux/socket-constants.js";

const AF_NETLINK = 16;
const NETLINK_NETFILTER = 12;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_NO_ENOBUFS = 5;
const SO_RCVBUFFORCE = 33;
const RECEIVE_BYTES = 64 << 20;
const BUFFER_BYTES = 1 << 18;
const HEADER_BYTES = 16;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;

/** A message of netfilter: its type (subsystem << 8 | number), and where its attributes lie. */
export type NetfilterVisitor = (type: number, view: DataView, from: number, end: number) => void;

/** Attributes of a message or of a nest, by number. */
export function attributesOf(view: DataView, from: number, end: number): ReadonlyMap<number, DataView> {
  return walkAttributes(view, from, end, new Map<number, DataView>(), (found, type, whole, at, to) => {
    found.set(type, new DataView(whole.buffer, whole.byteOffset + at, to - at));
  });
}

/** An attribute as bytes; a nest is made of several. */
export function attribute(type: number, value: Uint8Array | readonly Uint8Array[]): Uint8Array {
  const isNest = !(value instanceof Uint8Array);
  const inner = isNest ? Buffer.concat(value) : value;
  const bytes = Buffer.alloc((4 + inner.length + 3) & ~3);
  bytes.writeUInt16LE(4 + inner.length, 0);
  bytes.writeUInt16LE(isNest ? type | 0x8000 : type, 2);
  bytes.set(inner, 4);
  return bytes;
}

/** Numbers in network byte order, as netfilter's attributes have them. */
export function bigEndian(value: number, bytes: 1 | 2 | 4): Uint8Array {
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(value, 0, bytes);
  return out;
}

/** The socket, of the namespace in which it was made. */
export class NetfilterSocket {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #sequence = 0;

  constructor() {
    this.#fd = checked("socket", libc().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    const name = Buffer.alloc(12); // struct sockaddr_nl: what has no address of its own hears no group
    name.writeUInt16LE(AF_NETLINK, 0);
    checked("bind", libc().bind(this.#fd, name, name.length));
    const space = int32(RECEIVE_BYTES);
    libc().setsockopt(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, space, space.length); // not in a user namespace: less is enough
    libc().setsockopt(this.#fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, int32(1), 4);
  }

  join(group: number): void {
    checked("join", libc().setsockopt(this.#fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, int32(group), 4));
  }

  /** Sends a request; what is wrong with it is told by the answer, which {@link ask} waits for. */
  #send(type: number, flags: number, family: number, resource: number, body: Uint8Array): void {
    const message = Buffer.alloc(HEADER_BYTES + 4 + body.length);
    message.writeUInt32LE(message.length, 0);
    message.writeUInt16LE(type, 4);
    message.writeUInt16LE(NLM_F_REQUEST | flags, 6);
    message.writeUInt32LE(++this.#sequence, 8);
    message.writeUInt8(family, HEADER_BYTES);
    message.writeUInt16BE(resource, HEADER_BYTES + 2);
    message.set(body, HEADER_BYTES + 4);
    checked("send", libc().send(this.#fd, message, message.length, 0));
  }

  /** Asks for something to be done; gives the errno, 0 when it was done. */
  ask(type: number, flags: number, family: number, resource: number, attributes: readonly Uint8Array[]): number {
    this.#send(type, NLM_F_ACK | flags, family, resource, Buffer.concat(attributes));
    for (;;) {
      const received = Number(libc().recv(this.#fd, this.#buffer, this.#buffer.length, 0));
      if (received < HEADER_BYTES) throw new Error("netfilter: no answer");
      const view = new DataView(this.#buffer.buffer, 0, received);
      if (view.getUint16(4, true) === NLMSG_ERROR && view.getUint32(8, true) === this.#sequence)
        return -view.getInt32(HEADER_BYTES, true);
    }
  }

  /** Shows all messages that are there; false when there was none. */
  drain(visit: NetfilterVisitor): boolean {
    for (let isAny = false; ; isAny = true) {
      const received = Number(libc().recv(this.#fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT));
      if (received <= 0) return isAny;
      const view = new DataView(this.#buffer.buffer, 0, received);
      for (let at = 0; at + HEADER_BYTES + 4 <= received; ) {
        const length = view.getUint32(at, true);
        if (length < HEADER_BYTES) break;
        visit(view.getUint16(at + 4, true), view, at + HEADER_BYTES + 4, at + length);
        at += (length + 3) & ~3;
      }
    }
  }
}
