// Conditions made into functions over a packet: does the rule go on?
import type { ElementSet } from "../element-set.js";
import type { Expression, SetReference } from "../expression.js";
import type { Comparison, Statement } from "../statement.js";
import { elementIndex } from "./element-index.js";
import { keyFault, keyReader, resolveSet, type SetFinder, valueReader } from "./evaluate.js";
import { BREAK, type FieldReader, isValue, type Reading, UNKNOWN } from "./reading.js";
import type { WalkState } from "./walk-state.js";

/** The answer of a condition. A break is no: it cannot be negated. */
export type Answer = "yes" | "no" | "break" | "unknown";

/** A condition as a function. */
export type Condition = (state: WalkState) => Answer;

type Match = Statement & { readonly kind: "match" };

/** The function of a comparison. */
export function matchCondition({ left, comparison, right }: Match, sets: SetFinder): Condition {
  if (right.kind === "element-set" || right.kind === "set-reference")
    return setCondition(left, comparison, right, sets);
  if (right.kind === "range") return rangeCondition(left, comparison, right, sets);
  if (left.kind === "concat" || right.kind === "concat") return concatCondition(left, comparison, right, sets);
  if (right.kind === "value") return valueCondition(valueReader(left, sets), comparison, right);
  const leftReader = valueReader(left, sets);
  const rightReader = valueReader(right, sets);
  return (state) => {
    const a = leftReader(state);
    const b = rightReader(state);
    return faultOf(a) ?? faultOf(b) ?? answer(compare(a, comparison, b));
  };
}

/** The commonest by far: a field against a constant. */
function valueCondition(
  read: FieldReader,
  comparison: Comparison,
  { value }: Expression & { readonly kind: "value" },
): Condition {
  if (typeof value === "string" && value.endsWith("*")) return patternCondition(read, comparison, value.slice(0, -1));
  if (comparison === "==") {
    return (state) => {
      const found = read(state);
      return found === value ? "yes" : (faultOf(found) ?? "no");
    };
  }
  return (state) => {
    const found = read(state);
    return faultOf(found) ?? answer(compare(found, comparison, value));
  };
}

function patternCondition(read: FieldReader, comparison: Comparison, prefix: string): Condition {
  return (state) => {
    const found = read(state);
    const isSame = typeof found === "string" && found.startsWith(prefix);
    return faultOf(found) ?? answer(comparison === "!=" ? !isSame : isSame);
  };
}

function rangeCondition(
  left: Expression,
  comparison: Comparison,
  { low, high }: Expression & { readonly kind: "range" },
  sets: SetFinder,
): Condition {
  const [read, from, to] = [left, low, high].map((one) => valueReader(one, sets));
  if (read === undefined || from === undefined || to === undefined) return () => "unknown";
  return (state) => {
    const [value, first, last] = [read(state), from(state), to(state)];
    const fault = faultOf(value) ?? faultOf(first) ?? faultOf(last);
    if (fault !== undefined) return fault;
    const isIn = compare(value, ">=", first) && compare(value, "<=", last);
    return answer(comparison === "!=" ? !isIn : isIn);
  };
}

function concatCondition(left: Expression, comparison: Comparison, right: Expression, sets: SetFinder): Condition {
  const readLeft = keyReader(left, sets);
  const readRight = keyReader(right, sets);
  return (state) => {
    const [a, b] = [readLeft(state), readRight(state)];
    const fault = keyFault([...a, ...b]);
    if (fault !== undefined) return fault === BREAK ? "break" : "unknown";
    const isSame = a.length === b.length && a.every((part, at) => part === b[at]);
    return answer(comparison === "!=" ? !isSame : isSame);
  };
}

function setCondition(
  left: Expression,
  comparison: Comparison,
  right: ElementSet | SetReference,
  sets: SetFinder,
): Condition {
  const set = resolveSet(right, sets);
  if (set === undefined || set.unknown !== undefined) return () => "unknown";
  const index = elementIndex(set);
  const read = keyReader(left, sets);
  const isNegated = comparison === "!=";
  return (state) => {
    const key = read(state);
    const fault = keyFault(key);
    if (fault === BREAK) return "break";
    if (fault !== undefined) return index.mayFind(key) ? "unknown" : answer(isNegated);
    const element = index.find(key);
    if (element?.condition !== undefined) return "unknown";
    return answer((element !== undefined) !== isNegated);
  };
}

function compare(a: Reading, comparison: Comparison, b: Reading): boolean {
  switch (comparison) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "in":
      return typeof a === "number" && typeof b === "number" ? (a & b) !== 0 : a === b;
  }
}

function faultOf(reading: Reading): "break" | "unknown" | undefined {
  if (isValue(reading)) return undefined;
  return reading === UNKNOWN ? "unknown" : "break";
}

function answer(isTrue: boolean): Answer {
  return isTrue ? "yes" : "no";
}
