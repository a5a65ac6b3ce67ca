// Where the host's routes lead: which addresses are its own, and by which interface others are reached.
import type { HostEnvironment } from "../packet-question.js";
import { type WalkAddress, walkAddress } from "./walk-address.js";

/** Kinds of addresses as fib lookups tell them (include/uapi/linux/rtnetlink.h, RTN_*). */
export type RouteType = "unicast" | "local" | "broadcast" | "anycast" | "multicast" | "unreachable";

interface OwnAddress {
  readonly address: WalkAddress;
  readonly prefix: number;
  readonly device: string;
}

interface Route {
  readonly network: WalkAddress;
  readonly prefix: number;
  readonly device: string;
}

/** The routes of a host. */
export class RouteTable {
  /** False where nothing is known of the host: then all is taken for its own. */
  readonly isKnown: boolean;
  readonly #own = new Map<WalkAddress, string>();
  /** In the order in which they were told, which is the kernel's. */
  readonly #addresses: OwnAddress[] = [];
  readonly #broadcasts = new Map<WalkAddress, string>();
  /** The first address of an IPv6 network means any of its routers (RFC 4291 §2.6.1). */
  readonly #anycasts = new Set<WalkAddress>();
  readonly #routes: Route[] = [];

  constructor(environment: HostEnvironment | undefined) {
    this.isKnown = environment !== undefined;
    for (const { name, addresses } of environment?.interfaces ?? []) {
      for (const { address, prefix } of addresses) {
        this.#addOwn({ address: walkAddress(address), prefix, device: name }, environment?.isForwarding === true);
      }
    }
    for (const { target, prefix, device } of environment?.routes ?? []) {
      this.#routes.push({ network: networkOf(walkAddress(target), prefix), prefix, device });
    }
    this.#routes.sort((a, b) => b.prefix - a.prefix);
  }

  /** What an address is. */
  typeOf(address: WalkAddress): RouteType {
    if (isMulticast(address)) return "multicast";
    if (address === 0xffff_ffff || this.#broadcasts.has(address)) return "broadcast";
    if (isLoopback(address) || this.#own.has(address)) return "local";
    if (this.#anycasts.has(address)) return "anycast";
    return this.deviceTo(address) === undefined ? "unreachable" : "unicast";
  }

  /** True for an address of the host's own, and for one that means all on its link. */
  isForUs(address: WalkAddress): boolean {
    const type = this.typeOf(address);
    return type !== "unicast" && type !== "unreachable";
  }

  /** The interface that has an own address, or whose network an address for all of its hosts belongs to. */
  ownerOf(address: WalkAddress): string | undefined {
    return isLoopback(address) ? "lo" : (this.#own.get(address) ?? this.#broadcasts.get(address));
  }

  /** What redirecting writes: an interface's first address, of the scope that the packet's own destination has. */
  firstAddressOf(device: string, destination: WalkAddress): WalkAddress | undefined {
    const isWanted = (address: WalkAddress): boolean =>
      typeof address === typeof destination && (!isOfLink(destination) || isLinkLocal(address));
    return this.#addresses.find((one) => one.device === device && isWanted(one.address))?.address;
  }

  /**
   * What masquerading writes: of an interface's addresses the one in the network of the next hop, or else the first
   * (inet_select_addr()); for IPv6 the same address, or the one that shares most bits with it (RFC 6724). Where the
   * interface has none, as the loopback has none that others may see, any other's.
   */
  sourceTowards(device: string, nextHop: WalkAddress): WalkAddress | undefined {
    if (typeof nextHop === "bigint" && this.typeOf(nextHop) === "local") return nextHop;
    const usable = this.#addresses.filter(
      ({ address }) => typeof address === typeof nextHop && !isLoopback(address) && !this.#isSecondary(address),
    );
    const own = usable.filter((one) => one.device === device);
    if (typeof nextHop === "bigint") return closest(own.length > 0 ? own : usable, nextHop);
    const near = own.find(({ address, prefix }) => networkOf(nextHop, prefix) === networkOf(address, prefix));
    return (near ?? own[0] ?? usable[0])?.address;
  }

  /** The interface by which an address is reached; undefined without a route. */
  deviceTo(address: WalkAddress, onlyDevice?: string): string | undefined {
    if (onlyDevice === undefined && this.#isOwn(address)) return "lo";
    const found = this.#routes.find(
      ({ network, prefix, device }) =>
        typeof network === typeof address &&
        networkOf(address, prefix) === network &&
        (onlyDevice === undefined || device === onlyDevice),
    );
    return found?.device;
  }

  /** The host's own addresses of a family. */
  ownAddresses(family: 4 | 6): readonly WalkAddress[] {
    return [...this.#own.keys()].filter((address) => (typeof address === "number") === (family === 4));
  }

  /** Where one network ends and another begins: between two of these, all addresses are alike. */
  borders(family: 4 | 6): readonly WalkAddress[] {
    const isFamily = (address: WalkAddress): boolean => (typeof address === "number") === (family === 4);
    const singles = [...this.#own.keys(), ...this.#broadcasts.keys(), ...this.#anycasts].filter(isFamily);
    const networks = this.#routes.filter(({ network }) => isFamily(network));
    const fixed: readonly WalkAddress[] =
      family === 4
        ? [1, 0x7f00_0000, 0x8000_0000, 0xe000_0000, 0xf000_0000, 0xffff_ffff]
        : [1n, 2n, 0xfe8n << 116n, 0xfecn << 116n, 0xffn << 120n];
    return [
      ...fixed,
      ...singles.flatMap((one) => [one, following(one)]),
      ...networks.flatMap(({ network, prefix }) => [network, behind(network, prefix)]),
    ];
  }

  #isOwn(address: WalkAddress): boolean {
    return isLoopback(address) || this.#own.has(address) || this.#anycasts.has(address);
  }

  #addOwn(own: OwnAddress, isForwarding: boolean): void {
    const { address, prefix, device } = own;
    this.#own.set(address, device);
    this.#addresses.push(own);
    const network = networkOf(address, prefix);
    this.#routes.push({ network, prefix, device });
    if (typeof network === "bigint") {
      if (isForwarding && prefix < 127 && !isLoopback(address)) this.#anycasts.add(network);
    } else if (prefix < 31 && device !== "lo") {
      this.#broadcasts.set((network | (prefix === 0 ? 0xffff_ffff : 0xffff_ffff >>> prefix)) >>> 0, device);
    }
  }

  /** A second IPv4 address in the network of an earlier one of the same interface is never chosen. */
  #isSecondary(address: WalkAddress): boolean {
    const own = this.#addresses.find((one) => one.address === address);
    if (own === undefined || typeof address === "bigint") return false;
    const first = this.#addresses.find(
      ({ address: other, prefix, device }) =>
        device === own.device && prefix === own.prefix && networkOf(other, prefix) === networkOf(address, prefix),
    );
    return first !== undefined && first !== own;
  }
}

/** Of the right scope first, then with the longest common prefix, then the first. */
function closest(candidates: readonly OwnAddress[], target: bigint): WalkAddress | undefined {
  const isFit = ({ address }: OwnAddress): boolean => isLinkLocal(address) === isLinkLocal(target);
  const fitting = candidates.some(isFit) ? candidates.filter(isFit) : candidates;
  let best: OwnAddress | undefined;
  for (const one of fitting) {
    if (best === undefined || sharedBits(one, target) > sharedBits(best, target)) best = one;
  }
  return best?.address;
}

/** How many bits they begin with alike; those beyond the address's own prefix do not count (ipv6_get_saddr_eval()). */
function sharedBits({ address, prefix }: OwnAddress, target: bigint): number {
  const difference = BigInt(address) ^ target;
  return Math.min(prefix, difference === 0n ? 128 : 128 - difference.toString(2).length);
}

/** fe80::/10. */
export function isLinkLocal(address: WalkAddress): boolean {
  return typeof address === "bigint" && address >> 118n === 0x3fan;
}

/** fe80::/10 and the groups of a link, ff02::/16. */
function isOfLink(address: WalkAddress): boolean {
  return isLinkLocal(address) || (typeof address === "bigint" && address >> 112n === 0xff02n);
}

/** The network of so many bits that an address is in. */
export function networkOf(address: WalkAddress, prefix: number): WalkAddress {
  if (typeof address === "bigint") return (address >> BigInt(128 - prefix)) << BigInt(128 - prefix);
  return prefix === 0 ? 0 : (address & (0xffff_ffff << (32 - prefix))) >>> 0;
}

function following(address: WalkAddress): WalkAddress {
  return typeof address === "bigint" ? address + 1n : address + 1;
}

/** The first address behind a network. */
function behind(network: WalkAddress, prefix: number): WalkAddress {
  return typeof network === "bigint" ? network + (1n << BigInt(128 - prefix)) : network + 2 ** (32 - prefix);
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: WalkAddress): boolean {
  return typeof address === "number" ? address >>> 24 === 127 : address === 1n;
}

/** Groups: 224.0.0.0/4, ff00::/8. */
export function isMulticast(address: WalkAddress): boolean {
  return typeof address === "number" ? address >>> 28 === 14 : address >> 120n === 0xffn;
}
