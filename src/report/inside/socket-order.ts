// The order of sockets in tables: what listens before connections, then by protocol, port and address.
import type { InsideSocket } from "../../inside/inside-view.js";
import { isListening } from "../../inside/socket-wish.js";
import type { KernelSocket } from "../../linux/kernel-socket.js";
import type { Address } from "../../target/address.js";

const PROTOCOLS: readonly string[] = ["tcp", "udp", "udplite", "sctp", "dccp", "icmp", "raw", "packet", "unix"];
const PORTS = 0x1_0000;
/** More than there can be sockets; keys stay below 2^53 with it. */
const PLACES = 2 ** 32;

/** The sockets in the order in which they are shown. */
export function sortSockets(sockets: readonly InsideSocket[]): readonly InsideSocket[] {
  const keys = sortedKeys(sockets);
  const sorted: InsideSocket[] = [];
  let begin = 0; // of those with the same key
  let last = Number.NaN;
  for (const each of keys) {
    const key = Math.floor(each / PLACES);
    const one = sockets[each - key * PLACES];
    if (one === undefined) continue;
    if (key !== last) {
      sortPlaces(sorted, begin);
      begin = sorted.length;
      last = key;
    }
    sorted.push(one);
  }
  sortPlaces(sorted, begin);
  return sorted;
}

/** Each socket's key with its place behind it: numbers are sorted ten times as fast as objects by a function. */
function sortedKeys(sockets: readonly InsideSocket[]): Float64Array {
  const keys = new Float64Array(sockets.length);
  let at = 0;
  for (const { socket } of sockets) {
    keys[at] = keyOf(socket) * PLACES + at;
    at++;
  }
  return keys.sort();
}

/** Sorts those from `begin` on, which have the same key. */
function sortPlaces(sorted: InsideSocket[], begin: number): void {
  if (sorted.length - begin < 2) return;
  const equal = sorted.splice(begin).sort((a, b) => comparePlaces(a.socket, b.socket));
  for (const one of equal) sorted.push(one);
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
