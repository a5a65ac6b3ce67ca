// What the kernel does with a packet between two addresses (RTM_GETROUTE): rules of the routing policy, all tables, and, for
// a packet that comes in, the check of its source (net/ipv4/route.c, inet_rtm_getroute(); rp_filter).
import type { Address } from "../target/address.js";
import { familyOf } from "./connector.js";
import { addressBytes } from "./interfaces.js";
import { int32 } from "./libc.js";
import type { Netlink } from "./netlink.js";
import type { NetlinkAttribute } from "./netlink-message.js";

const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTA_DST = 1;
const RTA_SRC = 2;
const RTA_IIF = 3;
const RTA_OIF = 4;
/** struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags }. */
const ROUTE_BYTES = 12;
const TYPE_AT = 7;
const RTN_LOCAL = 2;
const RTN_ANYCAST = 4;

/** A packet that is asked about. */
export interface RouteQuestion {
  readonly to: Address;
  /** Undefined: whatever the kernel takes. */
  readonly from: Address | undefined;
  /** Where it comes in; undefined for one that this machine sends. */
  readonly arrivesBy: number | undefined;
}

/** What becomes of it: it is delivered here, it leaves by an interface (0: none), or the kernel refuses with an errno. */
export type RouteWord =
  | { readonly kind: "own" }
  | { readonly kind: "leaves"; readonly interfaceIndex: number }
  | { readonly kind: "refused"; readonly errno: number };

/** Asks the kernel. */
export function askRoute(netlink: Netlink, { to, from, arrivesBy }: RouteQuestion): RouteWord {
  const target = addressBytes(to);
  const source = from === undefined ? undefined : addressBytes(from);
  const body = new Uint8Array(ROUTE_BYTES);
  body.set([familyOf(to), target.length * 8, (source?.length ?? 0) * 8]);
  const attributes: NetlinkAttribute[] = [[RTA_DST, target]];
  if (source !== undefined) attributes.push([RTA_SRC, source]);
  if (arrivesBy !== undefined) attributes.push([RTA_IIF, int32(arrivesBy)]);
  const reply = netlink.ask({ type: RTM_GETROUTE, body, attributes }, ROUTE_BYTES);
  if ("errno" in reply) return { kind: "refused", errno: reply.errno };
  const message = reply.messages.find(({ type }) => type === RTM_NEWROUTE);
  const type = message?.body[TYPE_AT];
  if (type === RTN_LOCAL || type === RTN_ANYCAST) return { kind: "own" };
  const index = message?.attributes.get(RTA_OIF);
  const hasIndex = index?.length === 4;
  return {
    kind: "leaves",
    interfaceIndex: hasIndex ? new DataView(index.buffer, index.byteOffset).getInt32(0, true) : 0,
  };
}
