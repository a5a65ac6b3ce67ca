// Splits all packets by a condition: where it holds, and where that is not known.
import type { ElementSet } from "../element-set.js";
import type { Expression, SetReference } from "../expression.js";
import type { Comparison, Statement } from "../statement.js";
import { type Answer, type Condition, matchCondition } from "../walk/condition.js";
import { resolveSet, type SetFinder, valueReader } from "../walk/evaluate.js";
import { BREAK, isValue, type Reading } from "../walk/reading.js";
import { type Axis, allOf, axisOf, valuesWithBits } from "./axis.js";
import { type Flow, stateAt } from "./flow.js";
import { type Interval, IntervalSet } from "./interval-set.js";
import { NO_PORT, Region } from "./region.js";
import { sourcePieces } from "./source-pieces.js";
import { readKey, type Split, splitBySet } from "./split-set.js";
import { symbolOf } from "./symbol.js";

type Match = Statement & { readonly kind: "match" };

const PORT_MAX = 65_535;

/** Splits by a comparison. What a rule breaks at is no: whatever is compared, it does not hold. */
export function splitMatch(match: Match, flow: Flow, sets: SetFinder): Split {
  const { left, right } = match;
  if (isSet(right)) return bySet(match, right, flow, sets);
  const leftSymbol = symbolOf(left, flow);
  const rightSymbol = symbolOf(right, flow);
  if (leftSymbol === "none" && rightSymbol === "none") return concretely(match, flow, sets);
  if (left.kind === "concat" && right.kind === "concat") return byParts(match, left.parts, right.parts, flow, sets);
  return byEitherAxis(match, right, flow, sets) ?? byTrying(match, flow, sets);
}

function isSet(right: Match["right"]): right is ElementSet | SetReference {
  return right.kind === "element-set" || right.kind === "set-reference";
}

/** All of it, nothing of it, or nobody knows. */
function everything(answer: Answer, { state }: Flow): Split {
  const { empty } = Region;
  if (answer === "yes") return { yes: Region.whole(state.family), maybe: empty };
  return { yes: empty, maybe: answer === "unknown" ? Region.whole(state.family) : empty };
}

/** The other way round; what breaks must have been left out before. */
function negated({ yes, maybe }: Split, { state }: Flow): Split {
  return { yes: Region.whole(state.family).subtract(yes).subtract(maybe), maybe };
}

function concretely(match: Match, flow: Flow, sets: SetFinder): Split {
  return everything(conditionOf(match, sets)(flow.state), flow);
}

/** Conditions made ready once: a ruleset is asked for each protocol and family. */
const CONDITIONS = new WeakMap<Match, Condition>();

function conditionOf(match: Match, sets: SetFinder): Condition {
  const known = CONDITIONS.get(match) ?? matchCondition(match, sets);
  CONDITIONS.set(match, known);
  return known;
}

function bySet(match: Match, right: ElementSet | SetReference, flow: Flow, sets: SetFinder): Split {
  const set = resolveSet(right, sets);
  if (set === undefined || set.unknown !== undefined) return everything("unknown", flow);
  const parts = match.left.kind === "concat" ? match.left.parts : [match.left];
  if (parts.every((part) => symbolOf(part, flow) === "none")) return concretely(match, flow, sets);
  const key = readKey(parts, flow, sets);
  if (key === undefined) return everything("break", flow);
  const split = splitBySet(key, set);
  return match.comparison === "!=" ? negated(split, flow) : split;
}

/** Several side by side that are compared with as many. */
function byParts(
  { comparison }: Match,
  left: readonly Expression[],
  right: readonly Expression[],
  flow: Flow,
  sets: SetFinder,
): Split {
  const faults = [...left, ...right].map((part) => valueReader(part, sets)(flow.state));
  if (faults.includes(BREAK)) return everything("break", flow);
  let yes = Region.whole(flow.state.family);
  let possible = yes;
  for (const [at, part] of left.entries()) {
    const other = right[at];
    if (other === undefined) continue;
    const own = splitMatch({ kind: "match", left: part, comparison: "==", right: other }, flow, sets);
    yes = yes.intersect(own.yes);
    possible = possible.intersect(own.yes.unite(own.maybe));
  }
  const split = left.length === right.length ? { yes, maybe: possible.subtract(yes) } : everything("no", flow);
  return comparison === "!=" ? negated(split, flow) : split;
}

/** Of equal or not equal the sides may be changed. */
function byEitherAxis(match: Match, right: Expression, flow: Flow, sets: SetFinder): Split | undefined {
  const { left, comparison } = match;
  if (symbolOf(right, flow) === "none") {
    const axis = axisOf(left, flow);
    return axis && byAxis(match, axis, right, flow, sets);
  }
  const isTurnable = symbolOf(left, flow) === "none" && (comparison === "==" || comparison === "!=");
  const axis = isTurnable ? axisOf(right, flow) : undefined;
  return axis && byAxis({ ...match, left: right, right: left }, axis, left, flow, sets);
}

/** A field of the source or port against something that is the same for all packets; undefined where that does not help. */
function byAxis(match: Match, axis: Axis, right: Expression, flow: Flow, sets: SetFinder): Split | undefined {
  const reading = valueReader(match.left, sets)(flow.state);
  if (!isValue(reading)) return everything(reading === BREAK ? "break" : "unknown", flow);
  const isConstant = right.kind === "value" || (right.kind === "range" && right.low.kind === "value");
  if (!(isConstant && axis.isPlain)) return freshByAxis(match, axis, right, flow, sets);
  const splits = AXIS_SPLITS.get(match) ?? new Map<string, Split | undefined>();
  AXIS_SPLITS.set(match, splits);
  const key = `${flow.state.family} ${axis.on}`;
  const split = splits.get(key) ?? freshByAxis(match, axis, right, flow, sets);
  splits.set(key, split);
  return split;
}

/** What was made of a comparison with a constant once. */
const AXIS_SPLITS = new WeakMap<Match, Map<string, Split | undefined>>();

function freshByAxis(match: Match, axis: Axis, right: Expression, flow: Flow, sets: SetFinder): Split | undefined {
  const values = valuesOf(match.comparison, right, axis, flow, sets);
  if (values === "break" || values === "unknown") return everything(values, flow);
  const own = values === undefined ? undefined : axis.preimage(values);
  if (own === undefined) return undefined;
  const { family } = flow.state;
  const yes = axis.on === "source" ? Region.ofSources(own, family) : Region.ofPorts(own, family);
  return { yes, maybe: Region.empty };
}

/** The values for which a comparison with something known holds; undefined where they are too scattered. */
function valuesOf(
  comparison: Comparison,
  right: Expression,
  axis: Axis,
  flow: Flow,
  sets: SetFinder,
): IntervalSet | "break" | "unknown" | undefined {
  const read = (expression: Expression): Reading => valueReader(expression, sets)(flow.state);
  const [low, high] = right.kind === "range" ? [read(right.low), read(right.high)] : [read(right), undefined];
  if (!isValue(low)) return low === BREAK ? "break" : "unknown";
  if (high !== undefined && !isValue(high)) return high === BREAK ? "break" : "unknown";
  if (typeof low === "string" || typeof high === "string") return undefined;
  const all = allOf(axis, flow);
  if (high === undefined) return comparison === "in" ? valuesWithBits(low, axis, flow) : compared(comparison, low, all);
  const range = low <= high ? IntervalSet.of([[low, high]]).intersect(all) : IntervalSet.empty;
  return comparison === "!=" ? all.subtract(range) : range;
}

function compared(comparison: Exclude<Comparison, "in">, value: number | bigint, all: IntervalSet): IntervalSet {
  const single = IntervalSet.of([[value, value]]).intersect(all);
  const first = all.lowest ?? value;
  const upTo = value < first ? IntervalSet.empty : IntervalSet.of([[first, value]]).intersect(all);
  switch (comparison) {
    case "==":
      return single;
    case "!=":
      return all.subtract(single);
    case "<":
      return upTo.subtract(single);
    case "<=":
      return upTo;
    case ">":
      return all.subtract(upTo);
    case ">=":
      return all.subtract(upTo.subtract(single));
  }
}

/** Ports are few enough to ask for each; sources where they fall into few pieces that are alike. */
function byTrying(match: Match, flow: Flow, sets: SetFinder): Split {
  const symbols = isSet(match.right) ? [] : [match.left, match.right].map((side) => symbolOf(side, flow));
  if (symbols.every((symbol) => symbol === "port" || symbol === "none")) return byEachPort(match, flow, sets);
  const pieces = isSet(match.right) ? undefined : sourcePieces([match.left, match.right], flow);
  return pieces === undefined ? everything("unknown", flow) : byPieces(pieces, match, flow, sets);
}

function byEachPort(match: Match, flow: Flow, sets: SetFinder): Split {
  const condition = conditionOf(match, sets);
  const state = stateAt(flow, flow.state.source, NO_PORT);
  const found = gather(PORT_MAX + 1, (port): readonly [Interval, Answer] => {
    if (!flow.isPortSet) state.destinationPort = port;
    Object.assign(state.packet, { destinationPort: port });
    return [[port, port], condition(state)];
  });
  const { family } = flow.state;
  return { yes: Region.ofPorts(found.yes, family), maybe: Region.ofPorts(found.maybe, family) };
}

function byPieces(pieces: readonly Interval[], match: Match, flow: Flow, sets: SetFinder): Split {
  const condition = conditionOf(match, sets);
  const found = gather(pieces.length, (at): readonly [Interval, Answer] => {
    const piece = pieces[at] ?? [0, 0];
    return [piece, condition(stateAt(flow, piece[0], NO_PORT))];
  });
  const { family } = flow.state;
  return { yes: Region.ofSources(found.yes, family), maybe: Region.ofSources(found.maybe, family) };
}

function gather(count: number, ask: (at: number) => readonly [Interval, Answer]) {
  const yes: Interval[] = [];
  const maybe: Interval[] = [];
  for (let at = 0; at < count; at++) {
    const [interval, answer] = ask(at);
    if (answer === "yes") yes.push(interval);
    else if (answer === "unknown") maybe.push(interval);
  }
  return { yes: IntervalSet.of(yes), maybe: IntervalSet.of(maybe) };
}
