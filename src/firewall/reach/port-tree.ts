// For each port, a set of sources: a tree that halves the ports until all of a part have the same sources. Never changed; what
// two trees have in common is one object.
import { IntervalSet } from "./interval-set.js";

const PORT_COUNT = 65_536;

/** The ports of a part that have all the same sources; or the two halves of the part. */
export type PortTree = IntervalSet | PortFork;

/** The halves of a part. */
export class PortFork {
  readonly low: PortTree;
  readonly high: PortTree;

  constructor(low: PortTree, high: PortTree) {
    this.low = low;
    this.high = high;
  }
}

/** Ports next to each other that have the same sources. */
export interface PortRun {
  readonly low: number;
  readonly high: number;
  readonly sources: IntervalSet;
}

/** Ports and sources of which each goes with each. */
export type PortBox = PortRun;

/** The tree of boxes that may overlap. */
export function treeOfBoxes(boxes: readonly PortBox[]): PortTree {
  return treeOfPart(boxes, 0, PORT_COUNT, IntervalSet.empty);
}

function treeOfPart(boxes: readonly PortBox[], from: number, count: number, above: IntervalSet): PortTree {
  const covering: IntervalSet[] = [];
  const others: PortBox[] = [];
  for (const box of boxes) {
    if (box.low <= from && box.high >= from + count - 1) covering.push(box.sources);
    else if (box.low < from + count && box.high >= from) others.push(box);
  }
  const sources = covering.length === 0 ? above : above.unite(unionOf(covering));
  if (others.length === 0) return sources;
  const half = count / 2;
  return fork(treeOfPart(others, from, half, sources), treeOfPart(others, from + half, half, sources));
}

/** Many small sets at once. */
export function unionOf(sets: readonly IntervalSet[]): IntervalSet {
  const [first, second] = sets;
  if (first === undefined) return IntervalSet.empty;
  if (second === undefined) return first;
  if (sets.length === 2) return first.unite(second);
  const middle = sets.length >>> 1;
  if (sets.every(({ count }) => count === 1)) return IntervalSet.of(sets.flatMap((set) => set.intervals()));
  return unionOf(sets.slice(0, middle)).unite(unionOf(sets.slice(middle)));
}

function fork(low: PortTree, high: PortTree): PortTree {
  return low === high && low instanceof IntervalSet ? low : new PortFork(low, high);
}

/** How two trees become one. */
interface Combination {
  /** What comes of two parts without a look at their halves; undefined where that must be. */
  whole(a: PortTree, b: PortTree): PortTree | undefined;
  sources(a: IntervalSet, b: IntervalSet): IntervalSet;
}

/** Combines trees; what was done for two sets once is not done again. */
class Combiner {
  readonly #how: Combination;
  readonly #done = new Map<IntervalSet, Map<IntervalSet, IntervalSet>>();

  constructor(how: Combination) {
    this.#how = how;
  }

  combine(a: PortTree, b: PortTree): PortTree {
    const whole = this.#how.whole(a, b);
    if (whole !== undefined) return whole;
    if (a instanceof IntervalSet && b instanceof IntervalSet) return this.#sources(a, b);
    const [aLow, aHigh] = halvesOf(a);
    const [bLow, bHigh] = halvesOf(b);
    const low = this.combine(aLow, bLow);
    const high = this.combine(aHigh, bHigh);
    if (a instanceof PortFork && low === a.low && high === a.high) return a;
    return fork(low, high);
  }

  #sources(a: IntervalSet, b: IntervalSet): IntervalSet {
    let done = this.#done.get(a);
    if (done === undefined) {
      done = new Map();
      this.#done.set(a, done);
    }
    const known = done.get(b);
    if (known !== undefined) return known;
    const result = this.#how.sources(a, b);
    done.set(b, result);
    return result;
  }
}

function halvesOf(tree: PortTree): readonly [PortTree, PortTree] {
  return tree instanceof PortFork ? [tree.low, tree.high] : [tree, tree];
}

function isEmpty(tree: PortTree): boolean {
  return tree instanceof IntervalSet && tree.isEmpty;
}

function isWhole(tree: PortTree): boolean {
  return tree instanceof IntervalSet && tree.isWhole;
}

/** What both have. */
export function intersectPorts(a: PortTree, b: PortTree): PortTree {
  return new Combiner({
    whole: (x, y) => {
      if (isEmpty(x) || isWhole(y) || x === y) return x;
      return isEmpty(y) || isWhole(x) ? y : undefined;
    },
    sources: (x, y) => x.intersect(y),
  }).combine(a, b);
}

/** What the first has and the second has not; of the second, only what is in the mask counts, where one is given. */
export function subtractPorts(a: PortTree, b: PortTree, mask?: IntervalSet): PortTree {
  const isUnmasked = mask === undefined || mask.isWhole;
  return new Combiner({
    whole: (x, y) => {
      if (isEmpty(x) || isEmpty(y)) return x;
      return isUnmasked && (isWhole(y) || x === y) ? IntervalSet.empty : undefined;
    },
    sources: (x, y) => x.subtract(isUnmasked ? y : y.intersect(mask)),
  }).combine(a, b);
}

/** A tree of which only what is in the mask counts. */
export interface MaskedPorts {
  readonly ports: PortTree;
  readonly mask: IntervalSet;
}

/** What one of them has; of the result, only what is in the masks' union counts. */
export function unitePorts(a: MaskedPorts, b: MaskedPorts, union: IntervalSet): PortTree {
  const clipA = clipper(a.mask, union);
  const clipB = clipper(b.mask, union);
  return new Combiner({
    whole: (x, y) => {
      if (x === y || isEmpty(y)) return x === y ? x : clipA(x);
      return isEmpty(x) ? clipB(y) : undefined;
    },
    sources: (x, y) => (clipA(x) as IntervalSet).unite(clipB(y) as IntervalSet),
  }).combine(a.ports, b.ports);
}

/** What cuts a tree down to a mask, as far as the other mask that counts from now on does not do so anyway. */
function clipper(mask: IntervalSet, all: IntervalSet): (tree: PortTree) => PortTree {
  if (mask.equals(all)) return (tree) => tree;
  if (all.isWhole) return (tree) => intersectPorts(tree, mask);
  const missing = all.subtract(mask);
  // Mostly a few networks are missing from a hundred thousand: it is they that are taken out, so that trees stay small.
  if (missing.count < mask.count) return (tree) => subtractPorts(tree, missing);
  return (tree) => intersectPorts(tree, mask);
}

/** The tree cut down to a mask. */
export function clipPorts({ ports, mask }: MaskedPorts): PortTree {
  return mask.isWhole ? ports : intersectPorts(ports, mask);
}

/** True when some part has sources that are wanted; they are asked for in ascending order until one is. */
export function somePart(
  tree: PortTree,
  isWanted: (sources: IntervalSet, from: number, count: number) => boolean,
  from = 0,
  count: number = PORT_COUNT,
): boolean {
  if (tree instanceof IntervalSet) return isWanted(tree, from, count);
  const half = count / 2;
  return somePart(tree.low, isWanted, from, half) || somePart(tree.high, isWanted, from + half, half);
}

/** The sources of one port. */
export function sourcesOfPort(tree: PortTree, port: number): IntervalSet {
  let part = tree;
  let half = PORT_COUNT / 2;
  let rest = port;
  while (part instanceof PortFork) {
    part = rest < half ? part.low : part.high;
    if (rest >= half) rest -= half;
    half /= 2;
  }
  return part;
}

/** Runs of ports in ascending order; those without sources are left out. */
export function portRuns(tree: PortTree): readonly PortRun[] {
  const runs: { low: number; high: number; readonly sources: IntervalSet }[] = [];
  const visit = (part: PortTree, from: number, count: number): void => {
    if (part instanceof PortFork) {
      visit(part.low, from, count / 2);
      visit(part.high, from + count / 2, count / 2);
      return;
    }
    if (part.isEmpty) return;
    const last = runs.at(-1);
    if (last !== undefined && last.high === from - 1 && last.sources === part) last.high = from + count - 1;
    else runs.push({ low: from, high: from + count - 1, sources: part });
  };
  visit(tree, 0, PORT_COUNT);
  return runs;
}
