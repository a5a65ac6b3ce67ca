// What a packet meets at each hook, in the kernel's order: base chains by priority, connection tracking, NAT.
import type { BaseChain, Chain, Hook, Ruleset } from "../ruleset.js";
import { CompiledTable } from "./chain-walk.js";
import { isTracking } from "./tracking-use.js";

/** A base chain with its table. */
export interface HookChain {
  readonly table: CompiledTable;
  readonly chain: Chain & { readonly base: BaseChain };
}

/** One thing at a hook. */
export type Station =
  | { readonly kind: "chain"; readonly at: HookChain }
  | { readonly kind: "conntrack" }
  /** All NAT chains of the hook, one after another, at one place (nf_nat_inet_fn()). */
  | { readonly kind: "nat"; readonly chains: readonly HookChain[] };

/** Priorities of the kernel's own (include/uapi/linux/netfilter_ipv4.h). */
const CONNTRACK = -200;
const NAT_DESTINATION = -100;
const NAT_SOURCE = 100;

/** All base chains of a ruleset, by hook. */
export class HookStations {
  readonly #chains: readonly HookChain[];
  readonly #known = new Map<string, readonly Station[]>();

  readonly #ruleset: Ruleset;

  constructor(ruleset: Ruleset) {
    this.#ruleset = ruleset;
    this.#chains = ruleset.tables
      .filter(({ isDormant }) => !isDormant)
      .flatMap((table) => {
        const compiled = new CompiledTable(table);
        return [...table.chains.values()].flatMap((chain): HookChain[] =>
          chain.base === undefined ? [] : [{ table: compiled, chain: { ...chain, base: chain.base } }],
        );
      });
  }

  /** What a packet of a family meets at a hook. */
  at(hook: Hook, family: 4 | 6): readonly Station[] {
    const key = `${hook} ${family}`;
    const known = this.#known.get(key) ?? this.#build(hook, family);
    this.#known.set(key, known);
    return known;
  }

  #build(hook: Hook, family: 4 | 6): readonly Station[] {
    const own = this.#chains.filter((one) => isMet(one, hook, family));
    const filters = own.filter(({ chain }) => chain.base.type !== "nat");
    const nats = inOrder(own.filter(({ chain }) => chain.base.type === "nat"));
    const rows: { readonly priority: number; readonly station: Station }[] = inOrder(filters).map((at) => ({
      priority: at.chain.base.priority,
      station: { kind: "chain", at },
    }));
    if (hook === "prerouting" || hook === "output") rows.push({ priority: CONNTRACK, station: { kind: "conntrack" } });
    if (nats.length > 0 && isTracking(this.#ruleset, family)) {
      const priority = hook === "prerouting" || hook === "output" ? NAT_DESTINATION : NAT_SOURCE;
      rows.push({ priority, station: { kind: "nat", chains: nats } });
    }
    return rows.sort((a, b) => a.priority - b.priority).map(({ station }) => station);
  }
}

function isMet({ table, chain }: HookChain, hook: Hook, family: 4 | 6): boolean {
  if (chain.base.hook !== hook) return false;
  const own = table.table.family;
  if (own === "netdev") return hook === "ingress" || hook === "egress";
  return own === "inet" || (own === "ip") === (family === 4);
}

/** By priority; of equal ones the kernel calls first the one that was registered last (nf_hook_entries_grow()). */
function inOrder(chains: readonly HookChain[]): readonly HookChain[] {
  return [...chains].reverse().sort((a, b) => a.chain.base.priority - b.chain.base.priority);
}
