// Splits all packets by a condition of a rule, of whichever kind; iptables has conditions within conditions.
import type { Statement } from "../statement.js";
import type { SetFinder } from "../walk/evaluate.js";
import type { Flow } from "./flow.js";
import { Region } from "./region.js";
import { splitMatch } from "./split-match.js";
import type { Split } from "./split-set.js";

/** Statements that only say whether the rule goes on. */
export function isCondition({ kind }: Statement): boolean {
  return kind === "match" || kind === "all" || kind === "any" || kind === "budget";
}

/** Where a condition holds, and where that is not known. */
export function splitCondition(statement: Statement, flow: Flow, sets: SetFinder): Split {
  const whole = Region.whole(flow.state.family);
  switch (statement.kind) {
    case "match":
      return splitMatch(statement, flow, sets);
    case "all":
    case "any":
      return splitGroup(statement, flow, sets);
    case "budget":
      if (statement.first === undefined) return { yes: Region.empty, maybe: whole };
      return { yes: statement.first ? whole : Region.empty, maybe: Region.empty };
    case "unknown":
      return { yes: Region.empty, maybe: whole };
    default:
      return { yes: whole, maybe: Region.empty };
  }
}

/** A break within a group is a plain no: iptables' matches know no break. */
function splitGroup(
  { kind, conditions, isNegated }: Statement & { readonly kind: "all" | "any" },
  flow: Flow,
  sets: SetFinder,
): Split {
  const whole = Region.whole(flow.state.family);
  let yes = kind === "all" ? whole : Region.empty;
  let possible = yes;
  for (const condition of conditions) {
    const own = splitCondition(condition, flow, sets);
    const ownPossible = own.yes.unite(own.maybe);
    yes = kind === "all" ? yes.intersect(own.yes) : yes.unite(own.yes);
    possible = kind === "all" ? possible.intersect(ownPossible) : possible.unite(ownPossible);
  }
  const maybe = possible.subtract(yes);
  return { yes: isNegated ? whole.subtract(possible) : yes, maybe };
}
