// Rules that do nothing, for people.
import type { DeadRule } from "../../firewall/dead-rules.js";
import type { Rule } from "../../firewall/ruleset.js";
import { printable } from "../printable.js";
import { countOf } from "../quantity.js";

/** A paragraph with a line or two for each; empty where there is none. */
export function deadRulesText(dead: readonly DeadRule[]): string {
  if (dead.length === 0) return "";
  return `${["", "Rules that do nothing, and rules that take everything:", ...dead.flatMap(linesOf)].join("\n")}\n`;
}

function linesOf(dead: DeadRule): readonly string[] {
  switch (dead.kind) {
    case "unreached-chain": {
      const { table, chain } = dead;
      const name = [table.family, table.name, chain.name].map(printable).join(" ");
      return [`  ${name}: nothing leads to this chain, with ${countOf(chain.rules.length, "rule")}`];
    }
    case "shadowed":
      return [
        `  ${placeOf(dead.rule)} is never reached: ${printable(dead.rule.text)}`,
        `      rule ${dead.by.place.index} takes all that it would: ${printable(dead.by.text)}`,
      ];
    case "takes-all":
      return [
        `  ${placeOf(dead.rule)} takes every packet, so ${countOf(dead.behindCount, "rule")} behind it are never reached`,
        `      ${printable(dead.rule.text)}`,
      ];
  }
}

function placeOf({ place }: Rule): string {
  return `${[place.family, place.table, place.chain].map(printable).join(" ")} rule ${place.index}`;
}
