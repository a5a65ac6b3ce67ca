// Reads listings of rules, whichever program wrote them, into one ruleset.
import { InputError } from "../model/errors.js";
import type { NamedSet } from "./element-set.js";
import { readIpsetSave } from "./ipset-save.js";
import { readIptablesSave } from "./iptables-save.js";
import { joinListings, type ReadListing } from "./join-listings.js";
import { readNftJson } from "./nft-json.js";
import { readNftText } from "./nft-text.js";
import type { Ruleset } from "./ruleset.js";

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
  return joinListings(rules.map((listing) => readOne(listing, sets)));
}

function readOne(
  { text, file, form }: Listing & { readonly form: ListingForm },
  sets: ReadonlyMap<string, NamedSet>,
): ReadListing {
  if (form === "nft-json") return { isOfNft: true, ruleset: readNftJson(text, file) };
  if (form === "nft-text") return { isOfNft: true, ruleset: readNftText(text, file) };
  return { isOfNft: false, ruleset: readIptablesSave(text, { file, sets }) };
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
