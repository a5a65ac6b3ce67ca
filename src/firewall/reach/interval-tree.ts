// Disjoint intervals as a search tree that is never changed: what two sets have in common is one and the same object, so
// that taking one network out of a hundred thousand costs a few nodes. A treap whose priorities come from the intervals'
// lower ends: equal sets have equal trees, however they were made (Aragon, Seidel: Randomized Search Trees; Blelloch,
// Reid-Miller: Fast Set Operations Using Treaps).

/** What intervals are of; all values of one tree are of one kind. */
export type Value = number | bigint;

/** A node with all below it; undefined is the empty tree. Intervals do not even touch each other. */
export interface IntervalNode {
  readonly low: Value;
  readonly high: Value;
  readonly left: IntervalTree;
  readonly right: IntervalTree;
  /** The lowest and the highest value of all below. */
  readonly from: Value;
  readonly to: Value;
  readonly count: number;
  /** Of what is in it, not of how it was made. */
  readonly hash: number;
  /** The hash of the lower end: a parent's is above its children's. */
  readonly priority: number;
  /** The hash of the node's own interval. */
  readonly ownHash: number;
}

export type IntervalTree = IntervalNode | undefined;

/** The tree of one interval. */
export function singleInterval(low: Value, high: Value): IntervalNode {
  const priority = hashOf(low);
  const ownHash = mix(priority ^ Math.imul(hashOf(high), 31));
  return {
    low,
    high,
    left: undefined,
    right: undefined,
    from: low,
    to: high,
    count: 1,
    hash: ownHash,
    priority,
    ownHash,
  };
}

/** The node with other children, which must have lower priorities. */
function withChildren(node: IntervalNode, left: IntervalTree, right: IntervalTree): IntervalNode {
  if (left === node.left && right === node.right) return node;
  const { low, high, priority, ownHash } = node;
  return {
    low,
    high,
    left,
    right,
    from: left === undefined ? low : left.from,
    to: right === undefined ? high : right.to,
    count: 1 + (left?.count ?? 0) + (right?.count ?? 0),
    hash: (ownHash + (left?.hash ?? 0) + (right?.hash ?? 0)) | 0,
    priority,
    ownHash,
  };
}

/** The node between two trees of any priorities. */
function between(left: IntervalTree, node: IntervalNode, right: IntervalTree): IntervalTree {
  const isRoot = (left === undefined || isAbove(node, left)) && (right === undefined || isAbove(node, right));
  return isRoot ? withChildren(node, left, right) : chain(chain(left, withChildren(node, undefined, undefined)), right);
}

/** Two trees, the first of which lies before the second without touching it, as one. */
function chain(first: IntervalTree, second: IntervalTree): IntervalTree {
  if (first === undefined) return second;
  if (second === undefined) return first;
  return isAbove(first, second)
    ? withChildren(first, first.left, chain(first.right, second))
    : withChildren(second, chain(first, second.left), second.right);
}

function isAbove(a: IntervalNode, b: IntervalNode): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.low < b.low);
}

/** What lies below a value, and what from it on. */
function split(tree: IntervalTree, value: Value): readonly [below: IntervalTree, from: IntervalTree] {
  if (tree === undefined || value <= tree.from) return [undefined, tree];
  if (value > tree.to) return [tree, undefined];
  if (value <= tree.low) {
    const [below, from] = split(tree.left, value);
    return [below, withChildren(tree, from, tree.right)];
  }
  if (value > tree.high) {
    const [below, from] = split(tree.right, value);
    return [withChildren(tree, tree.left, below), from];
  }
  const low = between(tree.left, singleInterval(tree.low, before(value)), undefined);
  return [low, chain(singleInterval(value, tree.high), tree.right)];
}

/** What lies below an interval, in it and above it. */
function cut(tree: IntervalTree, { low, high }: IntervalNode): readonly [IntervalTree, IntervalTree, IntervalTree] {
  const [below, rest] = split(tree, low);
  const [inside, above] = split(rest, after(high));
  return [below, inside, above];
}

function isApart(a: IntervalNode, b: IntervalNode): boolean {
  return a.to < b.from || b.to < a.from;
}

/** True when the node's own interval holds all of the other tree. */
function covers(node: IntervalNode, tree: IntervalNode): boolean {
  return node.low <= tree.from && node.high >= tree.to;
}

function isSameInterval(a: IntervalNode, b: IntervalNode): boolean {
  return a.low === b.low && a.high === b.high;
}

/** What both have. */
export function intersectTrees(a: IntervalTree, b: IntervalTree): IntervalTree {
  if (a === undefined || b === undefined || isApart(a, b)) return undefined;
  if (a === b || covers(b, a)) return a;
  if (covers(a, b)) return b;
  const [left, inside, right] = isSameInterval(a, b) ? [b.left, b, b.right] : cut(b, a);
  const below = intersectTrees(a.left, left);
  const above = intersectTrees(a.right, right);
  if (inside !== undefined && isSameInterval(inside, a)) return between(below, a, above);
  return chain(chain(below, inside), above);
}

/** What the first has and the second has not. */
export function subtractTrees(a: IntervalTree, b: IntervalTree): IntervalTree {
  if (a === undefined || b === undefined) return a;
  if (isApart(a, b)) return a;
  if (a === b || covers(b, a)) return undefined;
  const [left, , right] = isSameInterval(a, b) ? [a.left, a, a.right] : cut(a, b);
  return chain(subtractTrees(left, b.left), subtractTrees(right, b.right));
}

/** What one of them has. */
export function uniteTrees(a: IntervalTree, b: IntervalTree): IntervalTree {
  if (a === undefined) return b;
  if (b === undefined || a === b || covers(a, b)) return a;
  if (covers(b, a)) return b;
  if (isAbove(b, a)) return uniteTrees(b, a);
  const [left, , right] = isSameInterval(a, b) ? [b.left, b, b.right] : cut(b, a);
  return joinTouching(uniteTrees(a.left, left), a, uniteTrees(a.right, right));
}

/** The node between two trees; an interval that touches it becomes one with it. */
function joinTouching(left: IntervalTree, node: IntervalNode, right: IntervalTree): IntervalTree {
  const [below, last] = left !== undefined && after(left.to) >= node.low ? withoutLast(left) : [left, undefined];
  const [first, above] =
    right !== undefined && right.from <= after(node.high) ? withoutFirst(right) : [undefined, right];
  if (last === undefined && first === undefined) return between(below, node, above);
  return between(below, singleInterval(last?.low ?? node.low, first?.high ?? node.high), above);
}

function withoutLast(tree: IntervalNode): readonly [IntervalTree, IntervalNode] {
  if (tree.right === undefined) return [tree.left, tree];
  const [rest, last] = withoutLast(tree.right);
  return [withChildren(tree, tree.left, rest), last];
}

function withoutFirst(tree: IntervalNode): readonly [IntervalNode, IntervalTree] {
  if (tree.left === undefined) return [tree, tree.right];
  const [first, rest] = withoutFirst(tree.left);
  return [first, withChildren(tree, rest, tree.right)];
}

/** True when they hold the same values: then their shapes are the same as well. */
export function isSameTree(a: IntervalTree, b: IntervalTree): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.count !== b.count || a.hash !== b.hash) return false;
  return isSameInterval(a, b) && isSameTree(a.left, b.left) && isSameTree(a.right, b.right);
}

interface Draft {
  readonly node: IntervalNode;
  left: Draft | undefined;
  right: Draft | undefined;
}

/** The tree of intervals in ascending order that do not touch. */
export function treeOfSorted(rows: readonly (readonly [low: Value, high: Value])[]): IntervalTree {
  const spine: Draft[] = [];
  for (const [low, high] of rows) {
    const draft: Draft = { node: singleInterval(low, high), left: undefined, right: undefined };
    for (let top = spine.at(-1); top !== undefined && isAbove(draft.node, top.node); top = spine.at(-1)) {
      draft.left = top;
      spine.pop();
    }
    const parent = spine.at(-1);
    if (parent !== undefined) parent.right = draft;
    spine.push(draft);
  }
  return finished(spine[0]);
}

function finished(draft: Draft | undefined): IntervalTree {
  return draft === undefined ? undefined : withChildren(draft.node, finished(draft.left), finished(draft.right));
}

export function after(value: Value): Value {
  return typeof value === "bigint" ? value + 1n : value + 1;
}

function before(value: Value): Value {
  return typeof value === "bigint" ? value - 1n : value - 1;
}

const WORD = 0xffff_ffffn;

function hashOf(value: Value): number {
  if (typeof value === "number") return mix(value | 0);
  const upper = Number((value >> 64n) & WORD) ^ Math.imul(Number(value >> 96n), 31);
  return mix(upper ^ mix(Number(value & WORD) ^ Math.imul(Number((value >> 32n) & WORD), 17)));
}

/** MurmurHash3's last step. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
