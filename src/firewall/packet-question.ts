// What `postern firewall` is asked and what it answers: packets, the host they come to, and the end of their way.
// docs/firewall.md, "For programs".
import type { Address } from "../target/address.js";
import type { RejectWith } from "./statement.js";

/** What connection tracking makes of a packet, if it tracks it. */
export type TrackState = "new" | "established" | "related" | "invalid" | "untracked";

/** Flags of TCP (RFC 9293 §3.1, RFC 3168). */
export type TcpFlag = "fin" | "syn" | "rst" | "psh" | "ack" | "urg" | "ece" | "cwr";

/** A packet, as far as rules look at it. */
export interface QuestionPacket {
  readonly id: string;
  /** Comes in from a link, or is sent by this host. */
  readonly direction: "in" | "out";
  /** The interface that it comes in by. */
  readonly inputInterface: string;
  /** Of a packet that is sent: the interface, where routes do not say. */
  readonly outputInterface?: string;
  readonly source: Address;
  readonly destination: Address;
  /** Protocol of IP by number. */
  readonly protocol: number;
  /** Of TCP, UDP, UDP-Lite, SCTP and DCCP. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly flags: readonly TcpFlag[];
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly track: TrackState;
  readonly trackDirection: "original" | "reply";
  /** Time to live, or hop limit. */
  readonly ttl: number;
  readonly dscp: number;
}

/** The host that rules stand on. */
export interface HostEnvironment {
  readonly interfaces: readonly {
    readonly name: string;
    readonly index?: number;
    readonly addresses: readonly { readonly address: Address; readonly prefix: number }[];
    /** True where packets for loopback addresses may come in by it (route_localnet); left out for no. */
    readonly isRoutingLocalnet?: boolean;
  }[];
  /** Beside those of the interfaces' own networks. */
  readonly routes: readonly { readonly target: Address; readonly prefix: number; readonly device: string }[];
  /** True when it forwards packets (ip_forward, conf/all/forwarding). */
  readonly isForwarding: boolean;
}

/** What is asked of reach: which sources and ports get to a local socket. */
export interface ReachQuestion {
  readonly inputInterface: string;
  /** An own address; undefined for any of them. */
  readonly destination: Address | undefined;
  /** Undefined for any. */
  readonly sourcePort: number | undefined;
  readonly flags: readonly TcpFlag[];
  readonly track: TrackState;
  /** Protocols of IP by number. */
  readonly protocols: readonly number[];
}

/** Who decided: a rule by its place, or a chain's policy. */
export interface Decider {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly index: number | "policy";
  readonly verdict: string;
}

/** The end of a packet's way. */
export interface WalkAnswer {
  readonly id: string;
  readonly verdict: "accept" | "drop" | "reject" | "unknown";
  readonly with?: RejectWith;
  readonly where?: "local" | "forward" | "out";
  readonly outputInterface?: string;
  /** As it is delivered. */
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
  readonly isDestinationChanged: boolean;
  readonly isSourceChanged: boolean;
  /** True when the kernel chooses the port: the one that stands here may be another. */
  readonly isSourcePortOpen?: boolean;
  readonly isDestinationPortOpen?: boolean;
  /** What decided; undefined where no rule and no policy was met. */
  readonly by?: Decider;
  /** Every rule that matched to its end, and every policy, in the order of the way. */
  readonly path: readonly Decider[];
  /** Why the end is not known. */
  readonly why?: string;
}
