// Splits a flow by a condition: where it holds, where it does not, and where that is not known.
import type { ElementSet, KeyPart, SetElement } from "../element-set.js";
import type { Expression, SetReference } from "../expression.js";
import type { Comparison, Statement } from "../statement.js";
import { matchCondition } from "../walk/condition.js";
import { holds } from "../walk/element-index.js";
import { resolveSet, type SetFinder, valueReader } from "../walk/evaluate.js";
import { isValue, type Reading } from "../walk/reading.js";
import { copyState, type Flow } from "./flow.js";
import { type Interval, IntervalSet } from "./interval-set.js";
import { Region } from "./region.js";
import { sourcePieces } from "./source-pieces.js";
import { symbolOf } from "./symbol.js";

/** The three parts of a flow. */
export interface Split {
  readonly yes: Region;
  readonly no: Region;
  readonly unknown: Region;
}

type Match = Statement & { readonly kind: "match" };

const PORT_MAX = 65_535;

/** Splits by a comparison. */
export function splitMatch(match: Match, flow: Flow, sets: SetFinder): Split {
  const { left, right } = match;
  const rightSymbol = right.kind === "element-set" || right.kind === "set-reference" ? "none" : symbolOf(right, flow);
  const leftSymbol = symbolOf(left, flow);
  if (leftSymbol === "none" && rightSymbol === "none") return concretely(match, flow, sets);
  if (rightSymbol === "none" && left.kind === "concat") return byConcat(match, left.parts, flow, sets);
  const isPlainSource = left.kind === "field" && leftSymbol === "source" && left.field.kind !== "fib";
  if (rightSymbol === "none" && isPlainSource) return bySource(match, left, flow, sets);
  if (leftSymbol !== "mixed" && rightSymbol === "none" && leftSymbol === "port" && left.kind === "field") {
    return byPort(match, left, flow, sets);
  }
  if ([leftSymbol, rightSymbol].every((symbol) => symbol === "port" || symbol === "none"))
    return byEachPort(match, flow, sets);
  return byPieces(match, flow, sets);
}

/** All of it, nothing of it, or nobody knows. */
function concretely(match: Match, flow: Flow, sets: SetFinder): Split {
  const answer = matchCondition(match, sets)(flow.state);
  return whole(flow.region, answer);
}

function whole(region: Region, answer: string): Split {
  const { empty } = Region;
  if (answer === "yes") return { yes: region, no: empty, unknown: empty };
  if (answer === "unknown") return { yes: empty, no: empty, unknown: region };
  return { yes: empty, no: region, unknown: empty };
}

function bySource(match: Match, left: Expression, flow: Flow, sets: SetFinder): Split {
  if (!isHeaderThere(left, flow, sets)) return whole(flow.region, "no");
  const all: Interval = flow.state.family === 4 ? [0, 0xffff_ffff] : [0n, (1n << 128n) - 1n];
  const values = valuesOf(match.comparison, match.right, all, flow, sets);
  if (values === undefined) return whole(flow.region, "unknown");
  const [yes, no] = flow.region.split(undefined, values);
  return { yes, no, unknown: Region.empty };
}

function byPort(match: Match, left: Expression, flow: Flow, sets: SetFinder): Split {
  if (!isHeaderThere(left, flow, sets)) return whole(flow.region, "no");
  const values = valuesOf(match.comparison, match.right, [0, PORT_MAX], flow, sets);
  if (values === undefined) return whole(flow.region, "unknown");
  const [yes, no] = flow.region.split(values, undefined);
  return { yes, no, unknown: Region.empty };
}

/** A header that the packet has not breaks the rule, whatever is compared. */
function isHeaderThere(left: Expression, flow: Flow, sets: SetFinder): boolean {
  return isValue(valueReader(left, sets)(flow.state));
}

/** The values for which a comparison with something known holds; undefined when that something is not known. */
function valuesOf(
  comparison: Comparison,
  right: Match["right"],
  all: Interval,
  flow: Flow,
  sets: SetFinder,
): IntervalSet | undefined {
  const whole = IntervalSet.of([all]);
  if (right.kind === "element-set" || right.kind === "set-reference") {
    const members = membersOf(right, sets);
    if (members === undefined) return undefined;
    return comparison === "!=" ? whole.subtract(members) : members.intersect(whole);
  }
  if (right.kind === "range") {
    const ends = [right.low, right.high].map((end) => valueReader(end, sets)(flow.state));
    const [low, high] = ends;
    if (!(isNumeric(low) && isNumeric(high))) return undefined;
    const range = low <= high ? IntervalSet.of([[low, high]]) : IntervalSet.empty;
    return comparison === "!=" ? whole.subtract(range) : range;
  }
  const value = valueReader(right, sets)(flow.state);
  return isNumeric(value) ? compared(comparison, value, all, whole) : undefined;
}

function compared(
  comparison: Comparison,
  value: number | bigint,
  all: Interval,
  whole: IntervalSet,
): IntervalSet | undefined {
  const single = IntervalSet.of([[value, value]]);
  const upTo = value >= all[0] ? IntervalSet.of([[all[0], value]]).intersect(whole) : IntervalSet.empty;
  switch (comparison) {
    case "==":
      return single.intersect(whole);
    case "!=":
      return whole.subtract(single);
    case "<":
      return upTo.subtract(single);
    case "<=":
      return upTo;
    case ">":
      return whole.subtract(upTo);
    case ">=":
      return whole.subtract(upTo.subtract(single));
    case "in":
      return undefined;
  }
}

/** The values of a set of single keys; undefined when they are not known. */
function membersOf(right: ElementSet | SetReference, sets: SetFinder): IntervalSet | undefined {
  const set = resolveSet(right, sets);
  if (set === undefined || set.unknown !== undefined || set.elements.some(isOpen)) return undefined;
  const known = MEMBERS.get(set);
  if (known !== undefined) return known;
  const intervals = (isExcluded: boolean): readonly Interval[] =>
    set.elements.flatMap((element): Interval[] => {
      const [part] = element.key;
      return part?.kind === "range" && (element.isExcluded === true) === isExcluded ? [[part.low, part.high]] : [];
    });
  // ipset's nomatch is narrower than what it takes out of, or it would do nothing.
  const members = IntervalSet.of(intervals(false)).subtract(IntervalSet.of(intervals(true)));
  MEMBERS.set(set, members);
  return members;
}

/** What was made of a set once: many rules ask for the same one. */
const MEMBERS = new WeakMap<ElementSet, IntervalSet>();

function isOpen({ condition }: SetElement): boolean {
  return condition !== undefined;
}

/** Boxes of a set whose keys have several parts; those that are known are compared, the others become the box. */
function byConcat(match: Match, parts: readonly Expression[], flow: Flow, sets: SetFinder): Split {
  const { right } = match;
  if (right.kind !== "element-set" && right.kind !== "set-reference") return byPieces(match, flow, sets);
  const set = resolveSet(right, sets);
  if (set === undefined || set.unknown !== undefined || set.elements.some(isOpen)) return whole(flow.region, "unknown");
  const readings = parts.map((part) => valueReader(part, sets)(flow.state));
  const symbols = parts.map((part) => symbolOf(part, flow));
  if (readings.some((reading) => reading === -1)) return whole(flow.region, "no");
  if (symbols.includes("mixed") || readings.some((one, at) => symbols[at] === "none" && !isValue(one))) {
    return whole(flow.region, "unknown");
  }
  const [inside, outside] = flow.region.splitBoxes(boxesOf(set, symbols, readings, flow));
  const isNegated = match.comparison === "!=";
  return { yes: isNegated ? outside : inside, no: isNegated ? inside : outside, unknown: Region.empty };
}

function boxesOf(set: ElementSet, symbols: readonly string[], readings: readonly Reading[], flow: Flow) {
  const all: Interval = flow.state.family === 4 ? [0, 0xffff_ffff] : [0n, (1n << 128n) - 1n];
  const byPorts = new Map<string, { readonly ports: Interval; readonly sources: Interval[] }>();
  for (const { key } of set.elements) {
    if (!key.every((part, at) => symbols[at] !== "none" || holds(part, readings[at] ?? ""))) continue;
    const ports = partRange(key, symbols, "port") ?? [0, PORT_MAX];
    const sources = partRange(key, symbols, "source") ?? all;
    const name = `${ports[0]}-${ports[1]}`;
    const known = byPorts.get(name);
    if (known === undefined) byPorts.set(name, { ports, sources: [sources] });
    else known.sources.push(sources);
  }
  return [...byPorts.values()].map(({ ports, sources }) => ({
    ports: IntervalSet.of([ports]),
    sources: IntervalSet.of(sources),
  }));
}

function partRange(key: readonly KeyPart[], symbols: readonly string[], symbol: string): Interval | undefined {
  const part = key[symbols.indexOf(symbol)];
  return part?.kind === "range" ? [part.low, part.high] : undefined;
}

/** Ports are few enough to ask for each of them. */
function byEachPort(match: Match, flow: Flow, sets: SetFinder): Split {
  const condition = matchCondition(match, sets);
  const state = copyState(flow.state);
  const found: Record<"yes" | "unknown", Interval[]> = { yes: [], unknown: [] };
  for (let port = 0; port <= PORT_MAX; port++) {
    state.destinationPort = port;
    const answer = condition(state);
    if (answer === "yes" || answer === "unknown") found[answer].push([port, port]);
  }
  const [yes, rest] = flow.region.split(IntervalSet.of(found.yes), undefined);
  const [unknown, no] = rest.split(IntervalSet.of(found.unknown), undefined);
  return { yes, no, unknown };
}

/** Where sources fall into a few pieces that are alike, one of each is asked for. */
function byPieces(match: Match, flow: Flow, sets: SetFinder): Split {
  const pieces = sourcePieces(match, flow);
  if (pieces === undefined) return whole(flow.region, "unknown");
  const condition = matchCondition(match, sets);
  const state = copyState(flow.state);
  const found: Record<"yes" | "unknown", Interval[]> = { yes: [], unknown: [] };
  for (const piece of pieces) {
    [state.source] = piece;
    const answer = condition(state);
    if (answer === "yes" || answer === "unknown") found[answer].push(piece);
  }
  const [yes, rest] = flow.region.split(undefined, IntervalSet.of(found.yes));
  const [unknown, no] = rest.split(undefined, IntervalSet.of(found.unknown));
  return { yes, no, unknown };
}

function isNumeric(value: Reading | undefined): value is number | bigint {
  return value !== undefined && typeof value !== "string" && value >= 0;
}
