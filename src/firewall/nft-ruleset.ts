// Gathers tables, chains, sets and rules of nftables in libnftables-json's form, from whichever listing, and makes the frozen
// model of them when all are there: rules name sets and objects that a listing may have later.
import { quote } from "../target/fault.js";
import type { DataType } from "./data-type.js";
import type { NamedSet } from "./element-set.js";
import { asList, isJsonObject, type JsonObject, numberAt, textAt } from "./json-tree.js";
import { isWidthUnknown, readNamedSet, type SetSource } from "./nft-named-set.js";
import { type RuleSource, readRule } from "./nft-rule.js";
import type { RuleScope } from "./rule-scope.js";
import type { BaseChain, Chain, Hook, Origin, Rule, Ruleset, RulesetNote, Table, TableFamily } from "./ruleset.js";
import { RulesetNotes } from "./ruleset-notes.js";

const FAMILIES: readonly TableFamily[] = ["ip", "ip6", "inet", "netdev"];
const HOOKS: readonly Hook[] = ["ingress", "egress", "prerouting", "input", "forward", "output", "postrouting"];
const TYPES: readonly BaseChain["type"][] = ["filter", "nat", "route"];

const TABLE_FLAGS = ["dormant", "owner", "persist"];

const TABLE_KEYS = ["family", "name", "handle", "flags", "comment"];
const CHAIN_KEYS = [
  "family",
  "table",
  "name",
  "handle",
  "type",
  "hook",
  "prio",
  "dev",
  "policy",
  "flags",
  "comment",
  "packets",
  "bytes",
];

/** A table as it is gathered. */
interface TableDraft {
  readonly family: TableFamily;
  readonly name: string;
  isDormant: boolean;
  origin: Origin;
  readonly chains: Map<string, ChainDraft>;
  readonly sets: Map<string, SetSource>;
  /** By kind and name: "limit l". */
  readonly objects: Map<string, JsonObject>;
}

interface ChainDraft {
  readonly name: string;
  handle?: number;
  base?: BaseChain;
  readonly rules: RuleSource[];
}

/** Where something stands in a text. */
export interface ListingPlace {
  readonly line?: number;
}

/** Takes what a listing has, in its order. */
export class NftRulesetBuilder {
  readonly #file: string | undefined;
  readonly #notes: RulesetNotes;
  readonly #tables = new Map<string, TableDraft>();
  /** The chain of the last rule: where a listing that is cut ends. */
  #last: { readonly table: TableDraft; readonly chain: ChainDraft; readonly isRule: boolean } | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
    this.#notes = new RulesetNotes(file);
  }

  note(code: string, text: string, place: ListingPlace = {}): void {
    this.#notes.add({ ...place, code, text });
  }

  addTable(json: JsonObject, place: ListingPlace = {}, origin: Origin = "nft"): void {
    const family = textAt(json, "family") ?? "";
    const name = textAt(json, "name") ?? "";
    if (!isWalked(family)) {
      this.note("other-family", `the table ${quote(`${family} ${name}`)} is of a family that is not walked`, place);
      return;
    }
    const known = this.#tables.get(`${family} ${name}`);
    if (known !== undefined) {
      this.note("duplicate-table", `the table ${family} ${quote(name)} comes twice; its parts are read as one`, place);
    }
    const table = this.#tableOf(family, name);
    if (table === undefined) return;
    this.#nameUnknownKeys(json, TABLE_KEYS, `table ${family} ${quote(name)}`, place);
    this.#readFlags(table, asList(json.flags), place);
    if (origin !== "nft") this.#markIptables(table, place);
  }

  addChain(json: JsonObject, place: ListingPlace = {}): void {
    const table = this.#tableFor(json);
    const name = textAt(json, "name");
    if (table === undefined || name === undefined) return;
    const chain = this.#chainOf(table, name);
    this.#last = { table, chain, isRule: false };
    this.#nameUnknownKeys(json, CHAIN_KEYS, `chain ${placeName(table, name)}`, place);
    const handle = numberAt(json, "handle");
    if (handle !== undefined) chain.handle = handle;
    if (json.hook === undefined) return;
    const base = this.#baseOf(json, placeName(table, name), place);
    if (base !== undefined) chain.base = base;
  }

  /** A set or map; `fault` is what of it was not understood, so that what it holds is not known. */
  addSet(json: JsonObject, isMap: boolean, place: ListingPlace = {}, fault?: string): void {
    const table = this.#tableFor(json);
    const name = textAt(json, "name");
    if (table === undefined || name === undefined) return;
    const faults = fault === undefined ? {} : { fault };
    table.sets.set(name, { name, json, isMap, extra: [], ...place, ...faults });
  }

  /** Elements that are listed apart from their set. */
  addElements(json: JsonObject): void {
    const set = this.#tableFor(json)?.sets.get(textAt(json, "name") ?? "");
    for (const one of asList(json.elem)) set?.extra.push(one);
  }

  /** A counter, limit, quota …, which rules name. */
  addObject(kind: string, json: JsonObject): void {
    this.#tableFor(json)?.objects.set(`${kind} ${textAt(json, "name") ?? ""}`, json);
  }

  addRule(json: JsonObject, source: ListingPlace & { readonly text?: string } = {}): void {
    const table = this.#tableFor(json);
    const name = textAt(json, "chain");
    if (table === undefined || name === undefined) return;
    const chain = this.#chainOf(table, name);
    this.#last = { table, chain, isRule: true };
    chain.rules.push({ json, ...source });
    if (asList(json.expr).some((one) => isJsonObject(one) && one.xt !== undefined)) {
      this.#markIptables(table, source);
    }
  }

  /**
   * Says that the listing ends in the middle. From there on nothing is known: a rule that nobody knows ends the last chain,
   * and where rules come behind all chains (`areRulesApart`) those of its table that come later.
   */
  markCut(place: ListingPlace = {}, areRulesApart = false): void {
    const last = this.#last;
    const where = last === undefined ? "" : ` in chain ${placeName(last.table, last.chain.name)}`;
    this.note("cut", `the listing ends in the middle${where}; what comes behind is not known`, place);
    if (last === undefined) return;
    const names = [...last.table.chains.keys()];
    const first = areRulesApart && !last.isRule ? 0 : names.indexOf(last.chain.name);
    for (const name of areRulesApart ? names.slice(first) : [last.chain.name]) {
      last.table.chains.get(name)?.rules.push({ json: CUT_RULE, text: CUT_TEXT, ...place });
    }
  }

  /** All tables, or those whose base chains are as wanted. */
  finish(isWanted: (bases: readonly BaseChain[]) => boolean = () => true): Ruleset {
    const wanted = [...this.#tables.values()].filter((table) => isWanted(basesOf(table)));
    const tables = wanted.map((table) => this.#finishTable(table));
    const notes: readonly RulesetNote[] = this.#notes.all();
    return { tables, notes };
  }

  /** The table that something belongs to, made when the listing has not told of it; `undefined` for other families. */
  #tableFor(json: JsonObject): TableDraft | undefined {
    return this.#tableOf(textAt(json, "family") ?? "", textAt(json, "table") ?? "");
  }

  #tableOf(family: string, name: string): TableDraft | undefined {
    const key = `${family} ${name}`;
    const known = this.#tables.get(key);
    const walked = FAMILIES.find((one) => one === family);
    if (known !== undefined || walked === undefined) return known;
    const table: TableDraft = {
      family: walked,
      name,
      isDormant: false,
      origin: "nft",
      chains: new Map(),
      sets: new Map(),
      objects: new Map(),
    };
    this.#tables.set(key, table);
    return table;
  }

  #chainOf(table: TableDraft, name: string): ChainDraft {
    const known = table.chains.get(name);
    if (known !== undefined) return known;
    const chain: ChainDraft = { name, rules: [] };
    table.chains.set(name, chain);
    return chain;
  }

  /** nft -j of 1.0.6 writes for a table's flags whatever lies in its memory: then nobody knows which they are. */
  #readFlags(table: TableDraft, flags: readonly unknown[], place: ListingPlace): void {
    if (flags.includes("dormant")) table.isDormant = true;
    if (flags.every((flag) => TABLE_FLAGS.some((known) => known === flag))) return;
    this.note("unknown-flags", `the table ${table.family} ${quote(table.name)} has flags that are not known`, place);
  }

  #markIptables(table: TableDraft, place: ListingPlace): void {
    if (table.origin !== "nft") return;
    table.origin = "iptables-nft";
    this.note(
      "xt-rules",
      `the table ${table.family} ${quote(table.name)} is kept by iptables, whose matches nft lists without what they say: ` +
        `${table.family === "ip6" ? "ip6tables-save" : "iptables-save"} has them`,
      place,
    );
  }

  #nameUnknownKeys(json: JsonObject, known: readonly string[], where: string, place: ListingPlace): void {
    for (const key of Object.keys(json)) {
      if (!known.includes(key)) this.note("unknown-key", `${where} has ${quote(key)}, which is not known`, place);
    }
  }

  #baseOf(json: JsonObject, where: string, place: ListingPlace): BaseChain | undefined {
    const hook = HOOKS.find((known) => known === json.hook);
    const type = TYPES.find((known) => known === json.type);
    const priority = numberAt(json, "prio");
    if (hook === undefined || type === undefined || priority === undefined) {
      this.note("unknown-hook", `the chain ${where} has a hook, type or priority that is not known`, place);
      return undefined;
    }
    const devices = asList(json.dev).filter((name) => typeof name === "string");
    const packets = numberAt(json, "packets");
    const bytes = numberAt(json, "bytes");
    return {
      type,
      hook,
      priority,
      policy: json.policy === "drop" ? "drop" : "accept",
      ...(devices.length === 0 ? {} : { devices }),
      ...(packets === undefined || bytes === undefined ? {} : { counter: { packets, bytes } }),
    };
  }

  #finishTable(table: TableDraft): Table {
    const uses = new Map<string, readonly DataType[]>();
    const updated = new Set<string>();
    const goals = new Set<string>();
    const scope: RuleScope = {
      family: table.family,
      onSet: (name, types) => noteUse(uses, table, name, types),
      onUpdate: (name) => updated.add(name),
      onChain: (name) => goals.add(name),
      objectNamed: (kind, name) => table.objects.get(`${kind} ${name}`),
    };
    const chains = new Map<string, Chain>();
    for (const chain of table.chains.values()) chains.set(chain.name, this.#finishChain(table, chain, scope));
    const sets = new Map<string, NamedSet>();
    for (const source of table.sets.values()) {
      sets.set(source.name, this.#finishSet(table, source, scope, { uses, updated }));
    }
    this.#nameMissing(table, goals, uses);
    const { family, name, origin, isDormant } = table;
    return { family, name, origin, isDormant, chains, sets };
  }

  #finishChain(table: TableDraft, chain: ChainDraft, scope: RuleScope): Chain {
    const { family, name: tableName } = table;
    const file = this.#file === undefined ? {} : { file: this.#file };
    const rules: Rule[] = chain.rules.map((source, index) => {
      const place = { family, table: tableName, chain: chain.name, index, ...file };
      return readRule(source, place, scope, this.#notes);
    });
    const base = chain.base === undefined ? {} : { base: chain.base };
    const handle = chain.handle === undefined ? {} : { handle: chain.handle };
    return { name: chain.name, rules, ...base, ...handle };
  }

  #finishSet(
    table: TableDraft,
    source: SetSource,
    scope: RuleScope,
    known: { readonly uses: ReadonlyMap<string, readonly DataType[]>; readonly updated: ReadonlySet<string> },
  ): NamedSet {
    const set = readNamedSet(source, known.uses.get(source.name), known.updated.has(source.name), scope);
    if (set.unknown !== undefined) {
      const line = source.line === undefined ? {} : { line: source.line };
      this.note("unknown-set", `the set ${placeName(table, source.name)} is not known: ${set.unknown}`, line);
    }
    return set;
  }

  /** What rules name and the listing has not: the kernel would not have taken such a ruleset. */
  #nameMissing(table: TableDraft, goals: ReadonlySet<string>, uses: ReadonlyMap<string, unknown>): void {
    for (const name of goals) {
      if (table.chains.has(name)) continue;
      this.note("missing-chain", `rules go to the chain ${placeName(table, name)}, which is not in the listing`);
    }
    for (const name of uses.keys()) {
      if (table.sets.has(name)) continue;
      this.note("missing-set", `rules look into the set ${placeName(table, name)}, which is not in the listing`);
    }
  }
}

function basesOf({ chains }: TableDraft): readonly BaseChain[] {
  return [...chains.values()].flatMap(({ base }) => base ?? []);
}

function isWalked(family: string): boolean {
  return FAMILIES.some((known) => known === family);
}

const CUT_TEXT = "(the listing ends here)";
const CUT_RULE: JsonObject = { expr: [CUT_TEXT] };

function placeName(table: TableDraft, name: string): string {
  return quote(`${table.family} ${table.name} ${name}`);
}

/** Keeps the types that a set is used with; such with a known width win. */
function noteUse(
  uses: Map<string, readonly DataType[]>,
  table: TableDraft,
  name: string,
  types: readonly DataType[],
): void {
  const known = uses.get(name);
  if (known === undefined || (isWidthUnknown(known) && table.sets.has(name))) uses.set(name, types);
}
