// The routes of this namespace as a list for people (rtnetlink(7), RTM_GETROUTE as a dump).
import type { Address } from "../target/address.js";
import { addressOf, type Interface } from "./interfaces.js";
import type { Netlink, NetlinkMessage } from "./netlink.js";
import { AF_INET, AF_INET6 } from "./socket-constants.js";

const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_TABLE = 15;
/** struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags }. */
const ROUTE_BYTES = 12;
const TARGET_BITS_AT = 1;
const TABLE_AT = 4;
const TYPE_AT = 7;
const RTN_UNICAST = 1;
/** Routes that send nothing: RTN_BLACKHOLE, RTN_UNREACHABLE and RTN_PROHIBIT. */
const DEAD_ENDS: Readonly<Record<number, string>> = { 6: "blackhole", 7: "unreachable", 8: "prohibit" };
/** More are not listed: nobody reads a full table of the Internet. */
const ROUTES_MAX = 10_000;

/** One route. */
export interface ListedRoute {
  readonly target: Address;
  readonly prefix: number;
  /** The interface, what the route does instead of sending ("blackhole"), or "(several)" for ways that are shared. */
  readonly device: string;
  readonly metric: number;
  /** Undefined on the link. */
  readonly gateway: Address | undefined;
  /** The number of its table, 254 for the main one. */
  readonly table: number;
}

/** The routes that lead elsewhere, of both families, in the kernel's order. */
export function readRoutes(netlink: Netlink, interfaces: ReadonlyMap<number, Interface>): readonly ListedRoute[] {
  return [AF_INET, AF_INET6].flatMap((family) => {
    const body = new Uint8Array(ROUTE_BYTES);
    body[0] = family;
    const reply = netlink.ask({ type: RTM_GETROUTE, body, isDump: true }, ROUTE_BYTES, ROUTES_MAX);
    const messages = "errno" in reply ? [] : reply.messages.filter(({ type }) => type === RTM_NEWROUTE);
    // A kernel without the family may tell of the other one.
    return messages.filter((message) => message.body[0] === family).flatMap((one) => parse(one, family, interfaces));
  });
}

function parse(
  { body, attributes }: NetlinkMessage,
  family: number,
  interfaces: ReadonlyMap<number, Interface>,
): readonly ListedRoute[] {
  const type = body[TYPE_AT] ?? 0;
  const deadEnd = DEAD_ENDS[type];
  if (type !== RTN_UNICAST && deadEnd === undefined) return [];
  const device = interfaces.get(numberOf(attributes.get(RTA_OIF)) ?? 0)?.name;
  const target = addressOf(attributes.get(RTA_DST) ?? new Uint8Array(family === AF_INET ? 4 : 16), undefined);
  if (target === undefined) return [];
  return [
    {
      target,
      prefix: body[TARGET_BITS_AT] ?? 0,
      device: deadEnd ?? device ?? "(several)",
      metric: numberOf(attributes.get(RTA_PRIORITY)) ?? 0,
      gateway: addressOf(attributes.get(RTA_GATEWAY), device),
      table: numberOf(attributes.get(RTA_TABLE)) ?? body[TABLE_AT] ?? 0,
    },
  ];
}

function numberOf(bytes: Uint8Array | undefined): number | undefined {
  if (bytes?.length !== 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
