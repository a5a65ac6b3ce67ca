// What the kernel drops by itself, without any rule: addresses that no link may bring, and what cannot be forwarded
// (net/ipv4/route.c: ip_route_input_slow(), ip_route_input_mc(); net/ipv4/ip_forward.c; net/ipv6/ip6_input.c: ip6_rcv_core();
// net/ipv6/ip6_output.c: ip6_forward()). Settings are taken to be the kernel's own: accept_local and rp_filter are off, and
// route_localnet is where the host's description does not say otherwise.
import type { HostEnvironment } from "../packet-question.js";
import { isLinkLocal, isLoopback, isMulticast } from "./route-table.js";
import { type WalkAddress, walkAddress } from "./walk-address.js";
import type { WalkEnd } from "./walk-run.js";
import type { WalkState } from "./walk-state.js";

const BROADCAST = 0xffff_ffff;

/** What is dropped before any rule but those of ingress: IPv6's loopback address on a link. */
export function earlyFault({ inputInterface, source, destination, family }: WalkState): string | undefined {
  if (inputInterface === "lo" || family === 4) return undefined;
  if (isLoopback(source) || isLoopback(destination)) return "the loopback address is not taken from a link";
  return isMulticast(source) ? "its source is a group" : undefined;
}

/** What is dropped when the route is looked up, behind prerouting ("martians"). */
export function martianFault(state: WalkState): string | undefined {
  const { inputInterface, source, destination } = state;
  if (typeof source !== "number" || typeof destination !== "number") return undefined;
  if (isMulticast(source) || source === BROADCAST) return "its source is a group or all hosts";
  if (isZero(source))
    return destination === BROADCAST || isLocalGroup(destination) ? undefined : "its source is no address";
  if (inputInterface === "lo") return undefined;
  if (isLoopback(source)) return "a loopback address as the source is not taken from a link";
  if (isLoopback(destination) && !isRoutingLocalnet(state))
    return "a loopback address is not taken from a link (route_localnet is off)";
  return isOwn(state, source) ? "its source is an address of this host itself (accept_local is off)" : undefined;
}

function isRoutingLocalnet({ environment, inputInterface }: WalkState): boolean {
  return environment?.interfaces.find(({ name }) => name === inputInterface)?.isRoutingLocalnet === true;
}

function isOwn({ routes }: WalkState, address: WalkAddress): boolean {
  return routes.isKnown && routes.typeOf(address) === "local";
}

/** Of 0.0.0.0/8 it is this address alone, since Linux 5.3 (ipv4_is_zeronet()). */
function isZero(address: number): boolean {
  return address === 0;
}

/** 224.0.0.0/24. */
function isLocalGroup(address: number): boolean {
  return address >>> 8 === 0xe00000;
}

/** Where it would be sent on to; a link-local address is looked for on the packet's own link. */
export function forwardDevice({ destination, inputInterface, routes }: WalkState): string | undefined {
  return isLinkLocal(destination) ? routes.deviceTo(destination, inputInterface) : routes.deviceTo(destination);
}

/** What ends before the forward hook, though it is not for this host. Only what has no route is answered (ip_error()). */
export function forwardFault(state: WalkState, environment: HostEnvironment | undefined): WalkEnd | undefined {
  if (environment?.isForwarding !== true) return dropped("it is not for this host, which does not forward");
  const device = forwardDevice(state);
  if (device === undefined) {
    const answer = state.family === 4 ? "icmp-net-unreachable" : "icmp6-no-route";
    return { kind: "reject", with: answer, why: "there is no route to its destination" };
  }
  if (isForMany(state)) return dropped("it came for all hosts of its link, whatever its address is now");
  if (state.ttl <= 1) return dropped("its time to live ends here");
  if (state.source === 0n) return dropped("its source is no address");
  if (device === state.inputInterface) return sourceFault(state);
  return isLinkLocal(state.source) ? dropped("a link-local source does not leave its link") : undefined;
}

/** Back to the link that it came from, the source is looked at more closely (fib_validate_source()). */
function sourceFault({ source, routes }: WalkState): WalkEnd | undefined {
  return routes.typeOf(source) === "broadcast" ? dropped("its source is all hosts of a link") : undefined;
}

/** How the link brought it: what is for a group or all hosts goes no further, though NAT gave it another address. */
function isForMany({ packet, routes }: WalkState): boolean {
  const type = routes.typeOf(walkAddress(packet.destination));
  return type === "multicast" || type === "broadcast";
}

function dropped(why: string): WalkEnd {
  return { kind: "drop", why };
}
