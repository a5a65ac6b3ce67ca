// One rule for all packets of a flow at once: which of them it takes, and where those go.
import type { Expression } from "../expression.js";
import type { Rule } from "../ruleset.js";
import type { Statement, Verdict } from "../statement.js";
import { resolveSet, type SetFinder } from "../walk/evaluate.js";
import { ruleStatementStep, type StepResult } from "../walk/rule-step.js";
import { WalkRun } from "../walk/walk-run.js";
import { copyState, type Flow, narrowed } from "./flow.js";
import { IntervalSet, type Value } from "./interval-set.js";
import { Region } from "./region.js";
import { type Split, splitMatch } from "./split-match.js";
import { symbolOf } from "./symbol.js";

/** What comes of a flow at a rule. */
export interface RuleOutcome {
  /** On to the next rule. */
  readonly next: readonly Flow[];
  /** Taken by the rule, with its verdict; an unknown end has its reason. */
  readonly taken: readonly {
    readonly flow: Flow;
    readonly verdict: Verdict | "reject" | "unknown";
    readonly why?: string;
  }[];
}

type Taken = RuleOutcome["taken"][number];

/** Walks a flow through the statements of a rule. */
export function flowThroughRule(rule: Rule, flow: Flow, sets: SetFinder): RuleOutcome {
  const next: Flow[] = [];
  const taken: Taken[] = [];
  let inside: readonly Flow[] = [flow];
  for (const statement of rule.statements) {
    if (statement.kind === "no-effect") continue;
    inside = inside.flatMap((one) => flowThroughStatement(statement, rule, one, sets, next, taken));
    if (inside.length === 0) break;
  }
  return { next: [...next, ...inside], taken };
}

function flowThroughStatement(
  statement: Statement,
  rule: Rule,
  flow: Flow,
  sets: SetFinder,
  next: Flow[],
  taken: Taken[],
): readonly Flow[] {
  if (statement.kind === "match" || statement.kind === "all" || statement.kind === "any") {
    return flowThroughCondition(splitCondition(statement, flow, sets), rule, flow, next);
  }
  if (statement.kind === "budget" && statement.first === undefined) {
    return flowThroughCondition({ yes: Region.empty, no: Region.empty, unknown: flow.region }, rule, flow, next);
  }
  return piecesOf(statement, flow, sets).flatMap((piece) => concretely(statement, rule, piece, sets, next, taken));
}

/** What is not known may be either: it goes on and stays behind, both in doubt. */
function flowThroughCondition({ yes, no, unknown }: Split, rule: Rule, flow: Flow, next: Flow[]): readonly Flow[] {
  const doubtful = narrowed({ ...flow, doubt: flow.doubt ?? rule.text }, unknown);
  const behind = narrowed(flow, no);
  if (behind !== undefined) next.push(behind);
  if (doubtful !== undefined) next.push(doubtful);
  const inside = narrowed(flow, yes);
  return [...(inside === undefined ? [] : [inside]), ...(doubtful === undefined ? [] : [doubtful])];
}

/** Conditions within conditions, as iptables has them. */
function splitCondition(statement: Statement, flow: Flow, sets: SetFinder): Split {
  switch (statement.kind) {
    case "match":
      return splitMatch(statement, flow, sets);
    case "all":
    case "any":
      return splitGroup(statement, flow, sets);
    case "budget":
      if (statement.first !== undefined) {
        return statement.first ? everything(flow, "yes") : everything(flow, "no");
      }
      return everything(flow, "unknown");
    case "unknown":
      return everything(flow, "unknown");
    default:
      return everything(flow, "yes");
  }
}

function everything({ region }: Flow, part: keyof Split): Split {
  return { yes: Region.empty, no: Region.empty, unknown: Region.empty, [part]: region };
}

function splitGroup(group: Statement & { readonly kind: "all" | "any" }, flow: Flow, sets: SetFinder): Split {
  const isAll = group.kind === "all";
  let decided: Region = Region.empty;
  let unknown: Region = Region.empty;
  let open: Region = flow.region;
  for (const condition of group.conditions) {
    const known = open.isEmpty ? undefined : splitCondition(condition, { ...flow, region: open }, sets);
    if (known === undefined) break;
    decided = decided.unite(isAll ? known.no : known.yes);
    // Once one condition is not known the rest may still decide: that is left to the doubt.
    unknown = unknown.unite(known.unknown);
    open = isAll ? known.yes : known.no;
  }
  const [yes, no] = isAll ? [open, decided] : [decided, open];
  return group.isNegated ? { yes: no, no: yes, unknown } : { yes, no, unknown };
}

/** Runs a statement for packets that are all alike to it. */
function concretely(
  statement: Statement,
  rule: Rule,
  flow: Flow,
  sets: SetFinder,
  next: Flow[],
  taken: Taken[],
): readonly Flow[] {
  const state = copyState(flow.state);
  const run = new WalkRun(state, []);
  const result: StepResult = ruleStatementStep(statement, rule, sets)(run);
  const isPortSet = flow.isPortSet || (statement.kind === "nat" && setsPort(statement, flow, sets));
  const after: Flow = { ...flow, state, isPortSet };
  if (result === "next") return [after];
  if (result === "end") {
    next.push(flow);
    return [];
  }
  if (result.kind === "unknown") taken.push({ flow: after, verdict: "unknown", why: result.why });
  else if (result.kind === "reject") taken.push({ flow: after, verdict: "reject" });
  else taken.push({ flow: after, verdict: result });
  return [];
}

/** Whether NAT gives all packets one port: by its own, or by the map's. */
function setsPort(nat: Statement & { readonly kind: "nat" }, _flow: Flow, sets: SetFinder): boolean {
  if (nat.port !== undefined) return true;
  if (nat.address?.kind === "concat") return true;
  if (nat.address?.kind !== "map") return false;
  const set = resolveSet(nat.address.map, sets);
  return set?.elements.some(({ data }) => data?.kind === "concat") === true;
}

/** The flow in pieces within which the statement reads the same; each state has a source and port of its piece. */
function piecesOf(statement: Statement, flow: Flow, sets: SetFinder): readonly Flow[] {
  const keys = openKeys(statement, flow);
  const pieces = keys.reduce<readonly Region[]>(
    (regions, { key, set }) => regions.flatMap((region) => cut(region, key, set, flow, sets)),
    [flow.region],
  );
  return pieces.flatMap((region) => {
    const piece = narrowed({ ...flow, state: copyState(flow.state) }, region);
    if (piece === undefined) return [];
    const [group] = region.groups;
    if (keys.length > 0) {
      piece.state.source = group?.sources.lowest ?? piece.state.source;
      if (!flow.isPortSet) piece.state.destinationPort = Number(group?.ports.lowest ?? 0);
    }
    return [piece];
  });
}

interface OpenKey {
  readonly key: Expression;
  readonly set: (Expression & { readonly kind: "map" })["map"];
}

/** The maps of a statement whose keys hang on the source or the port. */
function openKeys(statement: Statement, flow: Flow): readonly OpenKey[] {
  const maps: OpenKey[] = [];
  if (statement.kind === "verdict-map") maps.push({ key: statement.key, set: statement.map });
  const values =
    statement.kind === "nat"
      ? [statement.address, statement.port]
      : statement.kind === "set-field"
        ? [statement.value]
        : [];
  for (const value of values) if (value?.kind === "map") maps.push({ key: value.key, set: value.map });
  return maps.filter(({ key }) => symbolOf(key, flow) !== "none");
}

/** A region by the elements of a map: one piece an element, and one for what has none. */
function cut(region: Region, key: Expression, map: OpenKey["set"], flow: Flow, sets: SetFinder): readonly Region[] {
  const set = resolveSet(map, sets);
  if (set === undefined || set.unknown !== undefined) return [region];
  const pieces: Region[] = [];
  let rest = region;
  for (const element of set.elements) {
    if (rest.isEmpty) break;
    const one = { kind: "element-set", types: set.types, elements: [element] } as const;
    const { yes, no, unknown } = splitMatch(
      { kind: "match", left: key, comparison: "==", right: one },
      { ...flow, region: rest },
      sets,
    );
    pieces.push(yes, unknown);
    rest = no;
  }
  return [...pieces, rest].filter((piece) => !piece.isEmpty);
}

/** Everything that a region can be asked for: all sources of a family and all ports. */
export function wholeRegion(family: 4 | 6, hasPorts: boolean): Region {
  const all: readonly [Value, Value] = family === 4 ? [0, 0xffff_ffff] : [0n, (1n << 128n) - 1n];
  return Region.box(IntervalSet.of([[0, hasPorts ? 65_535 : 0]]), IntervalSet.of([all]));
}
