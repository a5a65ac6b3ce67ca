// What a statement that changes or sends packets does with a flow: it is run as for a single packet, once for each part of the
// flow within which it does the same.
import type { Rule } from "../ruleset.js";
import type { Statement } from "../statement.js";
import type { SetFinder } from "../walk/evaluate.js";
import { ruleStatementStep, type Step, type StepResult } from "../walk/rule-step.js";
import { WalkRun } from "../walk/walk-run.js";
import { type Flow, stateAt, withRegion } from "./flow.js";
import { IntervalSet } from "./interval-set.js";
import { type Part, partsOf } from "./partition.js";
import { Region } from "./region.js";

/** What comes of a part of a flow. */
export interface Effect {
  readonly flow: Flow;
  readonly result: StepResult;
  /** True when the question does not tell whether it comes to this. */
  readonly isDoubtful: boolean;
}

/** So many open questions within one statement are tried both ways. */
const OPEN_QUESTIONS_MAX = 4;

/** What a statement does with a flow. */
export function actOn(statement: Statement, rule: Rule, flow: Flow, sets: SetFinder): readonly Effect[] {
  return cutByStatement(statement, flow, sets).flatMap(({ region, isAlike }) => {
    const part = withRegion(flow, flow.region.intersect(region));
    if (part.region.isEmpty) return [];
    const own = isAlike ? statement : withoutValue(statement);
    return own === undefined ? [unknownEffect(part)] : actOnPart(own, ruleStatementStep(own, rule, sets), part);
  });
}

function unknownEffect(flow: Flow): Effect {
  return { flow, result: { kind: "unknown", why: "what it does differs from packet to packet" }, isDoubtful: false };
}

function cutByStatement(statement: Statement, flow: Flow, sets: SetFinder): readonly Part[] {
  if (statement.kind === "verdict-map" || statement.kind === "nat" || statement.kind === "set-field")
    return partsOf(statement, flow, sets);
  return [{ region: Region.whole(flow.state.family), isAlike: true }];
}

/** Writing something that is not known makes the field unknown; undefined where nothing can be said of what comes. */
function withoutValue(statement: Statement): Statement | undefined {
  if (statement.kind !== "set-field") return undefined;
  return { ...statement, value: { kind: "unknown", text: "differs from packet to packet" } };
}

function actOnPart(statement: Statement, step: Step, flow: Flow): readonly Effect[] {
  if (statement.kind === "nat") return natEffects(step, flow).map((effect) => forgetSource(effect, statement));
  const isPortSet = flow.isPortSet || (statement.kind === "set-field" && writesPort(statement));
  const [sample] = flow.region.samples();
  if (sample === undefined) return [];
  return runs(step, flow, sample).map((effect) => ({ ...effect, flow: { ...effect.flow, isPortSet } }));
}

function writesPort({ field }: Statement & { readonly kind: "set-field" }): boolean {
  return field.kind === "payload" && field.field === "dport";
}

/**
 * Whether NAT has set the port is seen by asking for two of them: then the packet that has that port already is one of its own,
 * since for it nothing changes.
 */
function natEffects(step: Step, flow: Flow): readonly Effect[] {
  const [first, second] = flow.region.samples();
  if (first === undefined) return [];
  if (flow.isPortSet || !flow.state.hasPorts) return runs(step, flow, first);
  const effects = runs(step, flow, first);
  const [after] = effects;
  if (after === undefined) return effects;
  const { destinationPort } = after.flow.state;
  if (second === undefined) {
    const isPortSet = destinationPort !== first.port;
    return effects.map((effect) => ({ ...effect, flow: { ...effect.flow, isPortSet } }));
  }
  const [other] = runs(step, flow, second);
  const isKept = destinationPort === first.port && other?.flow.state.destinationPort === second.port;
  if (isKept) return effects;
  const same = Region.ofPorts(IntervalSet.of([[destinationPort, destinationPort]]), flow.state.family);
  return [flow.region.intersect(same), flow.region.subtract(same)].flatMap((region) => {
    const [sample] = region.samples();
    if (sample === undefined) return [];
    const own = runs(step, withRegion(flow, region), sample);
    return own.map((effect) => ({ ...effect, flow: { ...effect.flow, isPortSet: true } }));
  });
}

/** A network in the source's place (netmap) leaves each packet its own host bits. */
function forgetSource(effect: Effect, { isPrefix }: Statement & { readonly kind: "nat" }): Effect {
  const { state } = effect.flow;
  if (isPrefix && state.isSourceChanged) state.clobbered.add(state.family === 4 ? "ip saddr" : "ip6 saddr");
  return effect;
}

/** Runs the step for one packet, with each answer to what it leaves open. */
function runs(
  step: Step,
  flow: Flow,
  { source, port }: { readonly source: number | bigint; readonly port: number },
): readonly Effect[] {
  const effects: Effect[] = [];
  const pending: (readonly boolean[])[] = [[]];
  for (let assumed = pending.pop(); assumed !== undefined; assumed = pending.pop()) {
    const state = stateAt(flow, source, port);
    const run = new WalkRun(state, assumed);
    const result = step(run);
    const isSourceSet = flow.isSourceSet || state.isSourceChanged;
    const isDoubtful = run.openQuestions.length > 0;
    effects.push({ flow: { ...flow, state, isSourceSet }, result, isDoubtful });
    if (run.openQuestions.length > OPEN_QUESTIONS_MAX) return [unknownEffect(flow)];
    for (let at = assumed.length; at < run.openQuestions.length; at++) {
      pending.push([...assumed, ...new Array<boolean>(at - assumed.length).fill(false), true]);
    }
  }
  return effects;
}
