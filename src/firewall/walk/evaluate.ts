// Expressions made into functions over a packet on its way.
import type { ElementSet } from "../element-set.js";
import type { Expression, SetReference } from "../expression.js";
import { elementIndex } from "./element-index.js";
import { fieldReader } from "./field-reader.js";
import { BREAK, type FieldReader, isValue, type Reading, UNKNOWN } from "./reading.js";

/** Finds the sets of the table that a rule stands in. */
export type SetFinder = (name: string) => (ElementSet & { readonly unknown?: string }) | undefined;

/** A function for the value of an expression. Parts of concatenations are read by {@link keyReader}. */
export function valueReader(expression: Expression, sets: SetFinder): FieldReader {
  switch (expression.kind) {
    case "field":
      return fieldReader(expression.field);
    case "value": {
      const { value } = expression;
      return () => value;
    }
    case "binary":
      return binaryReader(expression, sets);
    case "map":
      return mapReader(expression, sets);
    case "concat":
    case "range":
    case "unknown":
      return () => UNKNOWN;
  }
}

/** A function for the parts of a key; one of them may be a break or unknown. */
export function keyReader(
  expression: Expression,
  sets: SetFinder,
): (state: Parameters<FieldReader>[0]) => readonly Reading[] {
  if (expression.kind !== "concat") {
    const read = valueReader(expression, sets);
    return (state) => [read(state)];
  }
  const readers = expression.parts.map((part) => valueReader(part, sets));
  return (state) => readers.map((read) => read(state));
}

/** What is wrong with the parts of a key: a break comes first, as the kernel reads them in order. */
export function keyFault(key: readonly Reading[]): typeof BREAK | typeof UNKNOWN | undefined {
  const fault = key.find((part) => !isValue(part));
  if (fault === undefined) return undefined;
  return key.includes(BREAK) ? BREAK : UNKNOWN;
}

/** The set that an expression names, or that stands in its place. */
export function resolveSet(set: ElementSet | SetReference, sets: SetFinder): ReturnType<SetFinder> {
  return set.kind === "element-set" ? set : sets(set.name);
}

function binaryReader(expression: Expression & { readonly kind: "binary" }, sets: SetFinder): FieldReader {
  const left = valueReader(expression.left, sets);
  const right = valueReader(expression.right, sets);
  const { operator } = expression;
  return (state) => {
    const a = left(state);
    const b = right(state);
    if (!(isValue(a) && isValue(b))) return a === BREAK || b === BREAK ? BREAK : UNKNOWN;
    if (typeof a === "number" && typeof b === "number") return ofNumbers(operator, a, b);
    if (typeof a === "string" || typeof b === "string") return UNKNOWN;
    return ofWide(operator, BigInt(a), BigInt(b));
  };
}

function ofNumbers(operator: "&" | "|" | "^" | "<<" | ">>", a: number, b: number): number {
  switch (operator) {
    case "&":
      return (a & b) >>> 0;
    case "|":
      return (a | b) >>> 0;
    case "^":
      return (a ^ b) >>> 0;
    case "<<":
      return b > 31 ? 0 : (a << b) >>> 0;
    case ">>":
      return b > 31 ? 0 : a >>> b;
  }
}

function ofWide(operator: "&" | "|" | "^" | "<<" | ">>", a: bigint, b: bigint): bigint {
  switch (operator) {
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "<<":
      return BigInt.asUintN(128, a << b);
    case ">>":
      return a >> b;
  }
}

function mapReader(expression: Expression & { readonly kind: "map" }, sets: SetFinder): FieldReader {
  const find = mapFinder(expression, sets);
  const known = new Map<Expression, FieldReader>();
  return (state) => {
    const data = find(state);
    if (typeof data === "number") return data;
    const read = known.get(data) ?? valueReader(data, sets);
    known.set(data, read);
    return read(state);
  };
}

/** A function for what a map has for a packet: an expression, or a break or unknown. */
export function mapFinder(
  { key, map }: Pick<Expression & { readonly kind: "map" }, "key" | "map">,
  sets: SetFinder,
): (state: Parameters<FieldReader>[0]) => Expression | typeof BREAK | typeof UNKNOWN {
  const set = resolveSet(map, sets);
  if (set === undefined || set.unknown !== undefined) return () => UNKNOWN;
  const index = elementIndex(set);
  const read = keyReader(key, sets);
  return (state) => {
    const parts = read(state);
    const fault = keyFault(parts);
    if (fault === BREAK || (fault !== undefined && (set.fallback !== undefined || index.mayFind(parts)))) return fault;
    const element = fault === undefined ? index.find(parts) : undefined;
    if (element?.condition !== undefined) return UNKNOWN;
    const data = element === undefined ? set.fallback : element.data;
    return data === undefined || !isExpression(data) ? BREAK : data;
  };
}

const EXPRESSIONS: ReadonlySet<string> = new Set(["field", "value", "binary", "concat", "map", "range", "unknown"]);

function isExpression(data: { readonly kind: string }): data is Expression {
  return EXPRESSIONS.has(data.kind);
}
