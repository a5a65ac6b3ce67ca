// What a host of these tests can be told to be like, and what is seen of probes to it.
import type { Segment } from "../technique/frames.test.data.js";

/** ICMP unreachable with this code instead of an answer, from a router when `by` names one; over IPv6 a code of ICMPv6. */
export interface Rejection {
  readonly code: number;
  readonly by?: number;
}

/** How packets are made; the fields are those of {@link Segment}. */
export type Make = Pick<Segment, "mark" | "dontFragment" | "window" | "maximumSegmentBytes">;

/** A firewall in front of the host resets what goes to the port, in its name, and arrives with this time to live. */
export interface Interception {
  readonly resetTtl: number;
  /** How its RSTs are made: like the host's when undefined. */
  readonly make?: Make;
}

/** What a port does with a probe. */
export type PortBehaviour = "open" | "closed" | "dropped" | Rejection | Interception;

/** A router on the way. */
export interface FakeRouter {
  readonly address: number;
  readonly isSilent?: boolean;
  /** Only each so many-th probe that ends with it is answered. */
  readonly answersEach?: number;
}

/** One host's manners. */
export interface FakeHost {
  /** TCP ports. */
  readonly ports?: ReadonlyMap<number, PortBehaviour>;
  /** All TCP ports that are not named; closed when undefined. */
  readonly otherPorts?: PortBehaviour;
  readonly udpPorts?: ReadonlyMap<number, PortBehaviour>;
  readonly otherUdpPorts?: PortBehaviour;
  readonly sctpPorts?: ReadonlyMap<number, PortBehaviour>;
  readonly otherSctpPorts?: PortBehaviour;
  /** What the host makes of IP protocols; ICMP, TCP, UDP and SCTP are open unless they are named, all others closed. */
  readonly protocols?: ReadonlyMap<number, PortBehaviour>;
  readonly isPingSilent?: boolean;
  /** It does not say where its link address is, by ARP or neighbour discovery. */
  readonly isArpSilent?: boolean;
  /** What its own packets arrive with; 57 when undefined. */
  readonly ttl?: number;
  /** How its RSTs and its SYN-ACKs are made, where that is not as everybody's in these tests. */
  readonly resets?: Make & { readonly ttl?: number };
  readonly synAcks?: Make;
  /** From us to the host, the nearest first. */
  readonly routers?: readonly FakeRouter[];
  /** Window of RSTs that answer an ACK, by whether somebody listens; 0 when undefined. */
  readonly resetWindow?: { readonly open: number; readonly closed: number };
  /** Beyond what the link takes. */
  readonly delayMs?: (port: number) => number;
  /** Further RSTs within a second are not sent. */
  readonly resetsPerSec?: number;
  /** Linux: one ICMP error a second to each address that asks, after a burst of 6 (net.ipv4.icmp_ratelimit). */
  readonly errorsPerSec?: number;
  /** This router says host unreachable to all that is sent to the host. */
  readonly unreachableBy?: number;
}

/** What was asked of a host; "segment" is TCP with any other flags, "protocol" an IP protocol that has no other word here. */
export type ProbeKind =
  | "syn"
  | "ack"
  | "segment"
  | "udp"
  | "sctp"
  | "protocol"
  | "echo"
  | "timestamp"
  | "address-mask"
  | "arp"
  | "solicitation"
  | "connect";

/** A probe as the wire saw it. */
export interface SeenProbe {
  readonly kind: ProbeKind;
  /** An IPv6 address is what its last 32 bits say: fd00::a00:1 is the host 10.0.0.1. */
  readonly address: number;
  readonly port: number;
  readonly atMs: number;
  /** Which of our own addresses it left from. */
  readonly source?: number;
  readonly ttl?: number;
  /** TCP flags. */
  readonly flags?: number;
}

/** A packet that comes back, and how long its sender thinks about it. */
export interface Answering {
  readonly frame: Uint8Array;
  readonly etherType: number;
  readonly delayMs: number;
}

/** A probe that has been read: what it was, and how its target answers if it does. */
export interface Reception extends Omit<SeenProbe, "atMs"> {
  readonly answer: (() => Answering | undefined) | undefined;
}

/** What a host does with a probe: an answer that is no error, an error of its own or of a router, or nothing. */
export type Reply =
  | { readonly frame: Uint8Array; readonly isReset?: boolean }
  | { readonly type: number; readonly code: number; readonly by: number | undefined }
  | undefined;
