// What a lookup of the route says (nft(8), "FIB EXPRESSIONS"; net/ipv4/netfilter/nft_fib_ipv4.c, net/ipv6/netfilter/
// nft_fib_ipv6.c).
import type { Field } from "../expression.js";
import { BREAK, type FieldReader, type Reading, UNKNOWN } from "./reading.js";
import { isLinkLocal, type RouteTable, type RouteType } from "./route-table.js";
import type { WalkAddress } from "./walk-address.js";
import type { WalkState } from "./walk-state.js";

type FibField = Field & { readonly kind: "fib" };

/** include/uapi/linux/rtnetlink.h. */
const TYPES: Readonly<Record<RouteType, number>> = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  unreachable: 7,
};

/** The reader of a lookup. Whether there is a route is 1 or 0; an interface is its name, and empty without one. */
export function fibReader(field: FibField): FieldReader {
  return (state) => (state.routes.isKnown ? lookUp(field, state) : UNKNOWN);
}

function lookUp({ result, flags }: FibField, state: WalkState): Reading {
  const address = flags.includes("saddr") ? state.source : state.destination;
  const isOutput = flags.includes("oif");
  const isLimited = isOutput || flags.includes("iif");
  const device = isOutput ? state.outputInterface : isLimited ? state.inputInterface : undefined;
  if (isLimited && device === undefined) return BREAK;
  if (result === "type") return typeSeenBy(state, address, device);
  const found = routeDevice(state, address, device);
  return result === "check" ? Number(found !== undefined) : (found ?? "");
}

/** No kind at all (RTN_UNSPEC): what IPv6's unspecified address is. */
const UNSPECIFIED = 0;

/** Only IPv6 looks for a route as well: for IPv4 the local table alone is asked, and what is not in it is unicast. */
function typeSeenBy(state: WalkState, address: WalkAddress, device: string | undefined): number {
  const { routes } = state;
  if (address === 0n) return UNSPECIFIED;
  if (isLinkLocal(address)) return TYPES[linkLocalType(state, address, device)];
  const type = routes.typeOf(address);
  if (type === "unreachable") return typeof address === "number" ? TYPES.unicast : TYPES.unreachable;
  if (device === undefined || !(type === "local" || type === "broadcast")) return TYPES[type];
  if (address === 0xffff_ffff) return TYPES[type];
  return TYPES[routes.ownerOf(address) === device ? type : "unicast"];
}

/** A link-local address is looked for on one link alone: what another link has is a stranger there (nft_fib6_flowi_init()). */
function linkLocalType(
  { routes, inputInterface }: WalkState,
  address: WalkAddress,
  device: string | undefined,
): RouteType {
  const link = device ?? inputInterface;
  const type = routes.typeOf(address);
  if (link === undefined || type === "anycast") return type;
  if (routes.ownerOf(address) === link) return "local";
  return routes.deviceTo(address, link) === undefined ? "unreachable" : "unicast";
}

/**
 * The interface of the best route, when that is the one that is asked for; that another route leads there does not count.
 * Own addresses and groups have no route of this kind, all hosts of a link have one (nft_fib4_eval()). What comes over the
 * loopback is not looked up.
 */
function routeDevice(state: WalkState, address: WalkAddress, device: string | undefined): string | undefined {
  if (state.inputInterface === "lo" && state.hook !== "forward") return "lo";
  const { routes } = state;
  const found = isLinkLocal(address) ? linkLocalDevice(state, address, device) : plainDevice(routes, address);
  return device === undefined || found === device ? found : undefined;
}

function linkLocalDevice(state: WalkState, address: WalkAddress, device: string | undefined): string | undefined {
  const link = device ?? state.inputInterface;
  return linkLocalType(state, address, link) === "unicast" ? state.routes.deviceTo(address, link) : undefined;
}

function plainDevice(routes: RouteTable, address: WalkAddress): string | undefined {
  const type = routes.typeOf(address);
  if (type === "broadcast") return routes.ownerOf(address);
  return type === "unicast" ? routes.deviceTo(address) : undefined;
}
