// Where the host's routes lead: which addresses are its own, and by which interface others are reached.
import type { HostEnvironment } from "../packet-question.js";
import { type WalkAddress, walkAddress } from "./walk-address.js";

/** Kinds of addresses as fib lookups tell them (include/uapi/linux/rtnetlink.h, RTN_*). */
export type RouteType = "unicast" | "local" | "broadcast" | "multicast" | "unreachable";

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
  readonly #broadcasts = new Set<WalkAddress>();
  readonly #routes: Route[] = [];

  constructor(environment: HostEnvironment | undefined) {
    this.isKnown = environment !== undefined;
    for (const { name, addresses } of environment?.interfaces ?? []) {
      for (const { address, prefix } of addresses) this.#addOwn(walkAddress(address), prefix, name);
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
    return this.deviceTo(address) === undefined ? "unreachable" : "unicast";
  }

  /** True for an address of the host's own, and for one that means all on its link. */
  isForUs(address: WalkAddress): boolean {
    const type = this.typeOf(address);
    return type === "local" || type === "broadcast" || type === "multicast";
  }

  /** The interface that has an own address. */
  ownerOf(address: WalkAddress): string | undefined {
    return isLoopback(address) ? "lo" : this.#own.get(address);
  }

  /** The first own address of an interface, of that family: what masquerading writes. */
  addressOf(device: string, family: 4 | 6): WalkAddress | undefined {
    const isFamily = (address: WalkAddress) => (typeof address === "number") === (family === 4);
    return [...this.#own].find(([address, name]) => name === device && isFamily(address))?.[0];
  }

  /** The interface by which an address is reached; undefined without a route. */
  deviceTo(address: WalkAddress, onlyDevice?: string): string | undefined {
    const own = this.ownerOf(address);
    if (own !== undefined && onlyDevice === undefined) return "lo";
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
    const singles = [...this.#own.keys(), ...this.#broadcasts].filter(isFamily);
    const networks = this.#routes.filter(({ network }) => isFamily(network));
    const fixed: readonly WalkAddress[] =
      family === 4 ? [0x7f00_0000, 0x8000_0000, 0xe000_0000, 0xf000_0000, 0xffff_ffff] : [1n, 2n, 0xffn << 120n];
    return [
      ...fixed,
      ...singles.flatMap((one) => [one, following(one)]),
      ...networks.flatMap(({ network, prefix }) => [network, behind(network, prefix)]),
    ];
  }

  #addOwn(address: WalkAddress, prefix: number, device: string): void {
    this.#own.set(address, device);
    const network = networkOf(address, prefix);
    this.#routes.push({ network, prefix, device });
    if (typeof address === "number" && typeof network === "number" && prefix < 31) {
      this.#broadcasts.add((network | (prefix === 0 ? 0xffff_ffff : 0xffff_ffff >>> prefix)) >>> 0);
    }
  }
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

function isMulticast(address: WalkAddress): boolean {
  return typeof address === "number" ? address >>> 28 === 14 : address >> 120n === 0xffn;
}
