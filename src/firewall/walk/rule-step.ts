// The statements of a rule made into steps: each goes on, ends the rule, or says where the packet goes.
import type { Field } from "../expression.js";
import type { Rule } from "../ruleset.js";
import type { RejectWith, Statement, Verdict } from "../statement.js";
import { type Condition, matchCondition } from "./condition.js";
import { elementIndex } from "./element-index.js";
import { keyFault, keyReader, resolveSet, type SetFinder, valueReader } from "./evaluate.js";
import { natStep } from "./nat-step.js";
import { BREAK, type FieldReader, isValue, type Reading } from "./reading.js";
import { isAnswered } from "./reject-answer.js";
import { ruleName, type WalkRun } from "./walk-run.js";
import { TCP, type WalkState } from "./walk-state.js";

/** What comes of a step. */
export type StepResult =
  | "next"
  | "end"
  | Verdict
  | { readonly kind: "reject"; readonly with: RejectWith }
  | { readonly kind: "unknown"; readonly why: string };

/** A statement as a function. */
export type Step = (run: WalkRun) => StepResult;

/** The steps of a rule. */
export function ruleSteps(rule: Rule, sets: SetFinder): readonly Step[] {
  return rule.statements
    .filter(({ kind }) => kind !== "no-effect")
    .map((statement) => ruleStatementStep(statement, rule, sets));
}

/** The step of one statement. */
export function ruleStatementStep(statement: Statement, rule: Rule, sets: SetFinder): Step {
  switch (statement.kind) {
    case "match":
    case "all":
    case "any":
      return conditionStep(conditionOf(statement, rule, sets), rule);
    case "verdict": {
      const { verdict } = statement;
      return () => verdict;
    }
    case "verdict-map":
      return verdictMapStep(statement, rule, sets);
    case "reject":
      return rejectStep(statement);
    case "nat":
      return natStep(statement, sets);
    case "set-field":
      return setFieldStep(statement, valueReader(statement.value, sets));
    case "notrack":
      return ({ state }) => {
        if (!state.hasConnection) state.isUntracked = true;
        return "next";
      };
    case "budget":
      return budgetStep(statement, rule);
    case "update-set":
      return updateStep(statement, rule, sets);
    case "no-effect":
      return () => "next";
    case "diversion":
    case "unknown": {
      const why = `what it does cannot be followed: ${statement.text}`;
      return () => ({ kind: "unknown", why });
    }
  }
}

/** Conditions within conditions: iptables has matches that are negated as a whole. */
function conditionOf(statement: Statement, rule: Rule, sets: SetFinder): Condition {
  switch (statement.kind) {
    case "match":
      return matchCondition(statement, sets);
    case "all":
    case "any":
      return groupCondition(statement, rule, sets);
    case "budget":
      return () => (statement.first === undefined ? "unknown" : statement.first ? "yes" : "no");
    case "unknown":
      return () => "unknown";
    default:
      return () => "yes";
  }
}

function groupCondition(
  { kind, conditions, isNegated }: Statement & { readonly kind: "all" | "any" },
  rule: Rule,
  sets: SetFinder,
): Condition {
  const parts = conditions.map((condition) => conditionOf(condition, rule, sets));
  const deciding = kind === "all" ? "no" : "yes";
  return (state) => {
    let isOpen = false;
    for (const part of parts) {
      const answer = part(state);
      // Within a group a break is a plain no: iptables' matches know no break.
      if ((answer === "break" ? "no" : answer) === deciding) return negated(deciding, isNegated);
      isOpen ||= answer === "unknown";
    }
    return isOpen ? "unknown" : negated(deciding === "no" ? "yes" : "no", isNegated);
  };
}

function negated(answer: "yes" | "no", isNegated: boolean): "yes" | "no" {
  return (answer === "yes") === isNegated ? "no" : "yes";
}

function conditionStep(condition: Condition, rule: Rule): Step {
  const why = `${ruleName(rule)}: whether it matches is not told by the question`;
  return (run) => {
    const answer = condition(run.state);
    if (answer === "yes") return "next";
    if (answer !== "unknown") return "end";
    return run.assume(why, isLikely(condition, run.state)) ? "next" : "end";
  };
}

/** Most connections have no mark. */
function isLikely(condition: Condition, state: WalkState): boolean {
  state.isGuessed = true;
  const answer = condition(state);
  state.isGuessed = false;
  return answer === "yes";
}

function verdictMapStep({ key, map }: Statement & { readonly kind: "verdict-map" }, rule: Rule, sets: SetFinder): Step {
  const set = resolveSet(map, sets);
  if (set === undefined || set.unknown !== undefined) {
    const why = "the contents of its map are not known";
    return () => ({ kind: "unknown", why });
  }
  const index = elementIndex(set);
  const read = keyReader(key, sets);
  return ({ state }) => {
    const parts = read(state);
    const fault = keyFault(parts);
    if (fault === BREAK) return "end";
    const isOpen = fault !== undefined && index.mayFind(parts);
    if (isOpen) return { kind: "unknown", why: `the key of its map is not told: ${rule.text}` };
    const element = fault === undefined ? index.find(parts) : undefined;
    const data = element === undefined ? set.fallback : element.data;
    return data === undefined ? "end" : (data as Verdict); // a map of verdicts holds nothing else
  };
}

function rejectStep({ ipv4, ipv6 }: Statement & { readonly kind: "reject" }): Step {
  return ({ state }) => {
    const answer = state.family === 4 ? ipv4 : ipv6;
    if (answer === undefined) return "end";
    // nft puts this condition before the rule, and does not list it in tables of one family.
    if (answer === "tcp-reset" && state.protocol !== TCP) return "end";
    return isAnswered(state, answer) ? { kind: "reject", with: answer } : { kind: "drop" };
  };
}

function budgetStep({ first, why }: Statement & { readonly kind: "budget" }, rule: Rule): Step {
  if (first !== undefined) return () => (first ? "next" : "end");
  return (run) => (run.assume(`${ruleName(rule)}: ${why}`, false) ? "next" : "end");
}

/** The element is made with its own budgets, which answer as for a first packet. */
function updateStep({ key, inner }: Statement & { readonly kind: "update-set" }, rule: Rule, sets: SetFinder): Step {
  const read = keyReader(key, sets);
  const steps = inner
    .filter(({ kind }) => kind !== "no-effect")
    .map((statement) => ruleStatementStep(statement, rule, sets));
  return (run) => {
    const fault = keyFault(read(run.state));
    if (fault === BREAK) return "end";
    for (const step of steps) {
      const result = step(run);
      if (result !== "next") return result;
    }
    return "next";
  };
}

function setFieldStep({ field, isOptional }: Statement & { readonly kind: "set-field" }, read: FieldReader): Step {
  const write = fieldWriter(field);
  const whenMissing = isOptional === true ? "next" : "end";
  return ({ state }) => {
    const value = read(state);
    if (value === BREAK) return whenMissing;
    write(state, value);
    return "next";
  };
}

type FieldWriter = (state: WalkState, value: Reading) => void;

const WRITERS: Readonly<Record<string, (state: WalkState, value: number) => void>> = {
  "meta mark": (state, value) => {
    state.mark = value;
  },
  "ct mark": (state, value) => {
    // Where there is no connection yet, nothing keeps it (nft_ct_set_eval(), connmark_tg_shift()).
    if (!state.hasConnection) return;
    state.connectionMark = value;
    state.isConnectionMarkKnown = true;
  },
  "ip ttl": (state, value) => {
    state.ttl = value;
  },
  "ip6 hoplimit": (state, value) => {
    state.ttl = value;
  },
  "ip dscp": (state, value) => {
    state.trafficClass = (value << 2) | (state.trafficClass & 3);
  },
  "ip6 dscp": (state, value) => {
    state.trafficClass = (value << 2) | (state.trafficClass & 3);
  },
  "ip tos": (state, value) => {
    state.trafficClass = value;
  },
  "ip6 tos": (state, value) => {
    state.trafficClass = value;
  },
  "ip ecn": (state, value) => {
    state.trafficClass = (state.trafficClass & ~3) | value;
  },
  "ip6 ecn": (state, value) => {
    state.trafficClass = (state.trafficClass & ~3) | value;
  },
  "tcp flags": (state, value) => {
    state.tcpFlags = value;
  },
  "tcp dport": (state, value) => {
    state.destinationPort = value;
  },
  "udp dport": (state, value) => {
    state.destinationPort = value;
  },
  "tcp sport": (state, value) => {
    state.sourcePort = value;
  },
  "udp sport": (state, value) => {
    state.sourcePort = value;
  },
};

/** What is written into a field that is not followed, and what is not known, may be anything from here on. */
function fieldWriter(field: Field): FieldWriter {
  const name = fieldName(field);
  const write = WRITERS[name];
  return (state, value) => {
    if (write !== undefined && typeof value === "number" && isValue(value)) {
      state.clobbered.delete(name);
      write(state, value);
    } else if (name !== "meta nftrace") state.clobbered.add(name);
  };
}

function fieldName(field: Field): string {
  switch (field.kind) {
    case "meta":
      return `meta ${field.key}`;
    case "ct":
      return `ct ${field.key}`;
    case "payload":
      return `${field.protocol} ${field.field}`;
    default:
      return field.kind;
  }
}
