// Reads listings of rules, whichever program wrote them, into one ruleset.
import { InputError } from "../model/errors.js";
import type { NamedSet } from "./element-set.js";
import { readIpsetSave } from "./ipset-save.js";
import { readIptablesSave } from "./iptables-save.js";
import { mergeListings } from "./listed-twice.js";
import { readNftJson } from "./nft-json.js";
import { readNftText } from "./nft-text.js";
import type { Ruleset, Table } from "./ruleset.js";

/** A listing, and what it is called. */
export interface Listing {
  readonly text: string;
  readonly file: string;
}

/** What wrote a listing. */
export type ListingForm = "nft-json" | "nft-text" | "iptables-save" | "ipset-save";

/** A form that was named on the command line. */
export type NamedForm = "json" | "text" | "save";

/** What a listing is, by how it begins; undefined for what is none of them. */
export function listingForm(text: string): ListingForm | undefined {
  const head = text
    .slice(0, 4096)
    .replace(/^\ufeff/, "")
    .trimStart();
  if (head.startsWith("{")) return "nft-json";
  if (/^(?:#.*ip6?tables-save|\*(?:filter|nat|mangle|raw|security)\s*$)/m.test(head)) return "iptables-save";
  if (/^(?:create|add) \S+ /m.test(head) && !/^add (?:table|chain|rule|set|map|element) /m.test(head))
    return "ipset-save";
  if (/^\s*(?:table (?:ip|ip6|inet|netdev|arp|bridge) |#!.*nft|flush ruleset)/m.test(head)) return "nft-text";
  if (/^# Table `\S{1,64}' is incompatible/.test(head)) return "iptables-save"; // where nft alone can show all tables
  const isRemark = (line: string): boolean => line.trim() === "" || line.startsWith("#");
  return head.split("\n").every(isRemark) ? "nft-text" : undefined; // no rules at all
}

/**
 * Reads all listings into one ruleset.
 *
 * @param form How they are written; undefined to see it by how each begins
 * @throws InputError when one of them is no listing
 */
export function readRuleset(listings: readonly Listing[], form: NamedForm | undefined): Ruleset {
  const known = listings.map((listing) => ({ ...listing, form: formOf(listing, form) }));
  const sets = new Map<string, NamedSet>();
  for (const { text, file, form: own } of known) {
    if (own === "ipset-save") for (const [name, set] of readIpsetSave(text, file)) sets.set(name, set);
  }
  const rules = known.filter(({ form: own }) => own !== "ipset-save");
  return joined(rules.map((listing) => ({ form: listing.form, ruleset: readOne(listing, sets) })));
}

function readOne(
  { text, file, form }: Listing & { readonly form: ListingForm },
  sets: ReadonlyMap<string, NamedSet>,
): Ruleset {
  if (form === "nft-json") return readNftJson(text, file);
  return form === "nft-text" ? readNftText(text, file) : readIptablesSave(text, { file, sets });
}

function formOf({ text, file }: Listing, form: NamedForm | undefined): ListingForm {
  const seen = listingForm(text);
  if (form === "json") return "nft-json";
  if (form === "text") return "nft-text";
  if (form === "save") return seen === "ipset-save" ? "ipset-save" : "iptables-save";
  if (seen !== undefined) return seen;
  throw new InputError(
    "this is no listing of rules that is known",
    { file },
    {
      hint: "give the output of nft -j list ruleset, nft list ruleset, iptables-save, ip6tables-save or ipset save",
    },
  );
}

/** A ruleset, and what wrote it. */
interface ReadListing {
  readonly form: ListingForm;
  readonly ruleset: Ruleset;
}

/** Both back ends of iptables at once are told: rules of both are walked, and people mostly see one of them. */
function joined(listings: readonly ReadListing[]): Ruleset {
  const twins = listedTwice(listings);
  const tables = listings.flatMap((listing) => withoutTwins(listing, twins));
  const hasNft = listings.some(({ form }) => isOfNft(form));
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

function isOfNft(form: ListingForm): boolean {
  return form === "nft-json" || form === "nft-text";
}

/** Tables of iptables-nft that both listings have, as iptables-save writes them. */
function listedTwice(listings: readonly ReadListing[]): ReadonlyMap<string, Table> {
  const ofNft = new Set(
    listings.filter(({ form }) => isOfNft(form)).flatMap(({ ruleset }) => ruleset.tables.map(nameOf)),
  );
  const saved = listings.filter(({ form }) => !isOfNft(form)).flatMap(({ ruleset }) => ruleset.tables);
  const twins = saved.filter((table) => table.origin === "iptables-nft" && ofNft.has(nameOf(table)));
  return new Map(twins.map((table) => [nameOf(table), table]));
}

/** They are walked once, where nft lists them. */
function withoutTwins({ form, ruleset }: ReadListing, twins: ReadonlyMap<string, Table>): readonly Table[] {
  if (!isOfNft(form)) return ruleset.tables.filter((table) => twins.get(nameOf(table)) !== table);
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
