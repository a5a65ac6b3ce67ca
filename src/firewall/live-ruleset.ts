// The rules of this machine, as its own programs list them.
import { type FullRulesetTexts, type RulesetText, readFullRulesets } from "../linux/ruleset-text.js";
import { PrivilegeError } from "../model/errors.js";
import { type Listing, readRuleset } from "./read-ruleset.js";
import type { Ruleset } from "./ruleset.js";

const NAMES: Readonly<Record<keyof FullRulesetTexts, string>> = {
  nft: "nft -a list ruleset",
  iptables: "iptables-save",
  ip6tables: "ip6tables-save",
  iptablesLegacy: "iptables-legacy-save",
  ip6tablesLegacy: "ip6tables-legacy-save",
  ipset: "ipset save",
};

/**
 * Reads them all.
 *
 * @throws PrivilegeError when this user may not list them
 */
export async function readLiveRuleset(): Promise<Ruleset> {
  return rulesetOf(await readFullRulesets());
}

/**
 * The rules that a machine's own programs have listed.
 *
 * @throws PrivilegeError when none of them could
 */
export function rulesetOf(texts: FullRulesetTexts): Ruleset {
  const rows = Object.entries(texts) as readonly (readonly [keyof FullRulesetTexts, RulesetText])[];
  const listings = rows.flatMap(([key, text]): readonly Listing[] => {
    if (text.kind !== "text" || text.text.trim() === "") return [];
    return [{ text: text.text, file: NAMES[key] }];
  });
  const fault = rows.find(([, text]) => text.kind === "fault");
  if (listings.length === 0 && fault !== undefined) throw refused(fault);
  return withFaults(readRuleset(listings, undefined), rows);
}

function refused([key, text]: readonly [keyof FullRulesetTexts, RulesetText]): PrivilegeError {
  const why = text.kind === "fault" ? text.why : "";
  return new PrivilegeError(`the rules cannot be listed: ${NAMES[key]}: ${why}`, {
    hint: "run as root, or give a file that root wrote: nft -a list ruleset > rules.nft",
  });
}

function withFaults(ruleset: Ruleset, rows: readonly (readonly [keyof FullRulesetTexts, RulesetText])[]): Ruleset {
  const notes = rows.flatMap(([key, text]) =>
    text.kind === "fault"
      ? [{ code: "not-listed", text: `${NAMES[key]} failed, so its rules are missing: ${text.why}` }]
      : [],
  );
  return { ...ruleset, notes: [...ruleset.notes, ...notes] };
}
