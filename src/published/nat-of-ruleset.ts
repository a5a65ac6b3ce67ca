// Rules of address translation out of the firewall's model: chains of type "nat", and all that they call.
import type { Chain, Ruleset, Table } from "../firewall/ruleset.js";
import { type NatChainFinder, takeRule } from "./nat-rule-reading.js";
import type { NatChain, NatRule, NatRuleset } from "./nat-rules.js";

/**
 * NAT rules by whose they are: nobody knows which of the two back ends of iptables is called first, since they stand at the
 * same places.
 */
export function natOfRuleset({ tables }: Ruleset): readonly NatRuleset[] {
  const awake = tables.filter(({ isDormant }) => !isDormant);
  const [ofNftables, old] = [awake.filter((table) => !isOld(table)), awake.filter(isOld)];
  return [{ bases: basesOf(ofNftables) }, { bases: basesOf(old) }];
}

function isOld({ origin }: Table): boolean {
  return origin === "iptables-legacy";
}

/** Of chains with one priority the kernel calls that first which was registered last (nf_hook_entries_grow()). */
function basesOf(tables: readonly Table[]): NatRuleset["bases"] {
  const bases = tables.flatMap((table) => {
    const chains = new TableChains(table);
    return [...table.chains.values()].flatMap(({ name, base }) => {
      const chain = chains.named(name);
      if (chain === undefined || base?.type !== "nat") return [];
      const { hook, priority } = base;
      return hook === "prerouting" || hook === "output" ? [{ chain, hook, priority }] : [];
    });
  });
  return bases.reverse().sort((one, other) => one.priority - other.priority);
}

/** Finds chains, which have names of their own in each table. */
class TableChains implements NatChainFinder {
  readonly table: Table;
  readonly #known = new Map<string, NatChain>();

  constructor(table: Table) {
    this.table = table;
  }

  named(name: string): NatChain | undefined {
    const known = this.#known.get(name);
    const chain = known === undefined ? this.table.chains.get(name) : undefined;
    if (chain === undefined) return known;
    const fresh = new ReadChain(chain, this);
    this.#known.set(name, fresh);
    return fresh;
  }
}

/** A chain that is read when a way leads to it. */
class ReadChain implements NatChain {
  readonly #chain: Chain;
  readonly #chains: TableChains;
  #rules: readonly NatRule[] | undefined;

  constructor(chain: Chain, chains: TableChains) {
    this.#chain = chain;
    this.#chains = chains;
  }

  get rules(): readonly NatRule[] {
    this.#rules ??= rulesOf(this.#chain, this.#chains);
    return this.#rules;
  }
}

function rulesOf({ rules }: Chain, chains: TableChains): readonly NatRule[] {
  const found: NatRule[] = [];
  for (const rule of rules) takeRule(rule, chains, found);
  return found;
}
