// Questions to the kernel over a NETLINK_ROUTE socket (netlink(7), rtnetlink(7)).

import { checked, int32, libc } from "./libc.js";
import { SOCK_RAW } from "./socket-constants.js";

const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
/** NETLINK_GET_STRICT_CHK: dumps honour the filters of the request (Linux 4.20). */
const NETLINK_GET_STRICT_CHK = 12;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
const FLAG_REQUEST = 1;
const FLAG_DUMP = 0x300;
const FLAG_MULTI = 2;

/** One answer: the message's type, its fixed part, and its attributes by number. */
export interface NetlinkMessage {
  readonly type: number;
  readonly body: Uint8Array;
  readonly attributes: ReadonlyMap<number, Uint8Array>;
}

/** What is asked: a message type, its fixed part and attributes. */
export interface NetlinkRequest {
  readonly type: number;
  readonly body: Uint8Array;
  readonly attributes?: readonly (readonly [type: number, value: Uint8Array])[];
  readonly isDump?: boolean;
}

/** The answers, or the errno with which the kernel refused. */
export type NetlinkReply = { readonly messages: readonly NetlinkMessage[] } | { readonly errno: number };

const align = (bytes: number): number => (bytes + 3) & ~3;

/** A socket for one question after another. */
export class Netlink {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(1 << 18);
  #sequence = 0;

  /** @throws SystemCallError when the socket cannot be had */
  constructor() {
    this.#fd = checked("socket(AF_NETLINK)", libc().socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    libc().setsockopt(this.#fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, int32(1), 4); // older kernels do without
  }

  /** Asks, and waits for the whole answer. `fixedBytes` is the length of the fixed part of the answer's messages. */
  ask(request: NetlinkRequest, fixedBytes: number, mostMessages: number = Number.POSITIVE_INFINITY): NetlinkReply {
    const bytes = this.#pack(request);
    checked("send(AF_NETLINK)", libc().send(this.#fd, bytes, bytes.length, 0));
    const messages: NetlinkMessage[] = [];
    for (;;) {
      const received = checked("recv(AF_NETLINK)", libc().recv(this.#fd, this.#buffer, this.#buffer.length, 0));
      const end = this.#read(received, fixedBytes, messages, mostMessages);
      if (end !== undefined) return end < 0 ? { errno: -end } : { messages };
    }
  }

  close(): void {
    libc().close(this.#fd);
  }

  #pack(request: NetlinkRequest): Uint8Array {
    const attributes = request.attributes ?? [];
    const attributeBytes = attributes.reduce((sum, [, value]) => sum + align(ATTRIBUTE_HEADER_BYTES + value.length), 0);
    const bytes = new Uint8Array(HEADER_BYTES + align(request.body.length) + attributeBytes);
    const view = new DataView(bytes.buffer);
    this.#sequence++;
    view.setUint32(0, bytes.length, true);
    view.setUint16(4, request.type, true);
    view.setUint16(6, FLAG_REQUEST | (request.isDump === true ? FLAG_DUMP : 0), true);
    view.setUint32(8, this.#sequence, true);
    bytes.set(request.body, HEADER_BYTES);
    let at = HEADER_BYTES + align(request.body.length);
    for (const [type, value] of attributes) {
      view.setUint16(at, ATTRIBUTE_HEADER_BYTES + value.length, true);
      view.setUint16(at + 2, type, true);
      bytes.set(value, at + ATTRIBUTE_HEADER_BYTES);
      at += align(ATTRIBUTE_HEADER_BYTES + value.length);
    }
    return bytes;
  }

  /** Undefined while more is to come, 0 at the end, -errno when refused. */
  #read(received: number, fixedBytes: number, into: NetlinkMessage[], most: number): number | undefined {
    const view = new DataView(this.#buffer.buffer, 0, received);
    let end: number | undefined;
    for (let at = 0; at + HEADER_BYTES <= received; ) {
      const length = view.getUint32(at, true);
      if (length < HEADER_BYTES || at + length > received) break;
      const isOurs = view.getUint32(at + 8, true) === this.#sequence;
      if (isOurs) end = this.#take(view, at, length, fixedBytes, into, most);
      if (end !== undefined && end < 0) return end;
      at += align(length);
    }
    return end;
  }

  /** One message of the answer, with the meaning of {@link #read}'s result. */
  #take(view: DataView, at: number, length: number, fixedBytes: number, into: NetlinkMessage[], most: number) {
    const type = view.getUint16(at + 4, true);
    if (type === NLMSG_ERROR) return view.getInt32(at + HEADER_BYTES, true);
    if (type === NLMSG_DONE) return 0;
    if (into.length < most) into.push(parseMessage(this.#buffer, at, length, type, fixedBytes));
    return (view.getUint16(at + 6, true) & FLAG_MULTI) === 0 ? 0 : undefined;
  }
}

function parseMessage(
  buffer: Uint8Array,
  at: number,
  length: number,
  type: number,
  fixedBytes: number,
): NetlinkMessage {
  const bytes = buffer.slice(at, at + length); // a copy: the buffer is used again
  const view = new DataView(bytes.buffer);
  const attributes = new Map<number, Uint8Array>();
  let next = HEADER_BYTES + align(fixedBytes);
  while (next + ATTRIBUTE_HEADER_BYTES <= length) {
    const attributeBytes = view.getUint16(next, true);
    if (attributeBytes < ATTRIBUTE_HEADER_BYTES || next + attributeBytes > length) break;
    attributes.set(
      view.getUint16(next + 2, true) & 0x3fff,
      bytes.subarray(next + ATTRIBUTE_HEADER_BYTES, next + attributeBytes),
    );
    next += align(attributeBytes);
  }
  return { type, body: bytes.subarray(HEADER_BYTES, HEADER_BYTES + fixedBytes), attributes };
}
