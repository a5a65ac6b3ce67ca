// From where a listening socket can be reached, as far as its address, its interface and its namespace decide: before any
// firewall, and before NAT that leads to it.
import type { InetSocket } from "../linux/kernel-socket.js";
import { type Address, formatAddress, unmapped } from "../target/address.js";
import type { LocalNetwork } from "./local-network.js";

/**
 * From where:
 * - `machine`: only from this machine, or for another namespace, from within it;
 * - `link`: from the hosts of a link, or from whoever is routed to a link without a router;
 * - `everywhere`: from wherever a route leads here;
 * - `nowhere`: its address is none of the namespace's own;
 * - `unknown`: the namespace's interfaces could not be read.
 */
export type ReachKind = "machine" | "link" | "everywhere" | "nowhere" | "unknown";

/** From where, and by which interfaces where that is limited. */
export interface Reach {
  readonly kind: ReachKind;
  readonly interfaces: readonly string[];
}

/** What a socket's place allows. In a namespace of its own nothing is everywhere: others get there by its link alone. */
export function reachOf(socket: InetSocket, network: LocalNetwork, isOwnNamespace: boolean): Reach {
  const reach = placeOf(socket, network);
  return reach.kind === "everywhere" && !isOwnNamespace ? { ...reach, kind: "link" } : reach;
}

function placeOf(socket: InetSocket, network: LocalNetwork): Reach {
  const local = unmapped(socket.local);
  const bound = boundInterface(socket, local, network);
  if (isLoopback(local) || bound === "lo") return MACHINE;
  const isLinkOnly = isLinkScope(local);
  if (bound !== undefined)
    return isLinkOnly ? { kind: "link", interfaces: [bound] } : throughInterfaces([bound], network);
  if (isLinkOnly) return { kind: "link", interfaces: linksOf(local, network) };
  return isUnspecified(local) ? anywhere(socket, network) : throughAddress(local, network);
}

/** The one interface that the socket is bound to, if there is one. */
function boundInterface(socket: InetSocket, local: Address, network: LocalNetwork): string | undefined {
  const index = socket.interfaceIndex ?? 0;
  if (index > 0) return network.nameByIndex.get(index);
  return local.family === 6 ? local.zone : undefined;
}

const MACHINE: Reach = { kind: "machine", interfaces: [] };

function throughInterfaces(interfaces: readonly string[], network: LocalNetwork): Reach {
  const isRouted = interfaces.some((name) => network.routedInterfaces.has(name));
  return { kind: isRouted ? "everywhere" : "link", interfaces };
}

function throughAddress(local: Address, network: LocalNetwork): Reach {
  if (network.addresses.length === 0) return { kind: "unknown", interfaces: [] };
  const text = formatAddress(local);
  const own = network.addresses.find(({ address }) => formatAddress(address) === text);
  if (own === undefined) return { kind: "nowhere", interfaces: [] };
  // An address of the loopback interface outside of 127.0.0.0/8 is reached by whatever interface leads here (ip-sysctl:
  // Linux answers for each of its addresses on each interface).
  if (own.interfaceName === undefined || own.interfaceName === "lo") return { kind: "everywhere", interfaces: [] };
  return throughInterfaces([own.interfaceName], network);
}

/** All addresses of its family, and of both where an IPv6 socket takes both. */
function anywhere(socket: InetSocket, network: LocalNetwork): Reach {
  if (network.addresses.length === 0) return { kind: "unknown", interfaces: [] };
  const takesIpv4 = socket.family === 4 || socket.isV6Only !== true;
  const outward = network.addresses.filter(
    ({ address }) => !isLoopback(address) && (address.family === 6 ? socket.family === 6 : takesIpv4),
  );
  if (outward.length === 0) return MACHINE;
  const names = [...new Set(outward.flatMap(({ interfaceName }) => interfaceName ?? []))];
  const reach = throughInterfaces(names, network);
  return reach.kind === "everywhere" ? { kind: "everywhere", interfaces: [] } : reach;
}

function linksOf(local: Address, network: LocalNetwork): readonly string[] {
  const text = formatAddress(local);
  return network.addresses.flatMap(({ address, interfaceName }) =>
    formatAddress(address) === text && interfaceName !== undefined ? [interfaceName] : [],
  );
}

/** True for 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3). */
export function isLoopback(address: Address): boolean {
  const plain = unmapped(address);
  if (plain.family === 4) return plain.value >>> 24 === 127;
  return plain.bytes[15] === 1 && plain.bytes.every((byte, at) => byte === 0 || at === 15);
}

/** True for 0.0.0.0 and ::. */
export function isUnspecified(address: Address): boolean {
  const plain = unmapped(address);
  return plain.family === 4 ? plain.value === 0 : plain.bytes.every((byte) => byte === 0);
}

/** Link-local unicast, multicast and the limited broadcast address: meant for one link. */
export function isLinkScope(address: Address): boolean {
  if (address.family === 4) {
    return address.value >>> 28 === 14 || address.value >>> 16 === 0xa9fe || address.value === 0xffff_ffff;
  }
  const [first = 0, second = 0] = address.bytes;
  return first === 0xff || (first === 0xfe && (second & 0xc0) === 0x80);
}
