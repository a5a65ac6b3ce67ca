// Source addresses in pieces within which lookups of routes have the same answer.
import type { Expression } from "../expression.js";
import type { RouteTable } from "../walk/route-table.js";
import type { Flow } from "./flow.js";
import type { Interval } from "./interval-set.js";
import { symbolOf } from "./symbol.js";

/** The pieces for expressions that hang on the source by nothing but lookups of routes; undefined for others. */
export function sourcePieces(expressions: readonly Expression[], flow: Flow): readonly Interval[] | undefined {
  return expressions.every((one) => isOfRoutes(one, flow))
    ? routePieces(flow.state.routes, flow.state.family)
    : undefined;
}

function isOfRoutes(expression: Expression, flow: Flow): boolean {
  if (symbolOf(expression, flow) === "none") return true;
  if (expression.kind === "binary") return isOfRoutes(expression.left, flow) && isOfRoutes(expression.right, flow);
  return expression.kind === "field" && expression.field.kind === "fib";
}

/** All addresses of a family, cut wherever the host's routes or the kernel's own rules make a difference. */
export function routePieces(routes: RouteTable, family: 4 | 6): readonly Interval[] {
  const isIpv4 = family === 4;
  const first = isIpv4 ? 0 : 0n;
  const last = isIpv4 ? 0xffff_ffff : (1n << 128n) - 1n;
  const starts = [...new Set([first, ...routes.borders(family)])].filter((start) => start >= first && start <= last);
  starts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return starts.map((start, at): Interval => {
    const next = starts[at + 1];
    if (next === undefined) return [start, last];
    return [start, typeof next === "bigint" ? next - 1n : next - 1];
  });
}
