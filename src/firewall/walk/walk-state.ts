// A packet on its way through the hooks: what rules read and change. One object is filled for one packet after another.
import type { HostEnvironment, QuestionPacket, TcpFlag, TrackState } from "../packet-question.js";
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

const FLAG_BITS: Readonly<Record<TcpFlag, number>> = {
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
  /** What connection tracking makes of it: as asked, where that can be. */
  readonly track: TrackState;
  tcpFlags: number;
  /** True where the protocol has ports at its beginning. */
  readonly hasPorts: boolean;
  hook: Hook = "prerouting";
  inputInterface: string | undefined;
  outputInterface: string | undefined;
  mark = 0;
  connectionMark = 0;
  /** What a connection was marked with before is not told. */
  isConnectionMarkKnown: boolean;
  ttl: number;
  /** The six bits of DSCP and two of ECN. */
  trafficClass: number;
  /** True when connection tracking has looked at it. */
  isTracked = false;
  /** True after notrack. */
  isUntracked = false;
  /** True while what is likely is read in the place of what is not known. */
  isGuessed = false;
  isDestinationChanged = false;
  isSourceChanged = false;
  /** True when NAT has given it a port that the kernel chooses. */
  isSourcePortOpen = false;
  isDestinationPortOpen = false;
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
    this.tcpFlags = packet.flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
    this.track = possibleTrack(packet, this.tcpFlags);
    this.isConnectionMarkKnown = this.track === "new";
    this.ttl = packet.ttl;
    this.trafficClass = packet.dscp << 2;
    this.inputInterface = packet.direction === "in" ? packet.inputInterface : undefined;
  }

  /** The state bit that a rule sees now. */
  get trackState(): number {
    if (this.isUntracked) return CT_STATE.untracked;
    // Before it was tracked there is no connection, which the kernel shows as invalid (nft_ct_get_eval()).
    return this.isTracked ? CT_STATE[this.track] : CT_STATE.invalid;
  }

  /** True where there is a connection to ask. */
  get hasConnection(): boolean {
    return this.isTracked && !this.isUntracked && this.track !== "invalid" && this.track !== "untracked";
  }
}

/** Types of ICMP that begin something (nf_conntrack_icmp_packet(), nf_conntrack_icmpv6_packet(): valid_new). */
const BEGINNINGS: Readonly<Record<number, ReadonlySet<number>>> = {
  [ICMP]: new Set([8, 13, 15, 17]),
  [ICMPV6]: new Set([128, 139]),
};
/** Groups and neighbours on the link: never tracked (nf_conntrack_icmpv6_error(): noct_valid_new). */
const UNTRACKED_TYPES: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 137, 143]);
/** What may begin a connection, without ECE, CWR and PSH: SYN, and by nf_conntrack_tcp_loose an ACK (tcp_new()). */
const TCP_BEGINNINGS: ReadonlySet<number> = new Set([
  FLAG_BITS.syn,
  FLAG_BITS.syn | FLAG_BITS.urg,
  FLAG_BITS.ack,
  FLAG_BITS.ack | FLAG_BITS.urg,
]);
const FLAGS_LOOKED_AT = 0x37;

/** No state can make a new connection of a packet that begins none: the kernel calls it invalid, or leaves it alone. */
function possibleTrack({ protocol, track, icmpType }: QuestionPacket, tcpFlags: number): TrackState {
  if (track !== "new") return track;
  if (protocol === ICMPV6 && UNTRACKED_TYPES.has(icmpType)) return "untracked";
  const canBegin =
    protocol === TCP ? TCP_BEGINNINGS.has(tcpFlags & FLAGS_LOOKED_AT) : BEGINNINGS[protocol]?.has(icmpType) !== false;
  return canBegin ? "new" : "invalid";
}
