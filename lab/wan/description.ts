// What a network behind one link is made of, as the JSON that the responder gets on its command line.
import type { PortRange } from "../filter.js";

/** The one link that leads to all hosts. Every number is optional: without them it is perfect. */
export interface LinkDescription {
  /** Each way, 0 to 3000. */
  readonly delayMs?: number;
  /** Up to so much more each way, evenly spread. */
  readonly jitterMs?: number;
  /** Share of the packets that are lost on the way to the hosts, 0 to 1. */
  readonly lossThere?: number;
  /** Share of the answers that are lost, 0 to 1. */
  readonly lossBack?: number;
  /** Share of the answers that arrive twice, 0 to 1. */
  readonly duplicateShare?: number;
  /** Packets a second that the link carries to the hosts; default: all. */
  readonly ratePps?: number;
  /** Packets that wait where more come than {@link ratePps}; what comes beyond is dropped. Default 100. */
  readonly queueFrames?: number;
  /** Of all chance: which hosts are up, which packets are lost. Default 1. */
  readonly seed?: number;
}

/** The ports of one protocol. */
export interface PortsDescription {
  readonly open?: readonly PortRange[];
  readonly closed?: readonly PortRange[];
  readonly dropped?: readonly PortRange[];
  /** UDP only: something listens, takes everything and never answers. */
  readonly silent?: readonly PortRange[];
  /** TCP only: a middlebox sends a RST in the host's name, with a TTL of its own. */
  readonly impostor?: readonly PortRange[];
  /** All other ports; default "closed". With "open", TCP is what a SYN proxy makes of it: every port says SYN-ACK. */
  readonly others?: "closed" | "dropped" | "open";
}

/** Linux's limits on ICMP errors: icmp_ratelimit (with a burst of six) and icmp_msgs_per_sec of ip-sysctl. */
export interface RationsDescription {
  /** One error in so many milliseconds for each source address that asks. Default 1000. */
  readonly perSourceMs?: number;
  /** Default 6. */
  readonly perSourceBurst?: number;
  /** Errors a second of the whole host. Default 1000. */
  readonly allPps?: number;
  /** Default 50. */
  readonly allBurst?: number;
}

/** Hosts of one kind, at the addresses of one prefix. */
export interface PopulationDescription {
  /** "10.80.0.0/16", "fd80::/112", or one address. */
  readonly prefix: string;
  /** Share of the addresses that belong to a host, 0 to 1; default 1. */
  readonly upShare?: number;
  /** Share of the hosts on which the open ports are open, 0 to 1; on the others they are closed. Default 1. */
  readonly openShare?: number;
  /** Of what the hosts send; default 64. */
  readonly ttl?: number;
  /** Of what the middlebox sends; default 250. */
  readonly impostorTtl?: number;
  /**
   * True: their TCP gives each packet an identification (over IPv6 a flow label), as Windows does; the middlebox's have
   * none. Default: nobody's have one, as Linux over IPv4.
   */
  readonly hasMarks?: boolean;
  /** Of the middlebox's RSTs; default 0, as all hosts have it. */
  readonly impostorWindow?: number;
  /** Default "answered". */
  readonly echo?: "answered" | "dropped";
  /** True: address mask requests are answered (RFC 950), as few systems do. */
  readonly answersMask?: boolean;
  /**
   * The routers on the way to these hosts, from the link's on, by their addresses; "" is one that never says a word.
   * Without them there is one, and no time to live ends there.
   */
  readonly routers?: readonly string[];
  readonly tcp?: PortsDescription;
  /** "bsd": an open port answers a stray ACK by a RST with a window, and a stray FIN by nothing. Default "linux". */
  readonly tcpKind?: "linux" | "bsd";
  readonly udp?: PortsDescription;
  /** Without it the hosts know no SCTP and say so (protocol unreachable). */
  readonly sctp?: PortsDescription;
  /** How often a SYN-ACK that nobody answers is sent again, after 1, 2 and 4 s; 0 to 3, default 0. */
  readonly synAckRetries?: number;
  /** True: as Linux has them. Default: ICMP errors are not limited. */
  readonly icmpRations?: boolean | RationsDescription;
}

/** A whole network. The first population whose prefix fits decides about an address. */
export interface WanDescription {
  readonly link?: LinkDescription;
  readonly hosts: readonly PopulationDescription[];
}
