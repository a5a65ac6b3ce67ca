// One ruleset of several listings of a host.
import { mergeListings } from "./listed-twice.js";
import type { Ruleset, Table } from "./ruleset.js";

/** A listing as it was read, by nft or by iptables-save. */
export interface ReadListing {
  readonly isOfNft: boolean;
  readonly ruleset: Ruleset;
}

/**
 * One ruleset of several listings. Both back ends of iptables at once are told: rules of both are walked, and people mostly see
 * one of them.
 */
export function joinListings(listings: readonly ReadListing[]): Ruleset {
  const twins = listedTwice(listings);
  const tables = listings.flatMap((listing) => withoutTwins(listing, twins));
  const hasNft = listings.some(({ isOfNft }) => isOfNft);
  const notes = listings.flatMap(({ ruleset }) =>
    ruleset.notes.filter(({ code }) => !(code === "xt-rules" && twins.size > 0) && !(code === INCOMPATIBLE && hasNft)),
  );
  const origins = new Set(tables.filter(({ chains }) => hasRules([...chains.values()])).map(({ origin }) => origin));
  if (origins.has("iptables-nft") && origins.has("iptables-legacy")) {
    notes.push({
      code: "both-back-ends",
      text: "rules of iptables-legacy and of iptables-nft are loaded at once: a packet must pass both",
    });
  }
  return { tables, notes };
}

/** What iptables-save could not list is in nft's listing. */
const INCOMPATIBLE = "incompatible-table";

/** Tables of iptables-nft that both listings have, as iptables-save writes them. */
function listedTwice(listings: readonly ReadListing[]): ReadonlyMap<string, Table> {
  const ofNft = new Set(listings.filter(({ isOfNft }) => isOfNft).flatMap(({ ruleset }) => ruleset.tables.map(nameOf)));
  const saved = listings.filter(({ isOfNft }) => !isOfNft).flatMap(({ ruleset }) => ruleset.tables);
  const twins = saved.filter((table) => table.origin === "iptables-nft" && ofNft.has(nameOf(table)));
  return new Map(twins.map((table) => [nameOf(table), table]));
}

/** They are walked once, where nft lists them. */
function withoutTwins({ isOfNft, ruleset }: ReadListing, twins: ReadonlyMap<string, Table>): readonly Table[] {
  if (!isOfNft) return ruleset.tables.filter((table) => twins.get(nameOf(table)) !== table);
  return ruleset.tables.map((table) => {
    const saved = twins.get(nameOf(table));
    return saved === undefined ? table : mergeListings(table, saved);
  });
}

function nameOf({ family, name }: Table): string {
  return `${family} ${name}`;
}

function hasRules(chains: readonly { readonly rules: readonly unknown[] }[]): boolean {
  return chains.some(({ rules }) => rules.length > 0);
}
