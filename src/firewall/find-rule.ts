// Finds rules again by where they stand.
import type { Decider } from "./packet-question.js";
import type { Rule, Ruleset } from "./ruleset.js";

/** The rules of a ruleset by their places. */
export class RuleFinder {
  readonly #rules = new Map<string, Rule>();

  constructor({ tables }: Ruleset) {
    for (const table of tables) {
      for (const chain of table.chains.values()) {
        for (const rule of chain.rules) this.#rules.set(keyOf(rule.place), rule);
      }
    }
  }

  /** The rule that decided; undefined for a policy. */
  find(decider: Decider): Rule | undefined {
    return decider.index === "policy" ? undefined : this.#rules.get(keyOf(decider));
  }
}

function keyOf({ family, table, chain, index }: Pick<Decider, "family" | "table" | "chain" | "index">): string {
  return [family, table, chain, index].join("\0");
}
