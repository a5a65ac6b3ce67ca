// The order of sockets in tables: what listens before connections, then by protocol, port and address.
import type { InsideSocket } from "../../inside/inside-view.js";
import { isListening } from "../../inside/socket-wish.js";
import type { KernelSocket } from "../../linux/kernel-socket.js";
import type { Address } from "../../target/address.js";

const PROTOCOLS: readonly string[] = ["tcp", "udp", "udplite", "sctp", "dccp", "icmp", "raw", "packet", "unix"];
const PORTS = 0x1_0000;

/** The sockets in the order in which they are shown. */
export function sortSockets(sockets: readonly InsideSocket[]): readonly InsideSocket[] {
  return sockets
    .map((one) => ({ one, key: keyOf(one.socket) }))
    .sort((a, b) => a.key - b.key || comparePlaces(a.one.socket, b.one.socket))
    .map(({ one }) => one);
}

/** Kind, protocol and port in one number: most comparisons need nothing else. */
function keyOf(socket: KernelSocket): number {
  const protocol = PROTOCOLS.indexOf(socket.kind === "inet" ? socket.protocol : socket.kind);
  const rank = (isListening(socket) ? 0 : PROTOCOLS.length) + protocol;
  return rank * PORTS + (socket.kind === "inet" ? socket.localPort : 0);
}

function comparePlaces(a: KernelSocket, b: KernelSocket): number {
  if (a.kind === "inet" && b.kind === "inet") {
    return (
      compareAddresses(a.local, b.local) ||
      compareAddresses(a.remote, b.remote) ||
      a.remotePort - b.remotePort ||
      a.inode - b.inode
    );
  }
  // Names of one process mostly differ in a number: the order of their code units is good enough.
  if (a.kind === "unix" && b.kind === "unix" && a.path !== b.path)
    return (a.path ?? "\uffff") < (b.path ?? "\uffff") ? -1 : 1;
  return a.inode - b.inode;
}

function compareAddresses(a: Address, b: Address): number {
  if (a.family === 4 && b.family === 4) return a.value - b.value;
  if (a.family === 6 && b.family === 6) return Buffer.compare(a.bytes, b.bytes);
  return a.family - b.family;
}
