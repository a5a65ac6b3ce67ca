// A packet's way through the rules of one base chain and of what it jumps to.
import type { Decider } from "../packet-question.js";
import type { BaseChain, Chain, Rule, Table } from "../ruleset.js";
import type { Verdict } from "../statement.js";
import type { SetFinder } from "./evaluate.js";
import { RuleIndex } from "./rule-index.js";
import { ruleSteps, type Step, type StepResult } from "./rule-step.js";
import { ruleName, type WalkEnd, type WalkRun } from "./walk-run.js";

/** NFT_JUMP_STACK_SIZE (include/net/netfilter/nf_tables.h): the kernel refuses deeper ones. */
const JUMPS_MAX = 16;

/** A rule whose steps are made when it is first met: of ten thousand, most are not. */
class CompiledRule {
  readonly rule: Rule;
  readonly #sets: SetFinder;
  #steps: readonly Step[] | undefined;

  constructor(rule: Rule, sets: SetFinder) {
    this.rule = rule;
    this.#sets = sets;
  }

  get steps(): readonly Step[] {
    this.#steps ??= ruleSteps(this.rule, this.#sets);
    return this.#steps;
  }
}

interface CompiledChain {
  readonly rules: readonly CompiledRule[];
  /** Which rules a packet may match; undefined where all are looked at. */
  readonly index: RuleIndex | undefined;
}

/** A table whose chains can be walked. */
export class CompiledTable {
  readonly table: Table;
  readonly #chains = new Map<string, CompiledChain>();
  readonly sets: SetFinder;
  readonly #isRewriting: boolean;

  constructor(table: Table) {
    this.table = table;
    this.sets = (name) => table.sets.get(name);
    this.#isRewriting = [...table.chains.values()].some(({ rules }) => rules.some(rewritesPacket));
  }

  /** A chain; undefined for one that is not there. */
  chain(name: string): CompiledChain | undefined {
    const known = this.#chains.get(name);
    if (known !== undefined) return known;
    const chain = this.table.chains.get(name);
    if (chain === undefined) return undefined;
    const compiled: CompiledChain = {
      rules: chain.rules.map((rule) => new CompiledRule(rule, this.sets)),
      index: this.#isRewriting ? undefined : RuleIndex.of(chain.rules),
    };
    this.#chains.set(name, compiled);
    return compiled;
  }
}

/** True for a rule behind which headers may read differently than before it. */
function rewritesPacket({ statements }: Rule): boolean {
  return statements.some((statement) => statement.kind === "set-field" && statement.field.kind === "payload");
}

/** How a chain was left: towards the packet's end, or back to whoever jumped to it. */
type ChainEnd = "accept" | "back" | WalkEnd;

/** Walks a base chain with its policy; "accept" when the packet goes on. */
export function walkBaseChain(
  run: WalkRun,
  compiled: CompiledTable,
  chain: Chain & { readonly base: BaseChain },
): "accept" | WalkEnd {
  const end = walkChain(run, compiled, chain.name, 0);
  if (end !== "back") return end;
  const { policy } = chain.base;
  const { family, name } = compiled.table;
  const decider: Decider = { family, table: name, chain: chain.name, index: "policy", verdict: policy };
  run.path.push(decider);
  return policy === "accept" ? "accept" : { kind: "drop", by: decider };
}

function walkChain(run: WalkRun, compiled: CompiledTable, name: string, depth: number): ChainEnd {
  const chain = compiled.chain(name);
  if (chain === undefined) return { kind: "unknown", why: `there is no chain ${name}` };
  if (depth > JUMPS_MAX) return { kind: "unknown", why: `chains jump in a circle, or too deep, at ${name}` };
  const { rules, index } = chain;
  const places = index?.candidates(run.state);
  const count = places?.length ?? rules.length;
  for (let at = 0; at < count; at++) {
    const one = rules[places?.[at] ?? at];
    const end = one === undefined ? "next" : walkRule(run, compiled, one, depth);
    if (end !== "next") return end;
  }
  return "back";
}

function walkRule(
  run: WalkRun,
  compiled: CompiledTable,
  { rule, steps }: CompiledRule,
  depth: number,
): ChainEnd | "next" {
  for (const step of steps) {
    const result = step(run);
    if (result === "end") return "next";
    if (result !== "next") return obey(run, compiled, rule, result, depth);
  }
  run.path.push(deciderOf(rule, "continue"));
  return "next";
}

function obey(
  run: WalkRun,
  compiled: CompiledTable,
  rule: Rule,
  result: Exclude<StepResult, string>,
  depth: number,
): ChainEnd | "next" {
  if (result.kind === "unknown")
    return { kind: "unknown", why: `${ruleName(rule)}: ${result.why}`, by: deciderOf(rule, "unknown") };
  const decider = deciderOf(rule, verdictText(result));
  run.path.push(decider);
  switch (result.kind) {
    case "accept":
      return "accept";
    case "drop":
      return { kind: "drop", by: decider };
    case "reject":
      return { kind: "reject", with: result.with, by: decider };
    case "continue":
      return "next";
    case "return":
      return "back";
    case "queue":
      return { kind: "unknown", why: `${ruleName(rule)}: a program decides (queue)`, by: decider };
    case "jump": {
      const end = walkChain(run, compiled, result.chain, depth + 1);
      return end === "back" ? "next" : end;
    }
    case "goto":
      return walkChain(run, compiled, result.chain, depth + 1);
  }
}

function deciderOf({ place }: Rule, verdict: string): Decider {
  return { family: place.family, table: place.table, chain: place.chain, index: place.index, verdict };
}

function verdictText(verdict: Verdict | { readonly kind: "reject" }): string {
  return verdict.kind === "jump" || verdict.kind === "goto" ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}
