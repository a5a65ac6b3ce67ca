// The targets of a plan: groups of addresses that may overlap, less what is excluded, with each address once and with
// all the ports that any group asks of it. Blocks are never written out: a /8 costs what one address costs.
import { type Address, ipv6Key } from "./address.js";
import { type AddressBlock, blockAt, blockCount } from "./address-block.js";
import { AddressSet } from "./address-set.js";
import { BlockIndex, type Claim, type ClaimedBlock } from "./block-index.js";
import { PortSet, type PortSetData } from "./port-set.js";
import { PortSetPool } from "./port-set-pool.js";

/** Addresses that were named together. */
export interface TargetGroup {
  readonly block: AddressBlock;
  /** The name that was resolved to the block's address. */
  readonly name?: string;
  /** The name's other addresses, which are not probed. */
  readonly otherAddresses?: readonly string[];
  /** The ports of `host:ports`; without them the default ones. */
  readonly ports?: PortSetData;
}

/** A host to be probed. */
export interface Target {
  readonly address: Address;
  readonly name: string | undefined;
  readonly otherAddresses: readonly string[];
  /** The same object for all targets with the same ports. */
  readonly ports: PortSet;
}

/** A target set as plain data, for a worker thread. */
export interface TargetSetData {
  readonly groups: readonly TargetGroup[];
  readonly excluded: readonly AddressBlock[];
  readonly defaultPorts: PortSetData;
}

/** How many indexes a set of targets has, without building the set. */
export function targetCount(data: TargetSetData): number {
  return data.groups.reduce((sum, { block }) => sum + blockCount(block), 0);
}

/** What all groups that are one address each say about that address. */
interface Single extends Claim {
  readonly address: Address;
  readonly group: number;
  portsId: number;
  name: string | undefined;
  otherAddresses: readonly string[];
}

const NONE: readonly string[] = [];

/** The targets of a plan, by index; a few indexes have none. */
export class TargetSet {
  /** Indexes go from 0 to `count - 1`, before exclusions and duplicates. */
  readonly count: number;
  readonly #data: TargetSetData;
  /** The index that each group begins with. */
  readonly #starts: Float64Array;
  readonly #excluded: AddressSet;
  readonly #pool = new PortSetPool();
  readonly #blocks: BlockIndex;
  /** For each group of one address what is known about that address; `undefined` for blocks. */
  readonly #singles: (Single | undefined)[] = [];
  readonly #ipv4Singles = new Map<number, Single>();
  readonly #ipv6Singles = new Map<string, Single>();

  private constructor(data: TargetSetData, defaultPorts: PortSet) {
    this.#data = data;
    this.#excluded = AddressSet.of(data.excluded);
    this.#starts = new Float64Array(data.groups.length);
    const defaultId = this.#pool.idOf(defaultPorts);
    const blocks: ClaimedBlock[] = [];
    const more = new Map<Single, Set<number>>();
    let count = 0;
    for (const [at, group] of data.groups.entries()) {
      this.#starts[at] = count;
      const own = blockCount(group.block);
      count += own;
      const portsId = group.ports === undefined ? defaultId : this.#pool.idOfData(group.ports);
      this.#singles.push(own === 1 ? this.#addSingle(group, at, portsId, more) : undefined);
      if (own !== 1) blocks.push({ block: group.block, group: at, portsId });
    }
    for (const [single, ids] of more) single.portsId = this.#pool.unionOf(ids);
    this.count = count;
    this.#blocks = new BlockIndex(blocks, this.#pool);
  }

  /** The targets that are in any of the groups and in none of the excluded blocks. */
  static of(groups: readonly TargetGroup[], excluded: readonly AddressBlock[], defaultPorts: PortSet): TargetSet {
    return new TargetSet({ groups, excluded, defaultPorts: defaultPorts.toData() }, defaultPorts);
  }

  /** Makes the set again that `toData` wrote down. */
  static fromData(data: TargetSetData): TargetSet {
    return new TargetSet(data, PortSet.fromData(data.defaultPorts));
  }

  /** The target at an index; `undefined` when it is excluded, or when an earlier group has the address. */
  at(index: number): Target | undefined {
    const at = this.#groupOf(index);
    const group = this.#data.groups[at];
    if (group === undefined || !(index < this.count)) return undefined;
    const own = this.#singles[at];
    if (own !== undefined && own.group !== at) return undefined;
    const address = own?.address ?? blockAt(group.block, index - (this.#starts[at] ?? 0));
    if (this.isExcluded(address)) return undefined;
    const single = own ?? this.#singleOf(address);
    const claim = this.#blocks.join(single, this.#blocks.find(address));
    if (claim === undefined || claim.group !== at) return undefined;
    return {
      address,
      name: single?.name ?? group.name,
      otherAddresses: single?.otherAddresses ?? group.otherAddresses ?? NONE,
      ports: this.#pool.get(claim.portsId),
    };
  }

  /** True when an excluded block has the address. */
  isExcluded(address: Address): boolean {
    return this.#excluded.has(address) || (address.family === 6 && this.#excluded.hasPrefixOf(address));
  }

  /** The set as plain data that survives structured cloning. */
  toData(): TargetSetData {
    return this.#data;
  }

  #groupOf(index: number): number {
    // As long as there were single addresses only, groups and indexes go together.
    if (this.#starts[index] === index) return index;
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #singleOf(address: Address): Single | undefined {
    if (this.#ipv6Singles.size === 0 && address.family === 6) return undefined;
    if (address.family === 4) return this.#ipv4Singles.get(address.value);
    return this.#ipv6Singles.get(ipv6Key(address.bytes, address.zone));
  }

  /** Notes a group of one address; `more` collects the ports of addresses that several groups name. */
  #addSingle(group: TargetGroup, at: number, portsId: number, more: Map<Single, Set<number>>): Single {
    const address = blockAt(group.block, 0);
    const known = this.#singleOf(address);
    if (known === undefined) {
      const single: Single = {
        address,
        group: at,
        portsId,
        name: group.name,
        otherAddresses: group.otherAddresses ?? NONE,
      };
      if (address.family === 4) this.#ipv4Singles.set(address.value, single);
      else this.#ipv6Singles.set(ipv6Key(address.bytes, address.zone), single);
      return single;
    }
    const ids = more.get(known);
    if (ids !== undefined) ids.add(portsId);
    else if (known.portsId !== portsId) more.set(known, new Set([known.portsId, portsId]));
    if (known.name === undefined && group.name !== undefined) {
      known.name = group.name;
      known.otherAddresses = group.otherAddresses ?? NONE;
    }
    return known;
  }
}
