// Source addresses in pieces within which a condition has the same answer: for lookups of routes, and for masks.
import type { Expression } from "../expression.js";
import type { Statement } from "../statement.js";
import type { Flow } from "./flow.js";
import type { Interval } from "./interval-set.js";

const WIDTHS: Readonly<Record<4 | 6, number>> = { 4: 32, 6: 128 };
/** A mask with holes cuts the addresses into more pieces than this: then nobody knows. */
const PIECES_MAX = 1 << 16;

/** The pieces for a comparison; undefined where they cannot be told. */
export function sourcePieces(
  { left, right }: Statement & { readonly kind: "match" },
  flow: Flow,
): readonly Interval[] | undefined {
  if (right.kind === "element-set" || right.kind === "set-reference") return undefined;
  const expressions = [left, right];
  if (expressions.every(isOfRoutes)) return cutAt(routeBorders(flow), flow);
  const borders = expressions.map((one) => maskBorders(one, flow));
  if (borders.includes(undefined)) return undefined;
  return cutAt(
    borders.flatMap((own) => own ?? []),
    flow,
  );
}

function isOfRoutes(expression: Expression): boolean {
  return expression.kind === "value" || (expression.kind === "field" && expression.field.kind === "fib");
}

/** The first address of each network, and the one behind its last. */
function routeBorders({ state }: Flow): readonly (number | bigint)[] {
  return state.routes.borders(state.family);
}

/** For `saddr & mask`: the mask's lowest bit says how wide a piece is that has one answer. */
function maskBorders(expression: Expression, { state }: Flow): readonly (number | bigint)[] | undefined {
  if (expression.kind === "value") return [];
  if (expression.kind !== "binary" || expression.operator !== "&" || expression.right.kind !== "value")
    return undefined;
  const mask = BigInt(expression.right.value);
  const width = WIDTHS[state.family];
  const lowBits = trailingZeros(mask, width);
  const count = 1n << BigInt(width - lowBits);
  if (count > BigInt(PIECES_MAX)) return undefined;
  const borders: bigint[] = [];
  for (let at = 0n; at < count; at++) borders.push(at << BigInt(lowBits));
  return state.family === 4 ? borders.map(Number) : borders;
}

function trailingZeros(mask: bigint, width: number): number {
  for (let bit = 0; bit < width; bit++) if (((mask >> BigInt(bit)) & 1n) === 1n) return bit;
  return width;
}

function cutAt(borders: readonly (number | bigint)[], { state }: Flow): readonly Interval[] {
  const isIpv4 = state.family === 4;
  const first = isIpv4 ? 0 : 0n;
  const last = isIpv4 ? 0xffff_ffff : (1n << 128n) - 1n;
  const starts = [...new Set([first, ...borders])].filter((start) => start >= first && start <= last);
  starts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return starts.map((start, at): Interval => {
    const next = starts[at + 1];
    if (next === undefined) return [start, last];
    return [start, typeof next === "bigint" ? next - 1n : next - 1];
  });
}
