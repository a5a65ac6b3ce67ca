// What a lookup of the route says (nft(8), "FIB EXPRESSIONS"; net/ipv4/netfilter/nft_fib_ipv4.c, net/ipv6/netfilter/
// nft_fib_ipv6.c).
import type { Field } from "../expression.js";
import { BREAK, type FieldReader, type Reading, UNKNOWN } from "./reading.js";
import { isLoopback, type RouteType } from "./route-table.js";
import type { WalkAddress } from "./walk-address.js";
import type { WalkState } from "./walk-state.js";

type FibField = Field & { readonly kind: "fib" };

/** include/uapi/linux/rtnetlink.h. */
const TYPES: Readonly<Record<RouteType, number>> = { unicast: 1, local: 2, broadcast: 3, multicast: 5, unreachable: 7 };

/** The reader of a lookup. Whether there is a route is 1 or 0; an interface is its name, and empty without one. */
export function fibReader(field: FibField): FieldReader {
  return (state) => (state.routes.isKnown ? lookUp(field, state) : UNKNOWN);
}

function lookUp({ result, flags }: FibField, state: WalkState): Reading {
  const address = flags.includes("saddr") ? state.source : state.destination;
  const isLimited = flags.includes("iif") || flags.includes("oif");
  const device = flags.includes("iif")
    ? state.inputInterface
    : flags.includes("oif")
      ? state.outputInterface
      : undefined;
  if (isLimited && device === undefined) return BREAK;
  if (result === "type") return TYPES[typeSeenBy(state, address, device)];
  const found = routeDevice(state, address, device);
  return result === "check" ? Number(found !== undefined) : (found ?? "");
}

/** With an interface, only its own addresses are local. */
function typeSeenBy({ routes }: WalkState, address: WalkAddress, device: string | undefined): RouteType {
  const type = routes.typeOf(address);
  if (device === undefined || type !== "local") return type;
  return routes.ownerOf(address) === device ? "local" : "unicast";
}

function routeDevice(state: WalkState, address: WalkAddress, device: string | undefined): string | undefined {
  if (state.inputInterface === "lo" || isLoopback(address)) return state.inputInterface ?? "lo";
  return state.routes.deviceTo(address, device);
}
