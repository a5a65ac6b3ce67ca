// Which way the kernel would send a datagram: it is asked itself (RTM_GETROUTE), so that rules, tables and metrics are
// honoured. The answer holds for every address between two neighbouring prefix ends of all tables, so a /16 with one
// route costs one question and not 65,536.

import { ENETUNREACH } from "./errno.js";
import { type Interface, readInterfaces } from "./interfaces.js";
import { Netlink, type NetlinkMessage } from "./netlink.js";
import { AF_INET } from "./socket-constants.js";

const RTM_GETROUTE = 26;
const RTM_NEWROUTE = 24;
const RTM_GETRULE = 34;
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
const RTA_VIA = 18;
const FRA_DST = 1;
/** struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags }. */
const ROUTE_BYTES = 12;
const RTN_UNICAST = 1;
const RTN_LOCAL = 2;
/**
 * The kernel judges these before it looks at any table (ip_route_output_key_hash_rcu in net/ipv4/route.c): 0.0.0.0 is
 * this machine, 224/4 multicast, 255.255.255.255 broadcast. They begin intervals of their own.
 */
const FIXED_STARTS = [0, 1, 2 ** 24, 0xe0000000, 0xf0000000, 0xffffffff];
/** More prefixes than this (a router with a full table) are not read: then each address is asked for by itself. */
const PREFIXES_MAX = 50_000;

/** The way to an address. */
export interface Route {
  readonly kind: "unicast" | "local" | "broadcast" | "unreachable";
  readonly device: Interface | undefined;
  /** Our own address on that way, IPv4 as a number. */
  readonly source: number;
  /** The next router; undefined when the target is on the link itself. */
  readonly gateway: number | undefined;
  /** Why there is no way, when kind is "unreachable". */
  readonly errno: number;
}

/** Ways to IPv4 addresses, as the kernel has them at the time of asking. */
export class RouteTable {
  readonly #netlink = new Netlink();
  readonly #interfaces: Map<number, Interface>;
  readonly #starts: Float64Array | undefined;
  readonly #known = new Map<number, Route>();

  /** @throws SystemCallError when netlink cannot be used */
  constructor() {
    this.#interfaces = readInterfaces(this.#netlink);
    this.#starts = this.#readStarts();
  }

  /** The way to this address. */
  lookup(address: number): Route {
    const key = this.#starts === undefined ? address : intervalOf(this.#starts, address);
    let route = this.#known.get(key);
    if (route === undefined) {
      route = this.#ask(address);
      if (this.#known.size >= PREFIXES_MAX) this.#known.clear(); // bounded, whatever is asked
      this.#known.set(key, route);
    }
    return route;
  }

  /** The link address that the kernel knows for a neighbour and has proven lately (RTM_GETNEIGH). */
  neighbour(device: Interface, address: number): Uint8Array | undefined {
    const target = new Uint8Array(4);
    new DataView(target.buffer).setUint32(0, address, false);
    const body = new Uint8Array(NEIGHBOUR_BYTES);
    body[0] = AF_INET;
    new DataView(body.buffer).setInt32(4, device.index, true);
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

  #ask(address: number): Route {
    const target = new Uint8Array(4);
    new DataView(target.buffer).setUint32(0, address, false);
    const body = new Uint8Array(ROUTE_BYTES);
    body[0] = AF_INET;
    body[1] = 32;
    const reply = this.#netlink.ask({ type: RTM_GETROUTE, body, attributes: [[RTA_DST, target]] }, ROUTE_BYTES);
    if ("errno" in reply) return unreachable(reply.errno);
    const message = reply.messages.find(({ type }) => type === RTM_NEWROUTE);
    return message === undefined ? unreachable(ENETUNREACH) : this.#parse(message);
  }

  #parse(message: NetlinkMessage): Route {
    const type = message.body[7];
    if (type === undefined || type > 3) return unreachable(ENETUNREACH);
    const index = message.attributes.get(RTA_OIF);
    const device = index === undefined ? undefined : this.#interfaces.get(readHost32(index));
    const source = message.attributes.get(RTA_PREFSRC);
    const gateway = message.attributes.get(RTA_GATEWAY);
    return {
      kind: type === RTN_UNICAST ? "unicast" : type === RTN_LOCAL ? "local" : "broadcast",
      // A gateway of the other family (RTA_VIA) has no IPv4 address to ask for by ARP: the kernel must send.
      device: device !== undefined && message.attributes.has(RTA_VIA) ? { ...device, hasNeighbours: false } : device,
      source: source === undefined ? 0 : readNetwork32(source),
      gateway: gateway === undefined ? undefined : readNetwork32(gateway),
      errno: 0,
    };
  }

  /** The sorted first addresses of all intervals; undefined when there are too many prefixes. */
  #readStarts(): Float64Array | undefined {
    const starts = new Set<number>(FIXED_STARTS);
    for (const [type, attribute] of [
      [RTM_GETROUTE, RTA_DST],
      [RTM_GETRULE, FRA_DST],
    ] as const) {
      const body = new Uint8Array(ROUTE_BYTES);
      body[0] = AF_INET;
      const reply = this.#netlink.ask({ type, body, isDump: true }, ROUTE_BYTES, PREFIXES_MAX + 1);
      if ("errno" in reply || reply.messages.length > PREFIXES_MAX) return undefined;
      for (const message of reply.messages) addEnds(starts, message.attributes.get(attribute), message.body[1] ?? 0);
    }
    return Float64Array.from(starts).sort();
  }
}

function addEnds(starts: Set<number>, target: Uint8Array | undefined, prefix: number): void {
  if (target?.length !== 4) return;
  const first = readNetwork32(target);
  starts.add(first);
  const behind = first + 2 ** (32 - prefix);
  if (behind < 2 ** 32) starts.add(behind);
}

/** Index of the interval that holds the address: the last start that is not behind it. */
function intervalOf(starts: Float64Array, address: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= address) low = middle;
    else high = middle - 1;
  }
  return low;
}

function unreachable(errno: number): Route {
  return { kind: "unreachable", device: undefined, source: 0, gateway: undefined, errno };
}

function readNetwork32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, false);
}

function readHost32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}
