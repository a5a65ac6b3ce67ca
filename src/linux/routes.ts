// Which way the kernel would send a datagram: it is asked itself (RTM_GETROUTE), so that rules, tables and metrics are
// honoured. The answer holds for every address between two neighbouring prefix ends of all tables, so a /16 with one
// route costs one question and not 65,536.

import { type Address, type Ipv6Address, ipv6Key, unmapped } from "../target/address.js";
import { familyOf } from "./connector.js";
import { ENETUNREACH, ENODEV } from "./errno.js";
import { addressBytes, addressOf, type Interface, isLinkLocal, readInterfaces } from "./interfaces.js";
import { int32 } from "./libc.js";
import { Netlink, type NetlinkMessage } from "./netlink.js";
import { Ipv4Intervals, Ipv6Intervals } from "./route-intervals.js";
import { ipv4Prefixes, ipv6Prefixes, PREFIXES_MAX } from "./route-prefixes.js";

const RTM_GETROUTE = 26;
const RTM_NEWROUTE = 24;
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const NDA_DST = 1;
const NDA_LLADDR = 2;
/** struct ndmsg { u8 family, pad1; u16 pad2; i32 ifindex; u16 state; u8 flags, type }. */
const NEIGHBOUR_BYTES = 12;
/** NUD_REACHABLE | NUD_PERMANENT: what is stale is asked for anew. */
const NEIGHBOUR_PROVEN = 0x02 | 0x80;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PREFSRC = 7;
const RTA_CACHEINFO = 12;
const RTA_VIA = 18;
/** struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags }. */
const ROUTE_BYTES = 12;
/** struct rta_cacheinfo { u32 clntref, lastuse; s32 expires; u32 error, … }: the negative errno of a dead end. */
const CACHE_ERROR_AT = 12;
/** What the types of a route (RTN_…) mean to whoever sends. An anycast address of IPv6 is this machine's own, too. */
const KINDS: Readonly<Record<number, Route["kind"]>> = { 1: "unicast", 2: "local", 3: "broadcast", 4: "local" };
/** Keeps the answers for the interfaces apart: above every number of an interval. */
const SCOPE_STEP = 2 ** 20;

/** The way to an address. */
export interface Route {
  readonly kind: "unicast" | "local" | "broadcast" | "unreachable";
  readonly device: Interface | undefined;
  /** Our own address on that way. */
  readonly source: Address | undefined;
  /** The next router; undefined when the target is on the link itself. */
  readonly gateway: Address | undefined;
  /** Why there is no way, when kind is "unreachable". */
  readonly errno: number;
}

/** Ways to addresses of both families, as the kernel has them at the time of asking. */
export class RouteTable {
  readonly #netlink = new Netlink();
  readonly #interfaces: Map<number, Interface>;
  readonly #ipv4: Ipv4Intervals | undefined;
  readonly #ipv6: Ipv6Intervals | undefined;
  readonly #ipv4Routes = new Map<number, Route>();
  readonly #ipv6Routes = new Map<number | string, Route>();

  /** @throws SystemCallError when netlink cannot be used */
  constructor() {
    this.#interfaces = readInterfaces(this.#netlink);
    const ipv4 = ipv4Prefixes(this.#netlink);
    const ipv6 = ipv6Prefixes(this.#netlink, this.#interfaces.values());
    this.#ipv4 = ipv4 === undefined ? undefined : new Ipv4Intervals(ipv4);
    this.#ipv6 = ipv6 === undefined ? undefined : new Ipv6Intervals(ipv6);
  }

  /**
   * The way to this address. An IPv4-mapped one goes the way of its IPv4 address; a zone counts for link-local ones, as
   * it does for the kernel.
   */
  lookup(address: Address): Route {
    const target = unmapped(address);
    return target.family === 4 ? this.#lookupIpv4(target.value) : this.#lookupIpv6(target);
  }

  /** The link address that the kernel knows for a neighbour and has proven lately (RTM_GETNEIGH). */
  neighbour(device: Interface, address: Address): Uint8Array | undefined {
    const body = new Uint8Array(NEIGHBOUR_BYTES);
    body[0] = familyOf(address);
    body.set(int32(device.index), 4);
    const target = addressBytes(address);
    const reply = this.#netlink.ask({ type: RTM_GETNEIGH, body, attributes: [[NDA_DST, target]] }, NEIGHBOUR_BYTES);
    const message = "errno" in reply ? undefined : reply.messages.find(({ type }) => type === RTM_NEWNEIGH);
    const state = message === undefined ? 0 : (message.body[8] ?? 0);
    const mac = message?.attributes.get(NDA_LLADDR);
    return (state & NEIGHBOUR_PROVEN) !== 0 && mac?.length === 6 ? mac : undefined;
  }

  /** All interfaces of this namespace. */
  interfaces(): IterableIterator<Interface> {
    return this.#interfaces.values();
  }

  close(): void {
    this.#netlink.close();
  }

  #lookupIpv4(value: number): Route {
    const key = this.#ipv4 === undefined ? value : this.#ipv4.indexOf(value);
    const known = this.#ipv4Routes.get(key);
    return known ?? remember(this.#ipv4Routes, key, this.#ask({ family: 4, value }, 0));
  }

  #lookupIpv6(address: Ipv6Address): Route {
    const hasScope = address.zone !== undefined && isLinkLocal(address.bytes);
    const scopeId = hasScope ? this.#indexOf(address.zone) : 0;
    if (scopeId === undefined) return unreachable(ENODEV);
    const key =
      this.#ipv6 === undefined
        ? ipv6Key(address.bytes, address.zone)
        : this.#ipv6.indexOf(address.bytes) + scopeId * SCOPE_STEP;
    return this.#ipv6Routes.get(key) ?? remember(this.#ipv6Routes, key, this.#ask(address, scopeId));
  }

  /** The index of the interface that a zone names, or is. */
  #indexOf(zone: string): number | undefined {
    for (const { name, index } of this.#interfaces.values()) if (name === zone) return index;
    return /^\d+$/.test(zone) && this.#interfaces.has(Number(zone)) ? Number(zone) : undefined;
  }

  #ask(address: Address, scopeId: number): Route {
    const target = addressBytes(address);
    const body = new Uint8Array(ROUTE_BYTES);
    body[0] = familyOf(address);
    body[1] = target.length * 8;
    const attributes: [number, Uint8Array][] = [[RTA_DST, target]];
    if (scopeId !== 0) attributes.push([RTA_OIF, int32(scopeId)]);
    const reply = this.#netlink.ask({ type: RTM_GETROUTE, body, attributes }, ROUTE_BYTES);
    if ("errno" in reply) return unreachable(reply.errno);
    const message = reply.messages.find(({ type }) => type === RTM_NEWROUTE);
    if (message === undefined) return unreachable(ENETUNREACH);
    const route = this.#parse(message);
    // An own address of a link is by lo to the kernel, but a packet to it has to name the link (RFC 4007 §6).
    return scopeId === 0 || route.kind !== "local" ? route : { ...route, device: this.#interfaces.get(scopeId) };
  }

  #parse(message: NetlinkMessage): Route {
    const { attributes } = message;
    const kind = KINDS[message.body[7] ?? 0];
    if (kind === undefined) return unreachable(deadEnd(attributes.get(RTA_CACHEINFO)));
    const index = attributes.get(RTA_OIF);
    const device = index === undefined ? undefined : this.#interfaces.get(readHost32(index, 0));
    return {
      kind,
      // A gateway of the other family (RTA_VIA) has no IPv4 address to ask for by ARP: the kernel must send.
      device: device !== undefined && attributes.has(RTA_VIA) ? { ...device, hasNeighbours: false } : device,
      source: addressOf(attributes.get(RTA_PREFSRC), device?.name),
      gateway: addressOf(attributes.get(RTA_GATEWAY), device?.name),
      errno: 0,
    };
  }
}

/** Bounded, whatever is asked. */
function remember<Key>(routes: Map<Key, Route>, key: Key, route: Route): Route {
  if (routes.size >= PREFIXES_MAX) routes.clear();
  routes.set(key, route);
  return route;
}

function unreachable(errno: number): Route {
  return { kind: "unreachable", device: undefined, source: undefined, gateway: undefined, errno };
}

/** IPv6 tells of an unreachable, prohibited or black hole route as of any other, with the errno in it. */
function deadEnd(cacheInfo: Uint8Array | undefined): number {
  if (cacheInfo === undefined || cacheInfo.length < CACHE_ERROR_AT + 4) return ENETUNREACH;
  return Math.abs(readHost32(cacheInfo, CACHE_ERROR_AT) | 0) || ENETUNREACH;
}

function readHost32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}
