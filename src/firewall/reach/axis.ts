// Expressions that follow from the source address, or from the port, by simple bit operations: for which sources or ports such
// an expression has one of certain values.
import type { Expression, Field } from "../expression.js";
import type { Flow } from "./flow.js";
import { type Interval, IntervalSet } from "./interval-set.js";
import { symbolOf } from "./symbol.js";

/** What an expression follows from. */
export interface Axis {
  readonly on: "source" | "port";
  /** True when it is the source or the port itself. */
  readonly isPlain: boolean;
  /** The sources or ports for which it has one of these values; undefined where they are too scattered to list. */
  preimage(values: IntervalSet): IntervalSet | undefined;
}

/** A mask with holes scatters the addresses over more intervals than this: then nobody knows. */
const INTERVALS_MAX = 1 << 16;
const PORT_BITS = 16;
/** Where they stand in their headers (RFC 9293 §3.1, RFC 791 §3.1, RFC 8200 §3). */
const PORT_OFFSET_BITS = 16;
const SOURCE_OFFSET_BITS: Readonly<Record<4 | 6, number>> = { 4: 96, 6: 64 };
const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** The axis of an expression; undefined for one that hangs on neither or both, or in another way. */
export function axisOf(expression: Expression, flow: Flow): Axis | undefined {
  if (expression.kind === "field") return fieldAxis(expression, flow);
  if (expression.kind !== "binary" || expression.right.kind !== "value") return undefined;
  const inner = axisOf(expression.left, flow);
  const { value } = expression.right;
  if (inner === undefined || typeof value === "string") return undefined;
  const form = formOf(inner, flow);
  if (expression.operator === "&") return masked(inner, BigInt(value), form);
  return expression.operator === ">>" ? shifted(inner, BigInt(value), form) : undefined;
}

function fieldAxis(expression: Expression & { readonly kind: "field" }, flow: Flow): Axis | undefined {
  const on = symbolOf(expression, flow);
  if (on === "none" || on === "mixed" || expression.field.kind === "fib") return undefined;
  const plain: Axis = { on, isPlain: true, preimage: (values) => values };
  return expression.field.kind === "raw-payload" ? rawAxis(expression.field, plain, flow) : plain;
}

/** Bits at a place, where they are the first ones of the source or the port; undefined for others. */
function rawAxis(
  { base, offsetBits, lengthBits }: Field & { readonly kind: "raw-payload" },
  plain: Axis,
  flow: Flow,
): Axis | undefined {
  const form = formOf(plain, flow);
  const from = base === "th" ? PORT_OFFSET_BITS : SOURCE_OFFSET_BITS[flow.state.family];
  if (offsetBits !== from || lengthBits > form.bits) return undefined;
  return lengthBits === form.bits ? plain : shifted(plain, BigInt(form.bits - lengthBits), form);
}

/** How values of an axis are kept. */
interface Form {
  readonly bits: number;
  readonly all: IntervalSet;
  readonly toValue: (value: bigint) => number | bigint;
}

/** All values of an axis. */
export function allOf({ on }: Axis, { state: { family } }: Flow): IntervalSet {
  if (on === "port") return IntervalSet.of([[0, 2 ** PORT_BITS - 1]]);
  return family === 4 ? IntervalSet.ipv4 : IntervalSet.ipv6;
}

function formOf(axis: Axis, flow: Flow): Form {
  const isWide = axis.on === "source" && flow.state.family === 6;
  const bits = isWide ? IPV6_BITS : axis.on === "source" ? IPV4_BITS : PORT_BITS;
  return { bits, all: allOf(axis, flow), toValue: isWide ? (value) => value : Number };
}

function masked(inner: Axis, mask: bigint, form: Form): Axis {
  return {
    on: inner.on,
    isPlain: false,
    preimage(values) {
      const own = maskPreimage(values, mask, form);
      return own === undefined ? undefined : inner.preimage(own);
    },
  };
}

/** The values that have any of these bits; undefined where they are too scattered. */
export function valuesWithBits(bits: number | bigint, axis: Axis, flow: Flow): IntervalSet | undefined {
  const form = formOf(axis, flow);
  const without = maskPreimage(IntervalSet.of([[form.toValue(0n), form.toValue(0n)]]), BigInt(bits), form);
  return without === undefined ? undefined : form.all.subtract(without);
}

function shifted(inner: Axis, distance: bigint, form: Form): Axis {
  return {
    on: inner.on,
    isPlain: false,
    preimage(values) {
      const own = values
        .intervals()
        .map(
          ([low, high]): Interval => [
            form.toValue(BigInt(low) << distance),
            form.toValue(((BigInt(high) + 1n) << distance) - 1n),
          ],
        );
      return inner.preimage(IntervalSet.of(own).intersect(form.all));
    },
  };
}

function maskPreimage(values: IntervalSet, mask: bigint, form: Form): IntervalSet | undefined {
  const block = mask & -mask;
  const isPrefix = mask === 0n || (mask | (block - 1n)) === (1n << BigInt(form.bits)) - 1n;
  if (mask === 0n) return values.has(form.toValue(0n)) ? form.all : IntervalSet.empty;
  if (isPrefix) return prefixPreimage(values, block, form);
  const direct = scattered(values, mask, form);
  if (direct !== undefined) return direct;
  const others = scattered(form.all.subtract(values), mask, form);
  return others === undefined ? undefined : form.all.subtract(others);
}

/** Values of a network's bits: the networks whose first addresses are among them. */
function prefixPreimage(values: IntervalSet, block: bigint, { toValue }: Form): IntervalSet {
  return IntervalSet.of(
    values.intervals().flatMap(([low, high]): Interval[] => {
      const first = ((BigInt(low) + block - 1n) / block) * block;
      const last = (BigInt(high) / block) * block + block - 1n;
      return first > last ? [] : [[toValue(first), toValue(last)]];
    }),
  );
}

/** Each value with all that the mask's holes may be. */
function scattered(values: IntervalSet, mask: bigint, form: Form): IntervalSet | undefined {
  const block = mask & -mask;
  const holes: bigint[] = [];
  for (let bit = block; bit < 1n << BigInt(form.bits); bit <<= 1n) if ((mask & bit) === 0n) holes.push(bit);
  const budget = INTERVALS_MAX >> Math.min(holes.length, 30);
  const found: Interval[] = [];
  let seen = 0n;
  for (const [low, high] of values.intervals()) {
    seen += BigInt(high) - BigInt(low) + 1n;
    if (seen > budget) return undefined;
    for (let value = BigInt(low); value <= BigInt(high); value++) {
      if ((value & ~mask) === 0n) addFillings(value, holes, block, form, found);
    }
  }
  return IntervalSet.of(found);
}

function addFillings(
  value: bigint,
  holes: readonly bigint[],
  block: bigint,
  { toValue }: Form,
  found: Interval[],
): void {
  for (let filling = 0; filling < 1 << holes.length; filling++) {
    const first = holes.reduce((sum, hole, at) => ((filling >> at) & 1 ? sum | hole : sum), value);
    found.push([toValue(first), toValue(first + block - 1n)]);
  }
}
