// All prefixes that can make a difference to a route, as the kernel has them: of routes and rules, and over IPv6 those
// that choose our own address on the way (RFC 6724 §5). They are read once, to ask for few addresses afterwards.
import { readUint32 } from "../packet/bytes.js";
import type { Interface } from "./interfaces.js";
import type { Netlink } from "./netlink.js";
import type { Ipv4Prefix, Ipv6Prefix } from "./route-intervals.js";
import { AF_INET, AF_INET6 } from "./socket-constants.js";

const RTM_GETROUTE = 26;
const RTM_GETRULE = 34;
const RTM_GETADDRLABEL = 74;
const RTA_DST = 1;
const FRA_DST = 1;
const IFAL_ADDRESS = 1;
/** struct rtmsg and fib_rule_hdr { u8 family, dst_len, … }, and ifaddrlblmsg { u8 family, reserved, prefixlen, … }. */
const BODY_BYTES = 12;
const TARGET_BITS_AT = 1;
const LABEL_BITS_AT = 2;

/** More prefixes than this (a router with a full table) are not read: then each address is asked for by itself. */
export const PREFIXES_MAX = 50_000;

/**
 * The kernel judges these before it looks at any table (ip_route_output_key_hash_rcu in net/ipv4/route.c): 0.0.0.0 is
 * this machine, 224/4 multicast, 240/4 reserved, 255.255.255.255 broadcast.
 */
const IPV4_FIXED: readonly Ipv4Prefix[] = [
  [0, 32],
  [0, 8],
  [0xe0000000, 4],
  [0xf0000000, 4],
  [0xffffffff, 32],
];

/** What the kernel tells apart by the address alone (net/ipv6/addrconf_core.c): loopback, and the scopes. */
const IPV6_FIXED: readonly Ipv6Prefix[] = [
  [ipv6(0), 128],
  [ipv6(0, 1), 128],
  [ipv6(0xfe80), 10],
  [ipv6(0xfec0), 10],
  [ipv6(0xff00), 8],
];

/** The prefixes of IPv4; undefined when there are too many, or the kernel does not tell. */
export function ipv4Prefixes(netlink: Netlink): Ipv4Prefix[] | undefined {
  const routes = read(netlink, AF_INET, RTM_GETROUTE, RTA_DST, TARGET_BITS_AT);
  const rules = read(netlink, AF_INET, RTM_GETRULE, FRA_DST, TARGET_BITS_AT);
  if (routes === undefined || rules === undefined) return undefined;
  const found = [...routes, ...rules].map(([bytes, bits]): Ipv4Prefix => [readUint32(bytes, 0), bits]);
  return [...IPV4_FIXED, ...found];
}

/** The same for IPv6. */
export function ipv6Prefixes(netlink: Netlink, interfaces: Iterable<Interface>): Ipv6Prefix[] | undefined {
  const routes = read(netlink, AF_INET6, RTM_GETROUTE, RTA_DST, TARGET_BITS_AT);
  const rules = read(netlink, AF_INET6, RTM_GETRULE, FRA_DST, TARGET_BITS_AT);
  if (routes === undefined || rules === undefined) return undefined;
  const labels = read(netlink, AF_INET6, RTM_GETADDRLABEL, IFAL_ADDRESS, LABEL_BITS_AT) ?? [];
  const found = [...IPV6_FIXED, ...routes, ...rules, ...labels, ...ownPrefixes(interfaces)];
  return found.length > PREFIXES_MAX ? undefined : found;
}

/**
 * RFC 6724 §5, rule 8: of several own addresses that one is taken which has more leading bits in common with the target,
 * as far as its prefix goes. So the choice can change at every shorter prefix of each of them.
 */
function* ownPrefixes(interfaces: Iterable<Interface>): Generator<Ipv6Prefix> {
  for (const { addresses } of interfaces) {
    for (const { address, prefix } of addresses) {
      if (address.family === 4) continue;
      for (let bits = 1; bits <= prefix; bits++) yield [address.bytes, bits];
    }
  }
}

/** One table of the kernel. Without a family's support the kernel may tell of the other one: its lengths differ. */
function read(
  netlink: Netlink,
  family: number,
  type: number,
  attribute: number,
  bitsAt: number,
): [bytes: Uint8Array, bits: number][] | undefined {
  const body = new Uint8Array(BODY_BYTES);
  body[0] = family;
  const reply = netlink.ask({ type, body, isDump: true }, BODY_BYTES, PREFIXES_MAX + 1);
  if ("errno" in reply || reply.messages.length > PREFIXES_MAX) return undefined;
  const addressBytes = family === AF_INET ? 4 : 16;
  return reply.messages.flatMap((message): [Uint8Array, number][] => {
    const bytes = message.attributes.get(attribute);
    const bits = message.body[bitsAt] ?? 0;
    return bytes?.length === addressBytes && bits > 0 && bits <= addressBytes * 8 ? [[bytes, bits]] : [];
  });
}

function ipv6(firstGroup: number, lastGroup = 0): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint16(0, firstGroup, false);
  new DataView(bytes.buffer).setUint16(14, lastGroup, false);
  return bytes;
}
