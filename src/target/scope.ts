// What may be probed: the last check stands beside the transmit call and asks here. Networks that need no entry are
// loopback (RFC 1122 §3.2.1.3), private (RFC 1918), link-local (RFC 3927) and their IPv6 kin (RFC 4291, RFC 4193).
import { type Address, parseAddress } from "./address.js";
import { type AddressBlock, blockAround, singleBlock } from "./address-block.js";
import { AddressSet } from "./address-set.js";

/** Where a scope comes from: plain data, fit for a worker thread. */
export interface ScopeData {
  /** The addresses of this machine. */
  readonly own: readonly Address[];
  /** What somebody said may be probed. */
  readonly authorized: readonly AddressBlock[];
  /** What is never probed, whoever said what; a zone has no say here, since packets do not have it. */
  readonly excluded?: readonly AddressBlock[];
}

const ALWAYS: readonly (readonly [base: string, prefix: number])[] = [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
];

/** The addresses that packets may be sent to. */
export class Scope {
  readonly #data: ScopeData;
  readonly #allowed: AddressSet;
  /** Undefined where nothing is excluded. */
  readonly #excluded: AddressSet | undefined;

  private constructor(data: ScopeData) {
    this.#data = data;
    this.#allowed = AddressSet.of([...alwaysAllowed(), ...data.own.map(ownBlock), ...data.authorized]);
    const { excluded = [] } = data;
    this.#excluded = excluded.length === 0 ? undefined : AddressSet.of(excluded.map(withoutZone));
  }

  /** The scope of own addresses and authorized blocks, with what needs no entry. */
  static of(options: ScopeData): Scope {
    return new Scope(options);
  }

  /** Makes the scope again that `toData` wrote down. */
  static fromData(data: ScopeData): Scope {
    return new Scope(data);
  }

  /** True when packets may go to this IPv4 address, an unsigned number in host order. Never allocates. */
  allowsIpv4(value: number): boolean {
    return this.#allowed.hasIpv4(value) && this.#excluded?.hasIpv4(value) !== true;
  }

  /** True when packets may go to this address; an IPv4-mapped one counts as its IPv4 address. */
  allows(address: Address): boolean {
    return this.#allowed.has(address) && !this.excludes(address);
  }

  /** True when packets never go to this address, whatever else is said of it. */
  excludes(address: Address): boolean {
    return this.#excluded?.has(address) === true;
  }

  /** The first address of a block that nobody has said may be probed; `undefined` when all may, exclusions aside. */
  firstRefused(block: AddressBlock): Address | undefined {
    return this.#allowed.firstMissing(block);
  }

  /** The scope as plain data that survives structured cloning. */
  toData(): ScopeData {
    return this.#data;
  }
}

function withoutZone(block: AddressBlock): AddressBlock {
  if (block.kind !== "ipv6-prefix") return block;
  const { kind, bytes, prefix } = block;
  return { kind, bytes, prefix };
}

/** An own address is ours whatever zone it was found in. */
function ownBlock(address: Address): AddressBlock {
  return singleBlock(address.family === 4 ? address : { family: 6, bytes: address.bytes });
}

function alwaysAllowed(): AddressBlock[] {
  return ALWAYS.flatMap(([base, prefix]) => {
    const address = parseAddress(base);
    return address === undefined ? [] : [blockAround(address, prefix)];
  });
}
