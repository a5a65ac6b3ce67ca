// Sets of numbers: IPv4 addresses and ports as numbers, IPv6 addresses as bigints. Exact, and never changed.
import {
  after,
  type IntervalNode,
  type IntervalTree,
  intersectTrees,
  isSameTree,
  subtractTrees,
  treeOfSorted,
  uniteTrees,
  type Value,
} from "./interval-tree.js";

export type { Value };

/** An interval; both ends belong to it. */
export type Interval = readonly [low: Value, high: Value];

const IPV4_LAST = 0xffff_ffff;
const IPV6_LAST: bigint = (1n << 128n) - 1n;

/** What is made of sets of so many intervals is worth to be kept. */
const BIG_COUNT = 64;

/** A set of values of one kind, as intervals that do not touch. */
export class IntervalSet {
  readonly #tree: IntervalTree;
  /** What came last of this set and a big one, each way: one rule after another asks for the same two. */
  #last: Map<typeof uniteTrees, { readonly other: IntervalSet; readonly result: IntervalSet }> | undefined;

  private constructor(tree: IntervalTree) {
    this.#tree = tree;
  }

  static readonly empty: IntervalSet = new IntervalSet(undefined);

  /** All addresses of IPv4. */
  static readonly ipv4: IntervalSet = IntervalSet.of([[0, IPV4_LAST]]);
  /** All addresses of IPv6. */
  static readonly ipv6: IntervalSet = IntervalSet.of([[0n, IPV6_LAST]]);

  /** The values of all intervals, which may overlap and come in any order. */
  static of(intervals: readonly Interval[]): IntervalSet {
    const sorted = isSorted(intervals) ? intervals : [...intervals].sort(byLow);
    const rows: Interval[] = [];
    for (const interval of sorted) {
      const [low, high] = interval;
      const last = rows.at(-1);
      if (last === undefined || low > after(last[1])) rows.push(interval);
      else if (high > last[1]) rows[rows.length - 1] = [last[0], high];
    }
    return rows.length === 0 ? IntervalSet.empty : new IntervalSet(treeOfSorted(rows));
  }

  get isEmpty(): boolean {
    return this.#tree === undefined;
  }

  /** True when it holds all addresses of a family. */
  get isWhole(): boolean {
    const tree = this.#tree;
    if (tree === undefined || tree.count !== 1) return false;
    return tree.low === 0 ? tree.high === IPV4_LAST : tree.low === 0n && tree.high === IPV6_LAST;
  }

  /** How many intervals it has. */
  get count(): number {
    return this.#tree?.count ?? 0;
  }

  /** The same for sets that are the same, and seldom for others. */
  get hash(): number {
    return this.#tree?.hash ?? 0;
  }

  /** The lowest value; undefined when it is empty. */
  get lowest(): Value | undefined {
    return this.#tree?.from;
  }

  /** The highest value; undefined when it is empty. */
  get highest(): Value | undefined {
    return this.#tree?.to;
  }

  /** Its intervals in ascending order, or the first of them. */
  intervals(max: number = Number.POSITIVE_INFINITY): readonly Interval[] {
    const list: Interval[] = [];
    collect(this.#tree, list, max);
    return list;
  }

  /**
   * What another set has beside this one, of which all values are in it: how many intervals, and the first of them. Where this
   * one has a hundred thousand, that is far cheaper than to subtract it.
   */
  gapsIn(all: IntervalSet, max: number): { readonly count: number; readonly first: readonly Interval[] } {
    let count = 0;
    const first: Interval[] = [];
    for (const [low, high] of all.intervals()) {
      const inside = countFrom(this.#tree, low) - countFrom(this.#tree, after(high));
      count += inside === 0 ? 1 : inside + 1 - Number(this.has(low)) - Number(this.has(high));
      if (first.length >= max) continue;
      // Between one interval more than are wanted lie all gaps that are.
      const own = IntervalSet.of(intervalsFrom(this.#tree, low, max + 1));
      const rest = IntervalSet.of([[low, high]]).subtract(own);
      first.push(...rest.intervals(max - first.length));
    }
    return { count, first };
  }

  equals(other: IntervalSet): boolean {
    return isSameTree(this.#tree, other.#tree);
  }

  has(value: Value): boolean {
    let tree = this.#tree;
    while (tree !== undefined) {
      if (value < tree.low) tree = tree.left;
      else if (value > tree.high) tree = tree.right;
      else return true;
    }
    return false;
  }

  /** True when they have a value in common. */
  intersects(other: IntervalSet): boolean {
    return this.firstCommon(other) !== undefined;
  }

  /** A value that both have; undefined where there is none. */
  firstCommon(other: IntervalSet): Value | undefined {
    if (this.count > other.count) return other.firstCommon(this);
    let found: Value | undefined;
    someInterval(this.#tree, ({ low, high }) => {
      const common = overlapping(other.#tree, low, high);
      if (common === undefined) return false;
      // biome-ignore lint/complexity/useMathMinMax: bigints, too
      found = common.low > low ? common.low : low;
      return true;
    });
    return found;
  }

  intersect(other: IntervalSet): IntervalSet {
    return this.#combined(other, intersectTrees);
  }

  subtract(other: IntervalSet): IntervalSet {
    return this.#combined(other, subtractTrees);
  }

  unite(other: IntervalSet): IntervalSet {
    return this.#combined(other, uniteTrees);
  }

  #combined(other: IntervalSet, combine: typeof uniteTrees): IntervalSet {
    const last = this.#last?.get(combine);
    if (last?.other === other) return last.result;
    const result = this.#fresh(other, combine);
    if (other.count >= BIG_COUNT) {
      this.#last ??= new Map();
      this.#last.set(combine, { other, result });
    }
    return result;
  }

  /** The same object again where nothing changes: whoever compares two sets is mostly done when they are one. */
  #fresh(other: IntervalSet, combine: typeof uniteTrees): IntervalSet {
    const tree = combine(this.#tree, other.#tree);
    if (tree === undefined) return IntervalSet.empty;
    if (isSameTree(tree, this.#tree)) return this;
    return isSameTree(tree, other.#tree) ? other : new IntervalSet(tree);
  }
}

function byLow(a: Interval, b: Interval): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

function isSorted(intervals: readonly Interval[]): boolean {
  return intervals.every((interval, at) => at === 0 || (intervals[at - 1] ?? interval)[0] <= interval[0]);
}

function collect(tree: IntervalTree, list: Interval[], max: number): void {
  if (tree === undefined || list.length >= max) return;
  collect(tree.left, list, max);
  if (list.length < max) list.push([tree.low, tree.high]);
  collect(tree.right, list, max);
}

function someInterval(tree: IntervalTree, isWanted: (node: IntervalNode) => boolean): boolean {
  if (tree === undefined) return false;
  return isWanted(tree) || someInterval(tree.left, isWanted) || someInterval(tree.right, isWanted);
}

function overlapping(tree: IntervalTree, low: Value, high: Value): IntervalNode | undefined {
  let node = tree;
  while (node !== undefined) {
    if (high < node.low) node = node.left;
    else if (low > node.high) node = node.right;
    else return node;
  }
  return undefined;
}

/** How many intervals begin at a value or above it. */
function countFrom(tree: IntervalTree, value: Value): number {
  if (tree === undefined) return 0;
  if (tree.low < value) return countFrom(tree.right, value);
  return 1 + (tree.right?.count ?? 0) + countFrom(tree.left, value);
}

/** The first intervals that begin at a value or above it. */
function intervalsFrom(tree: IntervalTree, value: Value, max: number): readonly Interval[] {
  const list: Interval[] = [];
  const visit = (node: IntervalTree): void => {
    if (node === undefined || list.length >= max) return;
    if (node.low >= value) {
      visit(node.left);
      if (list.length < max) list.push([node.low, node.high]);
    }
    visit(node.right);
  };
  visit(tree);
  return list;
}
