// What the kernel knows of a packet beside its bytes (nft(8), "META EXPRESSIONS"; net/netfilter/nft_meta.c).
import { BREAK, type FieldReader, UNKNOWN } from "./reading.js";
import { walkAddress } from "./walk-address.js";
import { ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE, type WalkState } from "./walk-state.js";

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const NFPROTO_IPV4 = 2;
const NFPROTO_IPV6 = 10;
/** include/uapi/linux/if_packet.h. */
const PACKET_TYPES: Readonly<Record<string, number>> = {
  unicast: 0,
  local: 0,
  broadcast: 1,
  multicast: 2,
  anycast: 0,
  unreachable: 0,
};
/** ARPHRD_LOOPBACK and ARPHRD_ETHER; of others the question does not tell. */
const LOOPBACK_TYPE = 772;

const READERS: Readonly<Record<string, FieldReader>> = {
  // Without an interface its name is empty and its index 0, which breaks no rule (nft_meta_store_ifname(), seen on 6.18).
  iif: ({ inputInterface }) => inputInterface ?? "",
  iifname: ({ inputInterface }) => inputInterface ?? "",
  oif: (state) => outputOf(state),
  oifname: (state) => outputOf(state),
  iiftype: ({ inputInterface }) => (inputInterface === undefined ? BREAK : typeOf(inputInterface)),
  oiftype: ({ outputInterface }) => (outputInterface === undefined ? BREAK : typeOf(outputInterface)),
  iifgroup: ({ inputInterface }) => (inputInterface === undefined ? BREAK : UNKNOWN),
  oifgroup: ({ outputInterface }) => (outputInterface === undefined ? BREAK : UNKNOWN),
  l4proto: ({ protocol }) => protocol,
  nfproto: ({ family }) => (family === 4 ? NFPROTO_IPV4 : NFPROTO_IPV6),
  protocol: ({ family }) => (family === 4 ? ETH_P_IP : ETH_P_IPV6),
  mark: ({ mark, clobbered }) => (clobbered.has("meta mark") ? UNKNOWN : mark),
  priority: ({ clobbered }) => (clobbered.has("meta priority") ? UNKNOWN : 0),
  // What this host sends is of no other kind before it is on the link.
  pkttype: (state) => (state.packet.direction === "in" ? packetType(state) : 0),
  // A packet that comes in has no socket yet, but for connections whose socket is found early.
  skuid: (state) => socketFact(state),
  skgid: (state) => socketFact(state),
  // No packet here comes out of a tunnel of IPsec.
  ipsec: () => 0,
  secpath: () => 0,
  // Ports as ipset has them: of messages of ICMP their type and code, of what has neither 0 (ip_set_getport.c, get_port()).
  "ipset-sport": (state) => ipsetPort(state, state.sourcePort),
  "ipset-dport": (state) => ipsetPort(state, state.destinationPort),
  ibrname: () => BREAK,
  obrname: () => BREAK,
  ibriport: () => BREAK,
  obriport: () => BREAK,
};

/** The reader of a key. */
export function metaReader(key: string): FieldReader {
  return READERS[key] ?? (() => UNKNOWN);
}

function outputOf({ outputInterface, hook }: WalkState) {
  if (outputInterface !== undefined) return outputInterface;
  // Before the route is looked up there is none; behind it the question may not tell which.
  return hook === "prerouting" || hook === "input" || hook === "ingress" ? "" : UNKNOWN;
}

function ipsetPort({ protocol, packet }: WalkState, port: number): number {
  if (protocol === ICMP || protocol === ICMPV6) return packet.icmpType * 256 + packet.icmpCode;
  return protocol === TCP || protocol === UDP || protocol === UDPLITE || protocol === SCTP ? port : 0;
}

function typeOf(device: string): number {
  return device === "lo" ? LOOPBACK_TYPE : UNKNOWN;
}

/** How the link brought it: a new address does not change it. */
function packetType({ packet, routes }: WalkState): number {
  return PACKET_TYPES[routes.typeOf(walkAddress(packet.destination))] ?? UNKNOWN;
}

function socketFact({ packet, track }: WalkState): number {
  if (packet.direction === "out") return UNKNOWN;
  return track === "new" || track === "invalid" ? BREAK : UNKNOWN;
}
