// Reads packet sockets as text: /proc/net/packet (packet_seq_show in net/packet/af_packet.c).
import type { PacketSocket } from "../linux/kernel-socket.js";
import { parseCount } from "./socket-text.js";
import type { TableReading } from "./table-reading.js";

const TYPES: Readonly<Record<number, PacketSocket["type"]>> = { 2: "datagram", 3: "raw" };

/** Reads the table: sk RefCnt Type Proto Iface R Rmem User Inode. Lines that cannot be understood are counted. */
export function parsePacketTable(text: string): TableReading<PacketSocket> {
  const sockets: PacketSocket[] = [];
  let faultCount = 0;
  for (const line of text.split("\n").slice(1)) {
    if (line.trim() === "") continue;
    const socket = parseLine(line.trim().split(/\s+/));
    if (socket === undefined) faultCount++;
    else sockets.push(socket);
  }
  return { sockets, faultCount };
}

function parseLine(fields: readonly string[]): PacketSocket | undefined {
  const [type, interfaceIndex, receiveQueue, uid, inode] = [2, 4, 6, 7, 8].map((at) => parseCount(fields[at]));
  const etherType = fields[3];
  if (type === undefined || interfaceIndex === undefined || inode === undefined) return undefined;
  if (etherType === undefined || !/^[0-9a-fA-F]{4}$/.test(etherType)) return undefined;
  return {
    kind: "packet",
    type: TYPES[type] ?? `type-${type}`,
    etherType: Number.parseInt(etherType, 16),
    interfaceIndex,
    uid,
    inode,
    receiveQueue: receiveQueue ?? 0,
    sendQueue: 0,
  };
}
