// A table of iptables-nft stands in two listings: nft shows matches of xtables without what they say, and iptables-save leaves
// out, without a word, what nft alone can say. Rule by rule the one that has it whole is taken. Seen with nft 1.0.6 and
// iptables 1.8.9: of `tcp dport { 80, 90 } accept` iptables-save makes "-p tcp -j ACCEPT", and of
// `ip saddr 10.0.0.1-10.0.0.5 accept` "-s 10.0.0.5/32 -j ACCEPT"; base chains with names of their own it only says to be there.
import type { NamedSet } from "./element-set.js";
import type { Expression } from "./expression.js";
import type { BaseChain, Chain, Rule, Table } from "./ruleset.js";
import type { Statement } from "./statement.js";

/** One table of both listings. */
export function mergeListings(nft: Table, saved: Table): Table {
  const chains = new Map<string, Chain>();
  for (const chain of nft.chains.values()) chains.set(chain.name, mergeChains(chain, saved.chains.get(chain.name)));
  // Built-in chains without a rule, which iptables has not made yet.
  for (const chain of saved.chains.values()) if (!chains.has(chain.name)) chains.set(chain.name, chain);
  return { ...nft, origin: saved.origin, chains, sets: mergeSets(nft.sets, saved.sets) };
}

function mergeChains(nft: Chain, saved: Chain | undefined): Chain {
  if (saved === undefined) return nft;
  const base = baseOf(nft.base, saved.base);
  return { ...nft, ...(base === undefined ? {} : { base }), rules: mergeRules(nft.rules, saved.rules) };
}

/** The policy's counter is in iptables-save alone. */
function baseOf(nft: BaseChain | undefined, saved: BaseChain | undefined): BaseChain | undefined {
  const counter = saved?.counter === undefined ? {} : { counter: saved.counter };
  return nft === undefined ? undefined : { ...counter, ...nft };
}

/** Rules stand in the same order in both; where their numbers differ, one listing is older than the other. */
function mergeRules(nft: readonly Rule[], saved: readonly Rule[]): readonly Rule[] {
  if (nft.length !== saved.length) return nft.every(hasCounter) ? saved : nft;
  return nft.map((rule, at) => {
    const other = saved[at];
    return other !== undefined && isWholeIn(other, rule) ? other : rule;
  });
}

/** True when iptables-save says all that a rule asks. */
function isWholeIn(saved: Rule, nft: Rule): boolean {
  if (nft.statements.some(isOfXtables)) return true;
  return hasCounter(nft) && lookupCount(nft.statements) <= lookupCount(saved.statements);
}

/** What nft shows by its name alone. */
function isOfXtables(statement: Statement): boolean {
  return statement.kind === "unknown" && statement.text.startsWith("xt ");
}

/** iptables-nft gives each of its rules a counter, while people seldom do. */
function hasCounter({ statements }: Rule): boolean {
  return statements.some((one) => one.kind === "no-effect" && isOwnCounter(one.text));
}

function isOwnCounter(text: string): boolean {
  return text === "counter" || text.startsWith("counter packets ");
}

/** How often more than one value is asked for: what iptables-save loses. */
function lookupCount(statements: readonly Statement[]): number {
  return statements.reduce((sum, statement) => sum + lookupsOf(statement), 0);
}

function lookupsOf(statement: Statement): number {
  switch (statement.kind) {
    case "match":
      return isLookup(statement.right) ? 1 : 0;
    case "all":
    case "any":
      return lookupCount(statement.conditions);
    case "verdict-map":
    case "update-set":
      return 1;
    case "nat":
      return [statement.address, statement.port].filter((end) => end?.kind === "map").length;
    case "set-field":
      return statement.value.kind === "map" ? 1 : 0;
    default:
      return 0;
  }
}

function isLookup({ kind }: { readonly kind: Expression["kind"] | "element-set" | "set-reference" }): boolean {
  return kind === "element-set" || kind === "set-reference" || kind === "range" || kind === "map";
}

/** nft's own and ipset's; of a name that both have, nobody knows which one a rule means. */
function mergeSets(
  nft: ReadonlyMap<string, NamedSet>,
  saved: ReadonlyMap<string, NamedSet>,
): ReadonlyMap<string, NamedSet> {
  if (nft.size === 0) return saved;
  const sets = new Map([...saved, ...nft]);
  for (const [name, set] of nft) {
    if (saved.has(name)) sets.set(name, { ...set, unknown: "a set of nftables and one of ipset's have this name" });
  }
  return sets;
}
