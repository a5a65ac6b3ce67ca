// Rules in both back ends of iptables at once: each tool shows its own, and packets meet both.
import type { Ruleset, Table } from "../../firewall/ruleset.js";
import type { FindingBook } from "../finding-book.js";

const RULES_SHOWN = 3;

/** The key of this finding. */
const KEY = "rules-in-other-back-end";

/** Finds rules of iptables-legacy beside rules in nftables. */
export function findOtherBackEnd(book: FindingBook, host: string, { tables }: Ruleset): void {
  const legacy = tables.filter((table) => table.origin === "iptables-legacy" && hasSay(table));
  const nftables = tables.filter((table) => table.origin !== "iptables-legacy" && hasSay(table));
  if (legacy.length === 0 || nftables.length === 0) return;
  const rules = legacy.flatMap(rulesOf);
  book.add(
    KEY,
    host,
    {
      severity: "medium",
      confidence: "certain",
      title: "rules stand in iptables-legacy and in nftables at once",
      evidence: [
        `iptables-legacy: ${legacy.map(nameOf).join(", ")}, ${rules.length} rules`,
        `nftables: ${nftables.map(nameOf).join(", ")}`,
        ...rules.slice(0, RULES_SHOWN).map(({ text }) => `iptables-legacy: ${text}`),
      ],
      nextStep:
        "move them to one: iptables-legacy-save | iptables-nft-restore, then flush the old ones; see both with postern firewall show",
    },
    undefined,
  );
}

/** A table that only lets everything through says nothing. */
function hasSay(table: Table): boolean {
  return (
    !table.isDormant &&
    (rulesOf(table).length > 0 || [...table.chains.values()].some(({ base }) => base?.policy === "drop"))
  );
}

function rulesOf({ chains }: Table) {
  return [...chains.values()].flatMap(({ rules }) => rules);
}

function nameOf({ family, name }: Table): string {
  return `${family} ${name}`;
}
