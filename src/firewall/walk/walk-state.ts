// A packet on its way through the hooks: what rules read and change. One object is filled for one packet after another.
import type { HostEnvironment, QuestionPacket } from "../packet-question.js";
import type { Hook } from "../ruleset.js";
import type { RouteTable } from "./route-table.js";
import { type WalkAddress, walkAddress } from "./walk-address.js";

/** Bits of connection tracking's states (include/uapi/linux/netfilter/nf_conntrack_common.h). */
export const CT_STATE = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;
/** Bits of its status (ibidem, enum ip_conntrack_status). */
export const CT_STATUS = { expected: 1, seenReply: 2, assured: 4, confirmed: 8, snat: 16, dnat: 32 } as const;

export const TCP = 6;
export const UDP = 17;
export const ICMP = 1;
export const ICMPV6 = 58;
export const DCCP = 33;
export const SCTP = 132;
export const UDPLITE = 136;

const FLAG_BITS: Readonly<Record<string, number>> = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ece: 64,
  cwr: 128,
};

/** The packet as it is at one point of its way. */
export class WalkState {
  readonly family: 4 | 6;
  readonly packet: QuestionPacket;
  readonly routes: RouteTable;
  readonly environment: HostEnvironment | undefined;
  source: WalkAddress;
  destination: WalkAddress;
  sourcePort: number;
  destinationPort: number;
  readonly protocol: number;
  tcpFlags: number;
  /** True where the protocol has ports at its beginning. */
  readonly hasPorts: boolean;
  hook: Hook = "prerouting";
  inputInterface: string | undefined;
  outputInterface: string | undefined;
  mark = 0;
  connectionMark = 0;
  ttl: number;
  /** The six bits of DSCP and two of ECN. */
  trafficClass: number;
  /** True when connection tracking has looked at it. */
  isTracked = false;
  /** True after notrack. */
  isUntracked = false;
  isDestinationChanged = false;
  isSourceChanged = false;
  /** How many NAT rules have spoken: one for each end is the last, even where it changes nothing. */
  natCount = 0;
  /** Fields that a rule has written and that are not kept here: whoever reads them gets no answer. */
  readonly clobbered: Set<string> = new Set();

  constructor(packet: QuestionPacket, environment: HostEnvironment | undefined, routes: RouteTable) {
    this.packet = packet;
    this.environment = environment;
    this.routes = routes;
    this.family = packet.source.family;
    this.source = walkAddress(packet.source);
    this.destination = walkAddress(packet.destination);
    this.protocol = packet.protocol;
    this.hasPorts = [TCP, UDP, UDPLITE, SCTP, DCCP].includes(packet.protocol);
    this.sourcePort = packet.sourcePort;
    this.destinationPort = packet.destinationPort;
    this.tcpFlags = packet.flags.reduce((bits, flag) => bits | (FLAG_BITS[flag] ?? 0), 0);
    this.ttl = packet.ttl;
    this.trafficClass = packet.dscp << 2;
    this.inputInterface = packet.direction === "in" ? packet.inputInterface : undefined;
  }

  /** The state bit that a rule sees now. */
  get trackState(): number {
    if (this.isUntracked) return CT_STATE.untracked;
    // Before it was tracked there is no connection, which the kernel shows as invalid (nft_ct_get_eval()).
    return this.isTracked ? CT_STATE[this.packet.track] : CT_STATE.invalid;
  }

  /** True where there is a connection to ask. */
  get hasConnection(): boolean {
    return this.isTracked && !this.isUntracked && this.packet.track !== "invalid" && this.packet.track !== "untracked";
  }
}
