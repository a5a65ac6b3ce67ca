// One walk of one packet: its state, what has been met so far, and what was assumed of that which cannot be known.
import type { Decider, QuestionPacket } from "../packet-question.js";
import type { Rule } from "../ruleset.js";
import type { RejectWith } from "../statement.js";
import type { WalkState } from "./walk-state.js";

/** An end of the walk that is not an accept. */
export type WalkEnd =
  | { readonly kind: "drop"; readonly by?: Decider; readonly why?: string }
  | { readonly kind: "reject"; readonly with: RejectWith; readonly by?: Decider; readonly why?: string }
  | { readonly kind: "unknown"; readonly why: string; readonly by?: Decider };

/** The walk as it goes. */
export class WalkRun {
  readonly state: WalkState;
  readonly path: Decider[] = [];
  /** The last accept of the filters at the hook that the packet is at. */
  accepted: Decider | undefined;
  readonly #flipped: readonly boolean[];
  /** Why each question was open, in the order in which they were met. */
  readonly openQuestions: string[] = [];

  /** @param flipped Which of the questions that cannot be answered are answered the other way than is likely */
  constructor(state: WalkState, flipped: readonly boolean[]) {
    this.state = state;
    this.#flipped = flipped;
  }

  get packet(): QuestionPacket {
    return this.state.packet;
  }

  /** Whether something holds that cannot be known: what is likely, or in this walk the other. */
  assume(why: string, isLikely: boolean): boolean {
    const isFlipped = this.#flipped[this.openQuestions.length] ?? false;
    this.openQuestions.push(why);
    return isLikely !== isFlipped;
  }
}

/** "ip filter INPUT rule 3 (-A INPUT …)". */
export function ruleName({ place, text }: Rule): string {
  return `${place.family} ${place.table} ${place.chain} rule ${place.index} (${text})`;
}
