// The tables of iptables and their built-in chains. iptables(8), "TABLES"; priorities are those of
// include/uapi/linux/netfilter_ipv4.h (and _ipv6.h), and iptables-nft registers its chains with the same ones but for security (iptables/nft.c, xtables_ipv4).
import type { BaseChain, Hook, Origin } from "./ruleset.js";

type BuiltIn = Pick<BaseChain, "type" | "hook" | "priority">;

const HOOKS = {
  PREROUTING: "prerouting",
  INPUT: "input",
  FORWARD: "forward",
  OUTPUT: "output",
  POSTROUTING: "postrouting",
} as const satisfies Readonly<Record<string, Hook>>;

type Name = keyof typeof HOOKS;

function chains(type: BaseChain["type"], priority: number, ...names: readonly Name[]): (readonly [Name, BuiltIn])[] {
  return names.map((name) => [name, { type, hook: HOOKS[name], priority }] as const);
}

const TABLES: ReadonlyMap<string, ReadonlyMap<string, BuiltIn>> = new Map<string, ReadonlyMap<string, BuiltIn>>([
  ["raw", new Map(chains("filter", -300, "PREROUTING", "OUTPUT"))],
  [
    "mangle",
    new Map([
      ...chains("filter", -150, "PREROUTING", "INPUT", "FORWARD", "POSTROUTING"),
      ...chains("route", -150, "OUTPUT"),
    ]),
  ],
  ["nat", new Map([...chains("nat", -100, "PREROUTING", "OUTPUT"), ...chains("nat", 100, "INPUT", "POSTROUTING")])],
  ["filter", new Map(chains("filter", 0, "INPUT", "FORWARD", "OUTPUT"))],
  ["security", new Map(chains("filter", 50, "INPUT", "FORWARD", "OUTPUT"))],
]);

/** True for the tables that there are. */
export function isTable(name: string): boolean {
  return TABLES.has(name);
}

/** True for the beginning of a table's name, as a listing that was cut has it. */
export function isTableBeginning(text: string): boolean {
  return [...TABLES.keys()].some((name) => name.startsWith(text));
}

/** Behind the source NAT of its hook, where the kernel's own table stands before it. */
const SECURITY_OF_NFT = 150;

/** What a chain of a table is called from; `undefined` for chains of users. */
export function builtInChain(table: string, chain: string, origin: Origin): BuiltIn | undefined {
  const found = TABLES.get(table)?.get(chain);
  const isMoved = found !== undefined && table === "security" && origin === "iptables-nft";
  return isMoved ? { ...found, priority: SECURITY_OF_NFT } : found;
}
