// Whether the kernel sends the answer that a rule refuses with: some packets are never answered, whatever the rule says
// (net/ipv4/icmp.c: __icmp_send(); net/ipv6/icmp.c: icmp6_send(); nf_reject_ipv4.c: nf_reject_fill_skb_dst();
// nf_reject_ipv6.c).
import type { RejectWith } from "../statement.js";
import { isLoopback, isMulticast } from "./route-table.js";
import { martianFault } from "./routing-fault.js";
import { walkAddress } from "./walk-address.js";
import { ICMP, ICMPV6, type WalkState } from "./walk-state.js";

const RESET = 4;
/** Types of ICMP that are no errors; others that are not assigned count as errors, too (icmp_pointers). */
const ICMP_QUESTIONS: ReadonlySet<number> = new Set([0, 8, 13, 14, 15, 16, 17, 18]);
/** From here on types of ICMPv6 are no errors (RFC 4443 §2.1). */
const ICMPV6_INFORMATION = 128;

/** False where the packet is dropped without a word: errors, resets, and what was not sent to one host by one. */
export function isAnswered(state: WalkState, answer: RejectWith): boolean {
  if (answer === "tcp-reset") return isResetSent(state);
  if (!isForOne(state, state.destination)) return false;
  // How the link brought it is not changed by a new address.
  if (!(isForOne(state, walkAddress(state.packet.destination)) && isFromOne(state))) return false;
  const { protocol, packet } = state;
  if (protocol === ICMP) return ICMP_QUESTIONS.has(packet.icmpType);
  return protocol !== ICMPV6 || packet.icmpType >= ICMPV6_INFORMATION;
}

function isForOne({ routes }: WalkState, address: WalkState["destination"]): boolean {
  return !isMulticast(address) && routes.typeOf(address) !== "broadcast";
}

/** Before its route was looked up, the packet has the route back instead: so the source must be one host (IPv4 alone). */
function isResetSent(state: WalkState): boolean {
  const isRouted = state.family === 6 || state.hook !== "prerouting";
  return (state.tcpFlags & RESET) === 0 && isForOne(state, isRouted ? state.destination : state.source);
}

/** There is a way back to it: no route has been looked up yet at prerouting, so martians come this far. */
function isFromOne(state: WalkState): boolean {
  const { source, destination, routes, packet } = state;
  if (source === 0n || isMulticast(source) || routes.typeOf(source) === "anycast") return false;
  if (packet.direction === "out" || state.hook !== "prerouting") return true;
  if (martianFault(state) === undefined) return isForOne(state, source);
  // From one own address to another: to itself this host may write (icmp_route_lookup()).
  return routes.typeOf(source) === "local" && !isLoopback(source) && routes.typeOf(destination) === "local";
}
