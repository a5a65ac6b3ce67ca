// One walk of one packet: its state, what has been met so far, and what was assumed of that which cannot be known.
import type { Decider, QuestionPacket } from "../packet-question.js";
import type { Rule } from "../ruleset.js";
import type { RejectWith } from "../statement.js";
import type { WalkState } from "./walk-state.js";

/** An end of the walk that is not an accept. */
export type WalkEnd =
  | { readonly kind: "drop"; readonly by?: Decider; readonly why?: string }
  | { readonly kind: "reject"; readonly with: RejectWith; readonly by: Decider }
  | { readonly kind: "unknown"; readonly why: string; readonly by?: Decider };

/** The walk as it goes. */
export class WalkRun {
  readonly state: WalkState;
  readonly path: Decider[] = [];
  readonly #assumed: readonly boolean[];
  /** Why each question was open, in the order in which they were met. */
  readonly openQuestions: string[] = [];

  /** @param assumed What is assumed of the first questions that cannot be answered; of later ones, no */
  constructor(state: WalkState, assumed: readonly boolean[]) {
    this.state = state;
    this.#assumed = assumed;
  }

  get packet(): QuestionPacket {
    return this.state.packet;
  }

  /** Whether a condition holds that cannot be known: as it is assumed in this walk. */
  assume(rule: Rule, why: string): boolean {
    const answer = this.#assumed[this.openQuestions.length] ?? false;
    this.openQuestions.push(`${ruleName(rule)}: ${why}`);
    return answer;
  }
}

/** "ip filter INPUT rule 3 (-A INPUT …)". */
export function ruleName({ place, text }: Rule): string {
  return `${place.family} ${place.table} ${place.chain} rule ${place.index} (${text})`;
}
