// A socket as the kernel tells of it, by sock_diag(7) or by the tables of /proc/net: without the processes that hold it.
import type { Address } from "../target/address.js";

/** Protocols whose sockets have addresses and ports; the port of a raw or ICMP socket is its protocol or identifier. */
export type InetProtocol = "tcp" | "udp" | "udplite" | "sctp" | "dccp" | "raw" | "icmp";

/**
 * States by the kernel's names (include/net/tcp_states.h), in lower case. A datagram socket is `unconnected` or
 * `established`; `bound-inactive` is a TCP socket that holds a port and neither listens nor has a connection (Linux 6.8).
 * The last six are an SCTP association's (RFC 9260 §4). A state without a name is its number.
 */
export type SocketState =
  | "established"
  | "syn-sent"
  | "syn-recv"
  | "fin-wait-1"
  | "fin-wait-2"
  | "time-wait"
  | "unconnected"
  | "close-wait"
  | "last-ack"
  | "listen"
  | "closing"
  | "bound-inactive"
  | "cookie-wait"
  | "cookie-echoed"
  | "shutdown-pending"
  | "shutdown-sent"
  | "shutdown-received"
  | "shutdown-ack-sent"
  | `state-${number}`;

/** What all kinds have. */
interface SocketFacts {
  /** Number of the socket's file; 0 where there is none, as in time-wait. Equal numbers of two namespaces are one socket. */
  readonly inode: number;
  /** Bytes that wait to be read; of a listening TCP or Unix socket, connections that wait to be accepted. */
  readonly receiveQueue: number;
  /** Bytes that wait to be sent or acknowledged; of a listening TCP or Unix socket, the longest queue of connections. */
  readonly sendQueue: number;
}

/** A socket with addresses of IPv4 or IPv6. */
export interface InetSocket extends SocketFacts {
  readonly kind: "inet";
  readonly protocol: InetProtocol;
  /** The socket's own family: 6 also where it takes IPv4 as mapped addresses. */
  readonly family: 4 | 6;
  readonly state: SocketState;
  /** As the socket has it: the unspecified address (0.0.0.0, ::) stands for all. */
  readonly local: Address;
  readonly localPort: number;
  readonly remote: Address;
  readonly remotePort: number;
  /** The user who made it; undefined where the kernel does not say, as in time-wait. */
  readonly uid: number | undefined;
  /**
   * Index of the interface that it is bound to; 0 for none, undefined where the source does not say. For a link-local
   * address of IPv6 it is the zone: the kernel binds a socket to the interface of such an address, so addresses here
   * have none of their own.
   */
  readonly interfaceIndex: number | undefined;
  /** True when an IPv6 socket takes no IPv4; undefined where the source does not say, and for IPv4. */
  readonly isV6Only: boolean | undefined;
  /**
   * The control group in which it was made, as the inode number of its directory below /sys/fs/cgroup: it tells unit or
   * container even where no process can be seen. Undefined where the source does not say.
   */
  readonly cgroupId: number | undefined;
  /** Further own addresses, of SCTP sockets that have several. */
  readonly moreLocals?: readonly Address[];
}

/** A Unix socket. */
export interface UnixSocket extends SocketFacts {
  readonly kind: "unix";
  readonly type: "stream" | "datagram" | "seqpacket" | `type-${number}`;
  readonly state: SocketState;
  /** Where it is bound; abstract names begin with "@", as ss and /proc have them. Undefined for a nameless one. */
  readonly path: string | undefined;
  /** Inode of the socket at the other end; undefined without one, or where the source does not say. */
  readonly peer: number | undefined;
  /** The user who made it; undefined where the source does not say. */
  readonly uid: number | undefined;
}

/** A packet socket: it sees frames of an interface, past the firewall. */
export interface PacketSocket extends SocketFacts {
  readonly kind: "packet";
  readonly type: "raw" | "datagram" | `type-${number}`;
  /** EtherType that it wants; 3 (ETH_P_ALL) for all, 0 for none. */
  readonly etherType: number;
  /** Index of its interface; 0 for all, -1 when its interface is gone. */
  readonly interfaceIndex: number;
  /** The user who made it; undefined where the source does not say. */
  readonly uid: number | undefined;
}

/** Any socket. */
export type KernelSocket = InetSocket | UnixSocket | PacketSocket;
