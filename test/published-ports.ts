// Runs inside the lab: reads the rules there by the system's own programs, and tells which ports lead elsewhere, as JSON.
import process from "node:process";
import { type RulesetText, readRulesets } from "../src/linux/ruleset-text.js";
import { portsByRules } from "../src/published/published-ports.js";

function textsOf(...texts: readonly RulesetText[]): readonly string[] {
  return texts.flatMap((one) => (one.kind === "text" ? [one.text] : []));
}

const { nft, iptables, ip6tables, iptablesLegacy, ip6tablesLegacy } = await readRulesets();
const found = await portsByRules({
  iptables: textsOf(iptables, iptablesLegacy),
  ip6tables: textsOf(ip6tables, ip6tablesLegacy),
  nft: textsOf(nft)[0],
});
const kinds = { nft: nft.kind, iptables: iptables.kind, ip6tables: ip6tables.kind };
process.stdout.write(JSON.stringify({ ...found, kinds }));
