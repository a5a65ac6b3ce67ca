// Rules that never do anything: in chains that nothing leads to, behind a rule that takes every packet, or behind one that
// takes all that they would. What several rules take together is not seen.
import type { Expression } from "./expression.js";
import { type Interval, IntervalSet } from "./reach/interval-set.js";
import type { Chain, Rule, Ruleset, Table } from "./ruleset.js";
import type { Statement, Verdict } from "./statement.js";

/** One such rule, and why. */
export type DeadRule =
  | { readonly kind: "unreached-chain"; readonly table: Table; readonly chain: Chain }
  | { readonly kind: "shadowed"; readonly rule: Rule; readonly by: Rule }
  /** Not dead itself: it takes every packet that comes to it, and something stands behind it. */
  | { readonly kind: "takes-all"; readonly rule: Rule; readonly behindCount: number };

/** Chains with more rules are only searched for rules that are the same. */
const PAIRS_RULES_MAX = 3000;

/** Finds them, in the order of the ruleset. */
export function findDeadRules({ tables }: Ruleset): readonly DeadRule[] {
  return tables.flatMap((table) => {
    const reached = reachedChains(table);
    return [...table.chains.values()].flatMap((chain): readonly DeadRule[] => {
      if (!reached.has(chain.name)) return [{ kind: "unreached-chain", table, chain }];
      return deadInChain(table, chain);
    });
  });
}

function reachedChains(table: Table): ReadonlySet<string> {
  const reached = new Set<string>();
  const pending = [...table.chains.values()].filter(({ base }) => base !== undefined).map(({ name }) => name);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const rule of table.chains.get(name)?.rules ?? []) pending.push(...targetsOf(rule, table));
  }
  return reached;
}

function targetsOf({ statements }: Rule, table: Table): readonly string[] {
  return statements.flatMap((statement) => {
    if (statement.kind === "verdict") return chainOf(statement.verdict);
    if (statement.kind !== "verdict-map") return [];
    const set = statement.map.kind === "element-set" ? statement.map : table.sets.get(statement.map.name);
    const data = [...(set?.elements ?? []).map((element) => element.data), set?.fallback];
    return data.flatMap((one) => (one === undefined ? [] : chainOf(one as Verdict)));
  });
}

function chainOf(verdict: Verdict): readonly string[] {
  return verdict.kind === "jump" || verdict.kind === "goto" ? [verdict.chain] : [];
}

function deadInChain(table: Table, { rules }: Chain): readonly DeadRule[] {
  const shapes = rules.map((rule) => shapeOf(rule, table));
  const dead: DeadRule[] = [];
  const same = new Map<string, number>();
  for (const [at, rule] of rules.entries()) {
    const shadow = shadowOf(at, shapes, same);
    const by = shadow === undefined ? undefined : rules[shadow];
    if (by !== undefined) dead.push({ kind: "shadowed", rule, by });
    const shape = shapes[at];
    if (shape?.isFinal === true && shape.conditions.size === 0) {
      const behindCount = rules.length - at - 1;
      if (behindCount > 0) dead.push({ kind: "takes-all", rule, behindCount });
      break;
    }
  }
  return dead;
}

/** The earlier rule that takes all that this one would. */
function shadowOf(at: number, shapes: readonly (Shape | undefined)[], same: Map<string, number>): number | undefined {
  const own = shapes[at];
  if (own === undefined) return undefined;
  const known = same.get(own.key);
  if (own.isFinal && known === undefined) same.set(own.key, at);
  if (known !== undefined || shapes.length > PAIRS_RULES_MAX) return known;
  for (let before = 0; before < at; before++) {
    const other = shapes[before];
    if (other?.isFinal === true && other.conditions.size > 0 && takesAll(other, own)) return before;
  }
  return undefined;
}

/** A rule as conditions on fields; undefined for one that cannot be compared. */
interface Shape {
  readonly conditions: ReadonlyMap<string, IntervalSet | ReadonlySet<string>>;
  /** True when it ends the packet's way through the chain. */
  readonly isFinal: boolean;
  readonly key: string;
}

function takesAll(wide: Shape, narrow: Shape): boolean {
  for (const [field, values] of wide.conditions) {
    const own = narrow.conditions.get(field);
    if (own === undefined || !contains(values, own)) return false;
  }
  return true;
}

function contains(wide: IntervalSet | ReadonlySet<string>, narrow: IntervalSet | ReadonlySet<string>): boolean {
  if (wide instanceof IntervalSet) return narrow instanceof IntervalSet && narrow.subtract(wide).isEmpty;
  return !(narrow instanceof IntervalSet) && [...narrow].every((name) => wide.has(name));
}

function shapeOf({ statements }: Rule, table: Table): Shape | undefined {
  const conditions = new Map<string, IntervalSet | ReadonlySet<string>>();
  for (const statement of statements) {
    if (statement.kind === "match") {
      const condition = conditionOf(statement, table);
      if (condition === undefined) return undefined;
      const known = conditions.get(condition.field);
      conditions.set(condition.field, known === undefined ? condition.values : common(known, condition.values));
    } else if (!PLAIN.has(statement.kind)) return undefined;
  }
  const key = [...conditions].map(([field, values]) => `${field} ${textOf(values)}`).join("; ");
  return { conditions, isFinal: statements.some(isFinalStatement), key };
}

/** Statements beside conditions that do not decide whether a packet is taken. */
const PLAIN: ReadonlySet<string> = new Set(["reject", "verdict", "no-effect"]);

function isFinalStatement(statement: Statement): boolean {
  if (statement.kind === "reject") return statement.ipv4 !== undefined && statement.ipv6 !== undefined;
  return statement.kind === "verdict" && isFinalVerdict(statement.verdict);
}

function isFinalVerdict({ kind }: Verdict): boolean {
  return kind === "accept" || kind === "drop" || kind === "return" || kind === "goto";
}

function common(
  a: IntervalSet | ReadonlySet<string>,
  b: IntervalSet | ReadonlySet<string>,
): IntervalSet | ReadonlySet<string> {
  if (a instanceof IntervalSet && b instanceof IntervalSet) return a.intersect(b);
  if (a instanceof IntervalSet || b instanceof IntervalSet) return a;
  return new Set([...a].filter((name) => b.has(name)));
}

function textOf(values: IntervalSet | ReadonlySet<string>): string {
  if (!(values instanceof IntervalSet)) return [...values].sort().join(",");
  return values
    .intervals()
    .map(([low, high]) => `${low}-${high}`)
    .join(",");
}

function conditionOf(
  { left, comparison, right }: Statement & { readonly kind: "match" },
  table: Table,
): { readonly field: string; readonly values: IntervalSet | ReadonlySet<string> } | undefined {
  if (left.kind !== "field") return undefined;
  const field = JSON.stringify(left.field);
  const values = valuesOf(right, table);
  if (values === undefined) return undefined;
  if (comparison === "==") return { field, values };
  // A mask of states has values of its own kind: they are compared as they stand.
  if (comparison === "in") return { field: `in ${field}`, values };
  if (comparison !== "!=" || !(values instanceof IntervalSet) || left.type.form === "text") return undefined;
  return { field, values: everyValue(left.type.bits).subtract(values) };
}

function everyValue(bits: number): IntervalSet {
  return IntervalSet.of([bits > 48 ? [0n, (1n << BigInt(bits)) - 1n] : [0, 2 ** bits - 1]]);
}

function valuesOf(
  right: (Statement & { readonly kind: "match" })["right"],
  table: Table,
): IntervalSet | ReadonlySet<string> | undefined {
  if (right.kind === "element-set" || right.kind === "set-reference") {
    const set = right.kind === "element-set" ? right : table.sets.get(right.name);
    // What a set holds that rules add to may be other things tomorrow.
    if (set === undefined || ("isDynamic" in set && set.isDynamic) || set.types.length !== 1) return undefined;
    return partsOf(
      set.elements.flatMap(({ key, isExcluded, condition }) =>
        isExcluded === true || condition !== undefined ? [] : key,
      ),
    );
  }
  if (right.kind === "value") return singleOf(right);
  if (right.kind !== "range" || right.low.kind !== "value" || right.high.kind !== "value") return undefined;
  const [low, high] = [right.low.value, right.high.value];
  return typeof low === "string" || typeof high === "string" ? undefined : IntervalSet.of([[low, high]]);
}

function singleOf({ value }: Expression & { readonly kind: "value" }): IntervalSet | ReadonlySet<string> {
  return typeof value === "string" ? new Set([value]) : IntervalSet.of([[value, value]]);
}

function partsOf(parts: readonly { readonly kind: string }[]): IntervalSet | ReadonlySet<string> | undefined {
  const names: string[] = [];
  const intervals: Interval[] = [];
  for (const part of parts) {
    if ("low" in part && "high" in part) intervals.push([part.low as number, part.high as number]);
    else if ("text" in part) names.push(String(part.text));
  }
  return names.length > 0 ? new Set(names) : IntervalSet.of(intervals);
}
