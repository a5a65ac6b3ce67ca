// Sockets of TCP, UDP, SCTP, DCCP and raw IP, as the kernel lists them (include/uapi/linux/inet_diag.h; net/ipv4/
// inet_diag.c, net/sctp/diag.c). Anybody may ask; the answer is of the network namespace in which the socket was opened.

import { type Address, formatAddress, ipv6Key } from "../target/address.js";
import type { InetProtocol, InetSocket } from "./kernel-socket.js";
import type { Netlink } from "./netlink.js";
import { type AttributeVisitor, walkAttributes } from "./netlink-message.js";
import { type DumpReader, dumpSockets, type SocketDump } from "./sock-diag.js";
import { AF_INET, AF_INET6 } from "./socket-constants.js";
import { associationState, socketState } from "./socket-state.js";

/** Protocols that inet_diag lists; of ICMP sockets only /proc/net/icmp tells. */
export type DiagProtocol = Exclude<InetProtocol, "icmp">;

/**
 * Which sockets are wanted; the kernel itself leaves out the others, so 100,000 connections cost nothing here.
 * `listening`: TCP, DCCP and SCTP that take connections, datagram and raw sockets that take packets from anybody.
 * `bound`: TCP sockets that hold a port without more. `all`: all but these.
 */
export type SocketChoice = "listening" | "all" | "bound";

/** Numbers of the protocols (include/uapi/linux/in.h). */
const NUMBERS: Readonly<Record<DiagProtocol, number>> = {
  tcp: 6,
  udp: 17,
  dccp: 33,
  sctp: 132,
  udplite: 136,
  raw: 255,
};

/** States by number (include/net/tcp_states.h). */
const UNCONNECTED = 7;
const LISTEN = 10;
const BOUND_INACTIVE = 13;

/** struct inet_diag_req_v2 { u8 family, protocol, ext, pad; u32 states; struct inet_diag_sockid id (48 bytes) }. */
const REQUEST_BYTES = 56;
const REQUEST_STATES_AT = 4;
/** struct inet_diag_msg { u8 family, state, timer, retrans; id; u32 expires, rqueue, wqueue, uid, inode }. */
const STATE_AT = 1;
/** struct inet_diag_sockid { be16 sport, dport; be32 src[4], dst[4]; u32 if, cookie[2] }. */
const LOCAL_PORT_AT = 4;
const REMOTE_PORT_AT = 6;
const LOCAL_AT = 8;
const REMOTE_AT = 24;
const INTERFACE_AT = 40;
const COOKIE_AT = 44;
const RECEIVE_QUEUE_AT = 56;
const SEND_QUEUE_AT = 60;
const UID_AT = 64;
const INODE_AT = 68;
const MESSAGE_BYTES = 72;

const INET_DIAG_PROTOCOL = 10;
const INET_DIAG_SKV6ONLY = 11;
const INET_DIAG_LOCALS = 12;
const INET_DIAG_PEERS = 13;
const INET_DIAG_CGROUP_ID = 21;
/** SCTP's lists are of struct sockaddr_storage. */
const STORAGE_BYTES = 128;
/** struct sockaddr_in { u16 family; be16 port; be32 address }; sockaddr_in6 has a flow label before the address. */
const SOCKADDR_IN_ADDRESS_AT = 4;
const SOCKADDR_IN6_ADDRESS_AT = 8;

/** Most sockets share a few addresses; of connections to everywhere not all are worth remembering. */
const SHARED_ADDRESSES_MAX = 4096;

/**
 * The sockets of one protocol and family in the network namespace where `netlink` was opened.
 *
 * Run for real: TCP and UDP. UDP-Lite, SCTP, DCCP (gone since Linux 6.16) and raw follow the kernel's source, and are
 * tested with messages made after it. Of raw sockets many kernels list nothing here (CONFIG_INET_RAW_DIAG).
 *
 * The kernel may load the module that lists a protocol (tcp_diag …), but not the protocol itself (since Linux 4.16).
 *
 * @throws SystemCallError when the kernel cannot be talked to
 */
export function dumpInetSockets(
  netlink: Netlink,
  protocol: DiagProtocol,
  family: 4 | 6,
  choice: SocketChoice,
): SocketDump<InetSocket> {
  const states = stateMask(protocol, choice);
  if (states === 0) return { kind: "sockets", sockets: [], isTorn: false };
  const request = new Uint8Array(REQUEST_BYTES);
  request[0] = family === 4 ? AF_INET : AF_INET6;
  request[1] = NUMBERS[protocol];
  new DataView(request.buffer).setUint32(REQUEST_STATES_AT, states, true);
  return dumpSockets(netlink, request, () => new InetReader(protocol, family, states));
}

function stateMask(protocol: DiagProtocol, choice: SocketChoice): number {
  if (choice === "bound") return protocol === "tcp" ? 1 << BOUND_INACTIVE : 0;
  if (choice === "all") return ~(1 << BOUND_INACTIVE) >>> 0;
  const takesConnections = protocol === "tcp" || protocol === "dccp" || protocol === "sctp";
  return 1 << (takesConnections ? LISTEN : UNCONNECTED);
}

/** What the attributes of a message tell. */
interface Extras {
  rawProtocol: number | undefined;
  isV6Only: boolean | undefined;
  cgroupId: number | undefined;
  locals: readonly Address[];
  /** Of an SCTP association; undefined for a socket. */
  peers: readonly Address[] | undefined;
}

const NO_ADDRESSES: readonly Address[] = [];

/** Reads the messages of one dump. */
export class InetReader implements DumpReader<InetSocket> {
  /** An SCTP socket and its associations have one cookie together. */
  readonly cookieAt: number | undefined;
  readonly #protocol: DiagProtocol;
  readonly #family: 4 | 6;
  readonly #states: number;
  readonly #ipv4 = new Map<number, Address>();
  readonly #ipv6 = new Map<string, Address>();
  readonly #sctpSockets = new Set<number>();

  constructor(protocol: DiagProtocol, family: 4 | 6, states: number = 0xffff_ffff) {
    this.#protocol = protocol;
    this.#family = family;
    this.#states = states;
    this.cookieAt = protocol === "sctp" ? undefined : COOKIE_AT;
  }

  read(view: DataView, at: number, end: number): InetSocket | undefined {
    if (end - at < MESSAGE_BYTES || view.getUint8(at) !== (this.#family === 4 ? AF_INET : AF_INET6)) return undefined;
    const extras = this.#readExtras(view, at + MESSAGE_BYTES, end);
    const isAssociation = extras.peers !== undefined;
    const state = view.getUint8(at + STATE_AT);
    const inode = view.getUint32(at + INODE_AT, true);
    if (!isAssociation && !this.#isWanted(state, inode)) return undefined;
    const socket: InetSocket = {
      kind: "inet",
      protocol: this.#protocol,
      family: this.#family,
      state: isAssociation ? associationState(state) : socketState(state),
      local: this.#address(view, at + LOCAL_AT),
      localPort: extras.rawProtocol ?? view.getUint16(at + LOCAL_PORT_AT),
      remote: this.#address(view, at + REMOTE_AT),
      remotePort: view.getUint16(at + REMOTE_PORT_AT),
      receiveQueue: view.getUint32(at + RECEIVE_QUEUE_AT, true),
      sendQueue: view.getUint32(at + SEND_QUEUE_AT, true),
      inode,
      uid: inode === 0 ? undefined : view.getUint32(at + UID_AT, true), // without a file the kernel writes 0 for "unknown"
      interfaceIndex: view.getUint32(at + INTERFACE_AT, true),
      isV6Only: extras.isV6Only,
      cgroupId: extras.cgroupId,
    };
    return this.#protocol === "sctp" ? withAddresses(socket, extras) : socket;
  }

  /**
   * Raw sockets know no filter of states, and SCTP lists closed and connected sockets beside those that listen, and
   * those with associations twice.
   */
  #isWanted(state: number, inode: number): boolean {
    if (((this.#states >>> state) & 1) === 0) return false;
    if (this.#protocol !== "sctp") return true;
    const { size } = this.#sctpSockets;
    return this.#sctpSockets.add(inode).size > size;
  }

  #readExtras(view: DataView, from: number, end: number): Extras {
    const extras: Extras = {
      rawProtocol: undefined,
      isV6Only: undefined,
      cgroupId: undefined,
      locals: NO_ADDRESSES,
      peers: undefined,
    };
    return walkAttributes(view, from, end, extras, this.#takeAttribute);
  }

  readonly #takeAttribute: AttributeVisitor<Extras> = (extras, type, view, at, end) => {
    const bytes = end - at;
    if (type === INET_DIAG_CGROUP_ID && bytes >= 8) {
      extras.cgroupId = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    } else if (type === INET_DIAG_SKV6ONLY && bytes >= 1) {
      extras.isV6Only = this.#family === 6 ? view.getUint8(at) !== 0 : undefined;
    } else if (type === INET_DIAG_PROTOCOL && bytes >= 1) {
      extras.rawProtocol = this.#protocol === "raw" ? view.getUint8(at) : undefined;
    } else if (this.#protocol === "sctp" && type === INET_DIAG_LOCALS) {
      extras.locals = this.#readStorages(view, at, end);
    } else if (this.#protocol === "sctp" && type === INET_DIAG_PEERS) {
      extras.peers = this.#readStorages(view, at, end);
    }
  };

  #readStorages(view: DataView, from: number, end: number): readonly Address[] {
    const addresses: Address[] = [];
    for (let at = from; at + STORAGE_BYTES <= end; at += STORAGE_BYTES) {
      const family = view.getUint16(at, true);
      if (family === AF_INET) addresses.push(this.#ipv4InStorage(view.getUint32(at + SOCKADDR_IN_ADDRESS_AT)));
      if (family === AF_INET6) addresses.push(this.#ipv6Address(view, at + SOCKADDR_IN6_ADDRESS_AT));
    }
    return addresses;
  }

  #ipv4InStorage(value: number): Address {
    return this.#family === 4 ? this.#ipv4Address(value) : { family: 6, bytes: mappedBytes(value) };
  }

  #address(view: DataView, at: number): Address {
    return this.#family === 4 ? this.#ipv4Address(view.getUint32(at)) : this.#ipv6Address(view, at);
  }

  #ipv4Address(value: number): Address {
    return this.#ipv4.get(value) ?? remember(this.#ipv4, value, { family: 4, value });
  }

  #ipv6Address(view: DataView, at: number): Address {
    const there = new Uint8Array(view.buffer, view.byteOffset + at, 16);
    const key = ipv6Key(there, undefined);
    return this.#ipv6.get(key) ?? remember(this.#ipv6, key, { family: 6, bytes: there.slice() });
  }
}

function remember<Key>(addresses: Map<Key, Address>, key: Key, address: Address): Address {
  if (addresses.size < SHARED_ADDRESSES_MAX) addresses.set(key, address);
  return address;
}

/**
 * An SCTP socket with all of its addresses. For an association of IPv4 on an IPv6 socket the kernel writes no address
 * into the message itself, and the interface that it writes is that of the route.
 */
function withAddresses(socket: InetSocket, { locals, peers }: Extras): InetSocket {
  const local = peers === undefined ? socket.local : (locals[0] ?? socket.local);
  const others = locals.filter((address) => formatAddress(address) !== formatAddress(local));
  return {
    ...socket,
    local,
    ...(others.length === 0 ? {} : { moreLocals: others }),
    ...(peers === undefined ? {} : { interfaceIndex: undefined, remote: remoteOf(socket, peers) }),
  };
}

function remoteOf({ remote }: InetSocket, peers: readonly Address[]): Address {
  const isMissing = remote.family === 6 && remote.bytes.every((byte) => byte === 0);
  return isMissing ? (peers[0] ?? remote) : remote;
}

/** RFC 4291 §2.5.5.2. */
function mappedBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  new DataView(bytes.buffer).setUint32(12, value);
  return bytes;
}
