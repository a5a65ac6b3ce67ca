// Rules in both back ends of iptables at once: each tool shows its own, and packets meet both.
import type { Ruleset, Table } from "../../firewall/ruleset.js";
import type { FindingBook } from "../finding-book.js";

const RULES_SHOWN = 3;

/** The key of this finding. */
export const RULES_IN_OTHER_BACK_END = "rules-in-other-back-end";

/** Finds rules of iptables-legacy beside rules in nftables. */
export function findOtherBackEnd(book: FindingBook, host: string, { tables }: Ruleset): void {
  const saying = tables.filter(hasSay);
  const [allLegacy, allNftables] = [saying.filter(isLegacy), saying.filter((table) => !isLegacy(table))];
  // IPv4's rules in one and IPv6's in the other never meet a packet of each other's.
  const legacy = allLegacy.filter((table) => allNftables.some((other) => isMetAlike(table, other)));
  const nftables = allNftables.filter((table) => allLegacy.some((other) => isMetAlike(other, table)));
  if (legacy.length === 0) return;
  const rules = legacy.flatMap(rulesOf);
  book.add(
    RULES_IN_OTHER_BACK_END,
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

function isLegacy({ origin }: Table): boolean {
  return origin === "iptables-legacy";
}

/** True where packets of one family meet both; what netdev sees are packets of both. */
function isMetAlike(legacy: Table, { family }: Table): boolean {
  return family === legacy.family || family === "inet" || family === "netdev";
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
