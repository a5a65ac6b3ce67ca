// Packet sockets, as the kernel lists them (include/uapi/linux/packet_diag.h; net/packet/diag.c; packet(7)).

import type { PacketSocket } from "./kernel-socket.js";
import type { Netlink } from "./netlink.js";
import { type AttributeVisitor, walkAttributes } from "./netlink-message.js";
import { AF_PACKET } from "./packet-constants.js";
import { type DumpReader, dumpSockets, type SocketDump } from "./sock-diag.js";
import { SOCK_DGRAM, SOCK_RAW } from "./socket-constants.js";

/** struct packet_diag_req { u8 family, protocol; u16 pad; u32 ino, show, cookie[2] }. */
const REQUEST_BYTES = 20;
const REQUEST_SHOW_AT = 8;
/** PACKET_SHOW_INFO and PACKET_SHOW_MEMINFO. */
const SHOW = 0x01 | 0x10;
/** struct packet_diag_msg { u8 family, type; u16 num; u32 ino, cookie[2] }. */
const TYPE_AT = 1;
const ETHER_TYPE_AT = 2;
const INODE_AT = 4;
const COOKIE_AT = 8;
const MESSAGE_BYTES = 16;
const PACKET_DIAG_INFO = 0;
const PACKET_DIAG_UID = 5;
const PACKET_DIAG_MEMINFO = 6;
/** Of SK_MEMINFO_RMEM_ALLOC and SK_MEMINFO_WMEM_ALLOC (include/uapi/linux/sock_diag.h). */
const RECEIVED_AT = 0;
const SENT_AT = 8;

const TYPES: Readonly<Record<number, PacketSocket["type"]>> = { [SOCK_DGRAM]: "datagram", [SOCK_RAW]: "raw" };

/**
 * The packet sockets of the network namespace where `netlink` was opened. Their queues are counted with the kernel's own
 * bookkeeping, as ss counts them.
 *
 * @throws SystemCallError when the kernel cannot be talked to
 */
export function dumpPacketSockets(netlink: Netlink): SocketDump<PacketSocket> {
  const request = new Uint8Array(REQUEST_BYTES);
  request[0] = AF_PACKET;
  new DataView(request.buffer).setUint32(REQUEST_SHOW_AT, SHOW, true);
  return dumpSockets(netlink, request, () => packetReader);
}

/** What the attributes of a message tell. */
interface Extras {
  interfaceIndex: number;
  uid: number | undefined;
  receiveQueue: number;
  sendQueue: number;
}

/** Reads the messages of a dump. */
export const packetReader: DumpReader<PacketSocket> = {
  cookieAt: COOKIE_AT,
  read(view, at, end) {
    if (end - at < MESSAGE_BYTES || view.getUint8(at) !== AF_PACKET) return undefined;
    const type = view.getUint8(at + TYPE_AT);
    const nothing: Extras = { interfaceIndex: 0, uid: undefined, receiveQueue: 0, sendQueue: 0 };
    return {
      kind: "packet",
      type: TYPES[type] ?? `type-${type}`,
      etherType: view.getUint16(at + ETHER_TYPE_AT, true), // the kernel has turned it round already
      inode: view.getUint32(at + INODE_AT, true),
      ...walkAttributes(view, at + MESSAGE_BYTES, end, nothing, takeAttribute),
    };
  },
};

const takeAttribute: AttributeVisitor<Extras> = (extras, type, view, at, end) => {
  const bytes = end - at;
  if (type === PACKET_DIAG_INFO && bytes >= 4) {
    extras.interfaceIndex = view.getInt32(at, true);
  } else if (type === PACKET_DIAG_UID && bytes >= 4) {
    extras.uid = view.getUint32(at, true);
  } else if (type === PACKET_DIAG_MEMINFO && bytes >= SENT_AT + 4) {
    extras.receiveQueue = view.getUint32(at + RECEIVED_AT, true);
    extras.sendQueue = view.getUint32(at + SENT_AT, true);
  }
};
