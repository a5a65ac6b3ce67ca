// What a policy says of one port or one finding: made once, asked for every row of an audit.
import { type Address, formatAddress, isSameHost, unmapped } from "../target/address.js";
import {
  type AddressBlock,
  blockAt,
  blockContains,
  blockCount,
  singleBlock,
  unmappedBlock,
} from "../target/address-block.js";
import { AddressSet } from "../target/address-set.js";
import type { Protocol } from "../target/port-set.js";
import { hasEnded } from "./end-date.js";
import type { FindingPlace } from "./finding-name.js";
import { bareName } from "./host-text.js";
import type { Exception, ExpectedGroup, ExpectedPorts, Policy, Sources } from "./policy.js";

/** A port, and where it is asked from. */
export interface PortQuestion {
  readonly address: Address;
  readonly protocol: Protocol;
  readonly port: number;
  /** The address that the question comes from; undefined where nobody knows. */
  readonly source: Address | undefined;
  /** The name of the vantage point; undefined for none that the policy names. */
  readonly vantage: string | undefined;
}

/** An entry that speaks of the port, and its group. */
export interface Expectation {
  readonly group: ExpectedGroup;
  readonly entry: ExpectedPorts;
}

/** What is intended of a port. */
export interface Intention {
  /**
   * "open": meant to be open from there. "elsewhere": meant to be open, but not from there. "ended": it was meant to be open
   * until a day that is over. "closed": no entry names the port.
   */
  readonly verdict: "open" | "elsewhere" | "ended" | "closed";
  /** The entries that decide: those for the verdict, in the order of the file; empty for "closed". */
  readonly by: readonly Expectation[];
  /** The groups that the address is in: what is closed there is so because they do not name it. Empty: nobody speaks of it. */
  readonly groups: readonly ExpectedGroup[];
}

/** An accepted finding. */
export interface Acceptance {
  readonly exception: Exception;
  /** True: its day is over, and it accepts nothing any more. */
  readonly hasEnded: boolean;
}

/** What is to be known beside the policy. */
export interface LookupMeans {
  /** The addresses of names in the policy, each name as {@link bareName} writes it. A name without is passed over. */
  readonly addressesOf: (name: string) => readonly Address[];
  readonly nowMs: number;
}

/** A policy that can be asked. */
export class PolicyLookup {
  readonly #nowMs: number;
  readonly #addressesOf: LookupMeans["addressesOf"];
  readonly #single = new Map<string, ExpectedGroup[]>();
  readonly #wide: { readonly block: AddressBlock; readonly group: ExpectedGroup }[] = [];
  readonly #selfSources: ReadonlyMap<string, Address>;
  readonly #exceptions = new Map<string, Exception[]>();
  readonly #order: ReadonlyMap<ExpectedGroup, number>;

  constructor(policy: Policy, { addressesOf, nowMs }: LookupMeans) {
    this.#nowMs = nowMs;
    this.#addressesOf = addressesOf;
    this.#order = new Map(policy.expect.map((group, at) => [group, at]));
    for (const group of policy.expect) {
      for (const { block } of group.hosts.blocks) this.#addBlock(block, group);
      for (const { name } of group.hosts.names)
        for (const address of addressesOf(name)) this.#addAddress(address, group);
    }
    this.#selfSources = new Map(
      policy.vantages.flatMap(({ name, way }) => (way.kind === "self" ? [[name, unmapped(way.source)] as const] : [])),
    );
    for (const exception of policy.accepted) {
      const { key } = exception.finding;
      this.#exceptions.set(key, [...(this.#exceptions.get(key) ?? []), exception]);
    }
  }

  /** What is intended of a port. */
  intentionOf({ address, protocol, port, source, vantage }: PortQuestion): Intention {
    const groups = this.groupsOf(address);
    const naming = groups.flatMap((group) =>
      group.open.filter(({ ports }) => ports.has(protocol, port)).map((entry): Expectation => ({ group, entry })),
    );
    const valid = naming.filter(({ entry }) => !hasEnded(entry.until, this.#nowMs));
    const asker = source ?? (vantage === undefined ? undefined : this.#selfSources.get(vantage));
    const open = valid.filter(({ entry }) => this.#isFor(entry.from, asker, vantage));
    if (open.length > 0) return { verdict: "open", by: open, groups };
    if (valid.length > 0) return { verdict: "elsewhere", by: valid, groups };
    return { verdict: naming.length > 0 ? "ended" : "closed", by: naming, groups };
  }

  /** The groups that an address is in, in the order of the file; the zone of an address has no say. */
  groupsOf(address: Address): readonly ExpectedGroup[] {
    const plain = bare(address);
    const wide = this.#wide.filter(({ block }) => blockContains(block, plain)).map(({ group }) => group);
    const groups = new Set([...(this.#single.get(formatAddress(plain)) ?? []), ...wide]);
    return [...groups].sort((one, other) => (this.#order.get(one) ?? 0) - (this.#order.get(other) ?? 0));
  }

  /** The exception that a finding falls under: one that holds before one that has ended; undefined where there is none. */
  exceptionFor(key: string, place: FindingPlace): Acceptance | undefined {
    const fitting = (this.#exceptions.get(key) ?? []).filter(({ finding }) => this.#covers(finding.place, place));
    const valid = fitting.find(({ until }) => !hasEnded(until, this.#nowMs));
    const exception = valid ?? fitting[0];
    return exception === undefined ? undefined : { exception, hasEnded: valid === undefined };
  }

  /** An exception for the whole host is one for each of its ports, and one for a network for each of its hosts. */
  #covers(accepted: FindingPlace, found: FindingPlace): boolean {
    if (!this.#hostCovers(accepted.host, found.host)) return false;
    if (accepted.ports === undefined) return true;
    if (found.ports === undefined || found.ports.protocol !== accepted.ports.protocol) return false;
    const [first, last] = accepted.ports.range;
    return first <= found.ports.range[0] && found.ports.range[1] <= last;
  }

  #hostCovers(accepted: FindingPlace["host"], found: FindingPlace["host"]): boolean {
    if ("name" in accepted && "name" in found) return bareName(accepted.name) === bareName(found.name);
    const acceptedBlocks = this.#blocksOf(accepted);
    const foundBlocks = this.#blocksOf(found);
    return (
      foundBlocks.length > 0 && foundBlocks.every((block) => acceptedBlocks.some((one) => isWithinBlock(block, one)))
    );
  }

  #blocksOf(host: FindingPlace["host"]): readonly AddressBlock[] {
    if ("block" in host) return [host.block];
    return this.#addressesOf(bareName(host.name)).map((address) => singleBlock(bare(address)));
  }

  #isFor({ isAny, blocks, vantages }: Sources, source: Address | undefined, vantage: string | undefined): boolean {
    if (isAny || vantages.some(({ name }) => name === vantage)) return true;
    if (source === undefined) return false;
    const plain = bare(source);
    if (blocks.some(({ block }) => blockContains(block, plain))) return true;
    return vantages.some(({ name }) => {
      const own = this.#selfSources.get(name);
      return own !== undefined && isSameHost(own, plain);
    });
  }

  #addBlock(block: AddressBlock, group: ExpectedGroup): void {
    if (blockCount(block) === 1) this.#addAddress(blockAt(block, 0), group);
    else this.#wide.push({ block, group });
  }

  #addAddress(address: Address, group: ExpectedGroup): void {
    const key = formatAddress(bare(address));
    const groups = this.#single.get(key);
    if (groups === undefined) this.#single.set(key, [group]);
    else groups.push(group);
  }
}

/** IPv4 for a mapped address, and no zone: a policy speaks of hosts on every link. */
function bare(address: Address): Address {
  const plain = unmapped(address);
  return plain.family === 4 ? plain : { family: 6, bytes: plain.bytes };
}

function isWithinBlock(inner: AddressBlock, outer: AddressBlock): boolean {
  const plain = unmappedBlock(inner);
  const { zone, ...anywhere } = plain.kind === "ipv6-prefix" ? plain : { ...plain, zone: undefined };
  return AddressSet.of([outer]).firstMissing(anywhere) === undefined;
}
