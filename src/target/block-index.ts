// Which of many overlapping blocks has an address first, and which ports they give it together. IPv4 ranges are cut at
// all of their ends into cells, so that a question is one binary search however many blocks there are.
import type { Address } from "./address.js";
import type { AddressBlock, Ipv6PrefixBlock } from "./address-block.js";
import { type OctetForm, octetFormContains, octetFormRunCount, octetFormRuns } from "./octet-form.js";
import type { PortSetPool } from "./port-set-pool.js";
import { PrefixMap } from "./prefix-map.js";

/** A claim on addresses: the first group that has them, and the number of their ports in the pool. */
export interface Claim {
  readonly group: number;
  readonly portsId: number;
}

/** A block with the group that it came with and that group's ports. */
export interface ClaimedBlock extends Claim {
  readonly block: AddressBlock;
}

interface ClaimedRange extends Claim {
  readonly first: number;
  /** The address behind the last one. */
  readonly end: number;
}

interface ClaimedForm extends Claim {
  readonly octets: OctetForm;
}

/** How many ranges one pattern, and all of them, may be written out to; beyond that patterns stay as they are. */
const FORM_RUNS_MAX = 2 ** 12;
const ALL_RUNS_MAX = 2 ** 20;

/** An immutable index over blocks. */
export class BlockIndex {
  readonly #pool: PortSetPool;
  readonly #cells: Cells;
  readonly #forms: readonly ClaimedForm[];
  readonly #prefixes: PrefixMap<Claim>;

  /** Indexes the blocks; they come in the order of their groups. */
  constructor(blocks: readonly ClaimedBlock[], pool: PortSetPool) {
    this.#pool = pool;
    const ranges: ClaimedRange[] = [];
    const forms: ClaimedForm[] = [];
    const prefixes = new PrefixMap<Claim>();
    for (const { block, group, portsId } of blocks) {
      if (block.kind === "ipv4-range") {
        ranges.push({ group, portsId, first: block.base, end: block.base + block.count });
      } else if (block.kind === "ipv6-prefix") {
        addPrefix(prefixes, block, { group, portsId }, pool);
      } else if (isWrittenOut(block.octets, ranges.length)) {
        for (const [first, last] of octetFormRuns(block.octets)) ranges.push({ group, portsId, first, end: last + 1 });
      } else {
        forms.push({ group, portsId, octets: block.octets });
      }
    }
    this.#cells = makeCells(ranges, pool);
    this.#forms = forms;
    this.#prefixes = prefixes;
  }

  /** Who claims the address; `undefined` when no block has it. */
  find(address: Address): Claim | undefined {
    if (address.family === 6) {
      if (this.#prefixes.isEmpty()) return undefined;
      return this.#prefixes
        .inZone(address)
        .reduce<Claim | undefined>((joint, claim) => this.join(joint, claim), undefined);
    }
    let claim = this.#findCell(address.value);
    for (const form of this.#forms) {
      if (octetFormContains(form.octets, address.value)) claim = this.join(claim, form);
    }
    return claim;
  }

  /** The claim of both: the first group, all the ports. */
  join(one: Claim | undefined, other: Claim | undefined): Claim | undefined {
    if (one === undefined || other === undefined) return one ?? other;
    return joined(one, other, this.#pool);
  }

  #findCell(value: number): Claim | undefined {
    const { starts, claims } = this.#cells;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    return claims[low - 1];
  }
}

function isWrittenOut(octets: OctetForm, soFar: number): boolean {
  const runCount = octetFormRunCount(octets);
  return runCount <= FORM_RUNS_MAX && soFar + runCount <= ALL_RUNS_MAX;
}

function addPrefix(prefixes: PrefixMap<Claim>, block: Ipv6PrefixBlock, claim: Claim, pool: PortSetPool): void {
  const known = prefixes.get(block);
  prefixes.set(block, known === undefined ? claim : joined(known, claim, pool));
}

function joined(one: Claim, other: Claim, pool: PortSetPool): Claim {
  return { group: Math.min(one.group, other.group), portsId: pool.union(one.portsId, other.portsId) };
}

/** From each start to before the next one, all addresses have the same claim. */
interface Cells {
  readonly starts: Float64Array;
  readonly claims: readonly (Claim | undefined)[];
}

function makeCells(ranges: readonly ClaimedRange[], pool: PortSetPool): Cells {
  const starts = Float64Array.from(new Set(ranges.flatMap(({ first, end }) => [first, end]))).sort();
  const cellAt = new Map<number, number>();
  starts.forEach((start, cell) => {
    cellAt.set(start, cell);
  });
  const groups = paintGroups(ranges, cellAt, starts.length);
  const ports = sweepPorts(ranges, starts, pool);
  const claims = Array.from(groups, (group, cell) => (group < 0 ? undefined : { group, portsId: ports[cell] ?? 0 }));
  return { starts, claims };
}

/** Gives each cell the first group that covers it: later ones skip what is painted already (union-find, so near linear). */
function paintGroups(ranges: readonly ClaimedRange[], cellAt: ReadonlyMap<number, number>, count: number): Int32Array {
  const groups = new Int32Array(count).fill(-1);
  const next = Int32Array.from({ length: count + 1 }, (_, cell) => cell);
  for (const { first, end, group } of [...ranges].sort((one, other) => one.group - other.group)) {
    const stop = cellAt.get(end) ?? count;
    for (let cell = unpainted(next, cellAt.get(first) ?? stop); cell < stop; cell = unpainted(next, cell)) {
      groups[cell] = group;
      next[cell] = cell + 1;
    }
  }
  return groups;
}

/** The first cell from here on that has no paint, halving the path on the way. */
function unpainted(next: Int32Array, from: number): number {
  let cell = from;
  for (;;) {
    const after = next[cell] ?? cell;
    if (after === cell) return cell;
    const jump = next[after] ?? after;
    next[cell] = jump;
    cell = jump;
  }
}

/** Gives each cell the union of the ports of all ranges over it. */
function sweepPorts(ranges: readonly ClaimedRange[], starts: Float64Array, pool: PortSetPool): Int32Array {
  const opening = [...ranges].sort((one, other) => one.first - other.first);
  const closing = [...ranges].sort((one, other) => one.end - other.end);
  const active = new Map<number, number>();
  const ports = new Int32Array(starts.length);
  let opened = 0;
  let closed = 0;
  let isChanged = true;
  let union = 0;
  const count = (portsId: number, change: number) => {
    const after = (active.get(portsId) ?? 0) + change;
    isChanged ||= after === 0 || after === change;
    if (after === 0) active.delete(portsId);
    else active.set(portsId, after);
  };
  for (const [cell, start] of starts.entries()) {
    for (let range = opening[opened]; range !== undefined && range.first === start; range = opening[++opened]) {
      count(range.portsId, 1);
    }
    for (let range = closing[closed]; range !== undefined && range.end === start; range = closing[++closed]) {
      count(range.portsId, -1);
    }
    if (isChanged && active.size > 0) union = pool.unionOf(active.keys());
    isChanged = false;
    ports[cell] = union;
  }
  return ports;
}
