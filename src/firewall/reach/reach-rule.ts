// One rule for all packets of a flow at once: which of them it takes, and where those go.
import type { Rule } from "../ruleset.js";
import type { Statement, Verdict } from "../statement.js";
import type { SetFinder } from "../walk/evaluate.js";
import { actOn, type Effect } from "./act-on.js";
import type { Doubts } from "./doubts.js";
import { type Flow, withRegion } from "./flow.js";
import { Region } from "./region.js";
import { isCondition, splitCondition } from "./split-condition.js";

/** Packets that a rule takes, with its verdict. */
export interface Taken {
  readonly flow: Flow;
  readonly verdict: Verdict | "reject" | "unknown";
}

/** What comes of a flow at a rule. */
export interface RuleOutcome {
  /** On to the next rule. */
  readonly next: readonly Flow[];
  readonly taken: readonly Taken[];
}

/** What a walk through rules needs beside them. */
export interface RuleContext {
  readonly sets: SetFinder;
  readonly doubts: Doubts;
}

/** Packets within a rule: a flow, and what its conditions have left of it so far. */
interface Inside {
  readonly flow: Flow;
  /** Undefined where there was no condition yet. */
  readonly within: Region | undefined;
}

/** Walks a flow through the statements of a rule. */
export function flowThroughRule(rule: Rule, flow: Flow, context: RuleContext): RuleOutcome {
  const walk = new RuleWalk(rule, context);
  let inside: readonly Inside[] = [{ flow, within: undefined }];
  for (const statement of rule.statements) {
    if (statement.kind === "no-effect") continue;
    inside =
      inside.length === 1 && inside[0] !== undefined
        ? walk.pass(statement, inside[0])
        : inside.flatMap((one) => walk.pass(statement, one));
    if (inside.length === 0) break;
  }
  // Nothing has become of these: those for which the conditions hold go on like the others.
  for (const { flow: one } of inside) walk.next.push(one);
  return walk;
}

class RuleWalk implements RuleOutcome {
  readonly next: Flow[] = [];
  readonly taken: Taken[] = [];
  readonly #rule: Rule;
  readonly #context: RuleContext;

  constructor(rule: Rule, context: RuleContext) {
    this.#rule = rule;
    this.#context = context;
  }

  /** What is still inside the rule behind a statement. */
  pass(statement: Statement, one: Inside): readonly Inside[] {
    if (isCondition(statement)) return this.#passCondition(statement, one);
    const flow = this.#enter(one);
    if (flow === undefined) return [];
    return this.#act(statement, flow).map((after) => ({ flow: after, within: undefined }));
  }

  #passCondition(statement: Statement, { flow, within }: Inside): readonly Inside[] {
    const { yes, maybe } = splitCondition(statement, flow, this.#context.sets);
    const whole = Region.whole(flow.state.family);
    if (maybe.isEmpty) {
      if (yes === whole) return [{ flow, within }];
      if (!yes.isEmpty) return [{ flow, within: within?.intersect(yes) ?? yes }];
      this.next.push(flow);
      return [];
    }
    const open = flow.region.intersect(within?.intersect(maybe) ?? maybe);
    if (open.isEmpty) return [{ flow, within: within?.intersect(yes) ?? yes }];
    const doubtful = this.#doubt(withRegion(flow, open), this.#rule.text);
    this.next.push(doubtful);
    const rest = withRegion(flow, flow.region.subtract(open));
    return [
      { flow: rest, within: within?.intersect(yes) ?? yes },
      { flow: doubtful, within: undefined },
    ];
  }

  /** Those for which all conditions so far hold; the others go on to the next rule. */
  #enter({ flow, within }: Inside): Flow | undefined {
    if (within === undefined) return flow.region.isEmpty ? undefined : flow;
    const inside = flow.region.intersect(within);
    if (inside.isEmpty) {
      this.next.push(flow);
      return undefined;
    }
    const behind = flow.region.subtract(within);
    if (!behind.isEmpty) this.next.push(withRegion(flow, behind));
    return withRegion(flow, inside);
  }

  #act(statement: Statement, flow: Flow): readonly Flow[] {
    if (statement.kind === "verdict") {
      this.taken.push({ flow, verdict: statement.verdict });
      return [];
    }
    if (statement.kind === "diversion" || statement.kind === "unknown") {
      this.#lose(flow, this.#rule.text);
      return [];
    }
    return actOn(statement, this.#rule, flow, this.#context.sets).flatMap((effect) => this.#settle(effect));
  }

  /** What goes on within the rule. */
  #settle({ flow, result, isDoubtful }: Effect): readonly Flow[] {
    const own = isDoubtful ? this.#doubt(flow, this.#rule.text) : flow;
    if (result === "next") return [own];
    if (result === "end") this.next.push(own);
    else if (result.kind === "unknown") this.#lose(own, `${this.#rule.text}: ${result.why}`);
    else this.taken.push({ flow: own, verdict: result.kind === "reject" ? "reject" : result });
    return [];
  }

  #lose(flow: Flow, why: string): void {
    this.taken.push({ flow: this.#doubt(flow, why), verdict: "unknown" });
  }

  #doubt(flow: Flow, why: string): Flow {
    this.#context.doubts.add(flow.region, why);
    return flow.isDoubtful ? flow : { ...flow, isDoubtful: true };
  }
}
