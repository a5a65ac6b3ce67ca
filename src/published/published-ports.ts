// Which ports of this machine lead to other addresses: by rules of address translation, and by programs that pass on what
// comes in. What is not understood makes a row uncertain, and is never guessed.
import { joinListings, type ReadListing } from "../firewall/join-listings.js";
import type { PublishedPort } from "../inside/published-port.js";
import { InputError } from "../model/errors.js";
import { formatAddressRange } from "./address-range.js";
import { natOfRuleset } from "./nat-of-ruleset.js";
import { type NatWay, natWays } from "./nat-rules.js";
import { hasOwnInNft } from "./translation-look.js";

/** What programs say of the rules of this machine. */
export interface RuleTexts {
  /** iptables-save, of each kind that there is: the old one and that of nftables. */
  readonly iptables: readonly string[];
  readonly ip6tables: readonly string[];
  /** nft -j list ruleset, perhaps later than the others; undefined where it could not be had. */
  readonly nft: string | undefined | Promise<string | undefined>;
}

/** Published ports by rules; `isCut` where there are more than are looked at, `isUnreadable` where a listing is none, or only a part of one. */
export interface RulePorts {
  readonly ports: readonly PublishedPort[];
  readonly isCut: boolean;
  readonly isUnreadable: boolean;
}

/** More rows than this are no list for anybody. */
const ROWS_MAX = 200_000;

/** Published ports by the rules of all programs, in the order of the rules: of several that fit a packet the first counts. */
export async function portsByRules(texts: RuleTexts): Promise<RulePorts> {
  const saved = await readSaved(texts); // nft may be at work still
  const listings = [...saved, ...(await readNft(texts, await texts.nft))];
  const read = listings.filter((listing) => listing !== undefined);
  const ruleset = joinListings(read);
  const found = natOfRuleset(ruleset).map(natWays);
  const rows = found.flatMap(({ ways }) => ways.flatMap(rowsOf));
  return {
    ports: mergedRows(rows.slice(0, ROWS_MAX)),
    isCut: found.some(({ isCut }) => isCut) || rows.length > ROWS_MAX,
    isUnreadable: read.length < listings.length || ruleset.notes.some(({ code }) => code === "cut"),
  };
}

/** The readers of both kinds are large, and most machines need one of them. */
async function readSaved({ iptables, ip6tables }: RuleTexts): Promise<readonly (ReadListing | undefined)[]> {
  const texts = [
    ...iptables.map((text) => ({ text, family: 4 as const })),
    ...ip6tables.map((text) => ({ text, family: 6 as const })),
  ].filter(({ text }) => text !== "");
  if (texts.length === 0) return [];
  const { readIptablesSave } = await import("../firewall/iptables-save.js");
  return texts.map(({ text, family }) =>
    orNothing(() => ({ isOfNft: false, ruleset: readIptablesSave(text, { family, onlyNat: true }) })),
  );
}

async function readNft(texts: RuleTexts, nft = ""): Promise<readonly (ReadListing | undefined)[]> {
  if (nft === "" || !hasOwnInNft(nft, texts)) return [];
  const { readNftJson } = await import("../firewall/nft-json.js");
  return [orNothing(() => ({ isOfNft: true, ruleset: readNftJson(nft, undefined, true) }))];
}

/** undefined for a text that is no listing. */
function orNothing(read: () => ReadListing): ReadListing | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function rowsOf(way: NatWay): readonly PublishedPort[] {
  const { match, target, ports, isShared, text, hook } = way;
  const { protocols, addresses, family, inInterface, sources, isCertain } = match;
  const facts = {
    family: addresses?.[0]?.family ?? family,
    inInterface,
    sources,
    hooks: [hook],
    target: target.kind,
    toAddress: target.kind === "address" ? formatAddressRange(target.address) : undefined,
    toPorts: ports,
    isShared,
    by: text,
    isCertain,
  };
  return (protocols ?? [undefined]).flatMap((protocol) =>
    (addresses ?? [undefined]).flatMap((range) => {
      const hostAddress = range === undefined ? undefined : formatAddressRange(range);
      return (match.ports ?? [undefined]).map((hostPorts) => ({ protocol, hostAddress, hostPorts, ...facts }));
    }),
  );
}

/** The same for packets that arrive and for own ones is one row; it is certain when it is so for one of them. */
function mergedRows(rows: readonly PublishedPort[]): readonly PublishedPort[] {
  const merged = new Map<string, PublishedPort>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = merged.get(key);
    merged.set(key, known === undefined ? row : both(known, row));
  }
  return [...merged.values()];
}

/** What makes a row the same as another one: all but where its packets come from, and how certain it is. */
function keyOf(row: PublishedPort): string {
  const { protocol, family, hostAddress, hostPorts, inInterface, sources, target, toAddress, toPorts, isShared } = row;
  const from = [protocol, family, hostAddress, hostPorts, inInterface?.name, inInterface?.isExcept, sources];
  return [...from, target, toAddress, toPorts, isShared, row.by].join("\n"); // which no name of an interface may have in it
}

function both(one: PublishedPort, other: PublishedPort): PublishedPort {
  const hooks = [...new Set([...one.hooks, ...other.hooks])];
  return { ...other, hooks, isCertain: one.isCertain || other.isCertain };
}
