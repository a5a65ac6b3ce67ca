// Rules of address translation out of `nft -j list ruleset` (libnftables-json(5)). Tables that iptables-nft keeps are shown
// there without what their rules do: for these the text of iptables-save is needed.

import { type JsonValue, jsonAt, jsonEntriesAt, jsonListAt, jsonTextAt, parseJson } from "../inside/json-value.js";
import type { NatHook } from "../inside/published-port.js";
import type { PortRange } from "../target/port-set.js";
import { ANY_PACKET, bothMatch, type NatMatch, SOME_PACKETS } from "./nat-match.js";
import type { NatAction, NatRule, NatRuleset, NatTarget } from "./nat-rules.js";
import {
  addressOf,
  type Meaning,
  meaningOf,
  meaningOfMatch,
  plainElement,
  portsOf,
  type SetLookup,
  valuesOf,
} from "./nft-expression.js";

const TEXT_CHARACTERS_MAX = 400;
const HOOKS: Readonly<Record<string, NatHook>> = { prerouting: "prerouting", output: "output" };
const FAMILIES: Readonly<Record<string, 4 | 6>> = { ip: 4, ip6: 6 };

/** A table as nft names it: "ip nat". */
export type TableName = `${string} ${string}`;

/**
 * The chains of type "nat" and those that they call; undefined where the text is not nft's.
 *
 * @param isLeftOut True for tables that are known from elsewhere
 */
export function readNftNat(
  text: string,
  isLeftOut: (table: TableName) => boolean = () => false,
): NatRuleset | undefined {
  const objects = jsonAt(parseJson(text), "nftables");
  if (!Array.isArray(objects)) return undefined;
  return new NftReader(isLeftOut).read(objects);
}

class NftReader {
  readonly #isLeftOut: (table: TableName) => boolean;
  readonly #sets = new Map<string, readonly JsonValue[]>();
  readonly #chains = new Map<string, NatRule[]>();
  readonly #bases: { readonly chain: string; readonly hook: NatHook; readonly priority: number }[] = [];

  constructor(isLeftOut: (table: TableName) => boolean) {
    this.#isLeftOut = isLeftOut;
  }

  read(objects: readonly JsonValue[]): NatRuleset {
    // Rules name sets, which may stand behind them.
    for (const object of objects) for (const kind of ["set", "map"]) this.#takeSet(jsonAt(object, kind));
    for (const object of objects) this.#takeChain(jsonAt(object, "chain"));
    for (const object of objects) this.#takeRule(jsonAt(object, "rule"));
    const bases = [...this.#bases].sort((one, other) => one.priority - other.priority);
    return { chains: this.#chains, bases };
  }

  #takeSet(set: JsonValue | undefined): void {
    const name = jsonTextAt(set, "name");
    if (name !== undefined) this.#sets.set(placeOf(set, name), jsonListAt(set, "elem"));
  }

  #takeChain(chain: JsonValue | undefined): void {
    const name = jsonTextAt(chain, "name");
    if (name === undefined || this.#isLeftOut(tableOf(chain))) return;
    const place = placeOf(chain, name);
    this.#chains.set(place, []);
    const hook = HOOKS[jsonTextAt(chain, "hook") ?? ""];
    if (jsonTextAt(chain, "type") !== "nat" || hook === undefined) return;
    this.#bases.push({ chain: place, hook, priority: Number(jsonAt(chain, "prio")) });
  }

  #takeRule(rule: JsonValue | undefined): void {
    const rules = this.#chains.get(placeOf(rule, jsonTextAt(rule, "chain") ?? ""));
    rules?.push(...this.#rulesOf(rule));
  }

  /** One rule of nft can do several things: a map has a destination, or a verdict, for each of its elements. */
  #rulesOf(rule: JsonValue | undefined): readonly NatRule[] {
    const sets: SetLookup = (name) => this.#sets.get(placeOf(rule, name));
    const family = FAMILIES[jsonTextAt(rule, "family") ?? ""];
    const statements = new StatementReader({
      sets,
      text: textOf(rule),
      place: (chain) => placeOf(rule, chain),
      family,
    });
    for (const statement of jsonListAt(rule, "expr")) statements.take(statement);
    return statements.rules;
  }
}

interface RuleContext {
  readonly sets: SetLookup;
  readonly text: string;
  readonly family: 4 | 6 | undefined;
  /** The full name of a chain of the same table. */
  place(chain: string): string;
}

/** Statements that decide nothing about which packets there are or where they go. */
const PASSING: ReadonlySet<string> = new Set(["counter", "log", "mangle", "notrack", "comment", "ct helper", "last"]);
const STOPPING: ReadonlySet<string> = new Set(["accept", "drop", "reject", "masquerade", "snat"]);
/** Matches of iptables that say nothing more than is said beside them. */
const PASSING_XT: ReadonlySet<string> = new Set(["comment", "tcp", "udp", "sctp"]);

/** Reads the statements of one rule, from left to right. */
class StatementReader {
  readonly rules: NatRule[] = [];
  readonly #context: RuleContext;
  /** undefined where no packet is left. */
  #match: NatMatch | undefined;
  #isShared = false;

  constructor(context: RuleContext) {
    this.#context = context;
    this.#match = { ...ANY_PACKET, family: context.family };
  }

  take(statement: JsonValue): void {
    const [entry] = jsonEntriesAt(statement);
    if (entry === undefined || this.#match === undefined) return;
    const [kind, value] = entry;
    if (PASSING.has(kind)) return;
    if (STOPPING.has(kind)) this.#add({ kind: "stop" });
    else this.#takeOther(kind, value);
  }

  #takeOther(kind: string, value: JsonValue | undefined): void {
    switch (kind) {
      case "match":
        this.#narrow(meaningOfMatch(value, this.#context.sets));
        return;
      case "jump":
      case "goto":
      case "return":
        this.#addVerdict({ [kind]: value }, ANY_PACKET);
        return;
      case "vmap":
        this.#takeVerdicts(value);
        return;
      case "dnat":
        this.#takeDestination(value);
        return;
      case "redirect":
        this.#translate({ kind: "own" }, jsonAt(value, "port"), ANY_PACKET);
        return;
      case "xt":
        this.#takeXt(value);
        return;
      default:
        this.#narrow(SOME_PACKETS); // a limit, or what is not known yet
    }
  }

  #narrow(meaning: Meaning): void {
    if (meaning === "shared") this.#isShared = true;
    else this.#match = this.#match === undefined ? undefined : bothMatch(this.#match, meaning);
  }

  #add(action: NatAction, narrower: Meaning = ANY_PACKET): void {
    const isShared = this.#isShared || narrower === "shared";
    const match = this.#match && bothMatch(this.#match, narrower === "shared" ? ANY_PACKET : narrower);
    if (match !== undefined) this.rules.push({ match, action, isShared, text: this.#context.text });
  }

  #takeVerdicts(vmap: JsonValue | undefined): void {
    const elements = this.#elementsOf(vmap);
    if (elements === undefined) this.#add({ kind: "unknown" });
    for (const [meaning, verdict] of elements ?? []) this.#addVerdict(verdict, meaning);
  }

  #addVerdict(verdict: JsonValue, meaning: Meaning): void {
    const [kind, value] = jsonEntriesAt(verdict)[0] ?? ["", null];
    const chain = jsonTextAt(value, "target");
    if ((kind === "jump" || kind === "goto") && chain !== undefined) {
      this.#add({ kind, chain: this.#context.place(chain) }, meaning);
    } else if (kind === "return") this.#add({ kind: "return" }, meaning);
    else if (STOPPING.has(kind)) this.#add({ kind: "stop" }, meaning);
    else if (kind !== "continue") this.#add({ kind: "unknown" }, meaning);
  }

  /** Addresses may come out of a map, alone or with a port each. */
  #takeDestination(dnat: JsonValue | undefined): void {
    const address = jsonAt(dnat, "addr");
    const port = jsonAt(dnat, "port");
    if (jsonAt(address, "map") === undefined) {
      this.#translate(targetOf(address), port, ANY_PACKET);
      return;
    }
    const elements = this.#elementsOf(jsonAt(address, "map"));
    if (elements === undefined) this.#translate({ kind: "unknown" }, port, ANY_PACKET);
    for (const [meaning, value] of elements ?? []) {
      const pair = jsonListAt(value, "concat");
      this.#translate(targetOf(pair[0] ?? value), pair[1] ?? port, meaning);
    }
  }

  #translate(target: NatTarget, port: JsonValue | undefined, meaning: Meaning): void {
    const ports: PortRange | undefined = portsOf(port);
    const isKnown = port === undefined || port === null || ports !== undefined;
    this.#add({ kind: "translate", target, ports }, isKnown ? meaning : doubted(meaning));
  }

  /** Keys of a map as packets, each with its value; undefined for a map that is not there. */
  #elementsOf(map: JsonValue | undefined): readonly (readonly [meaning: Meaning, value: JsonValue])[] | undefined {
    const key = jsonAt(map, "key");
    return valuesOf(jsonAt(map, "data"), this.#context.sets)?.flatMap((element) => {
      const [name, value] = Array.isArray(element) ? element : [];
      if (name === undefined || value === undefined) return [];
      const plain = plainElement(name);
      return [[plain === "*" ? SOME_PACKETS : meaningOf(key, [plain]), value] as const];
    });
  }

  #takeXt(xt: JsonValue | undefined): void {
    const name = jsonTextAt(xt, "name") ?? "";
    if (jsonTextAt(xt, "type") !== "target") {
      this.#narrow(PASSING_XT.has(name) ? ANY_PACKET : SOME_PACKETS);
    } else if (/^(DNAT|REDIRECT|NETMAP)$/.test(name)) {
      this.#translate(name === "REDIRECT" ? { kind: "own" } : { kind: "unknown" }, undefined, SOME_PACKETS);
    } else if (/^(SNAT|MASQUERADE)$/.test(name)) {
      this.#add({ kind: "stop" });
    }
  }
}

function doubted(meaning: Meaning): Meaning {
  return meaning === "shared" ? meaning : { ...meaning, isCertain: false };
}

function targetOf(address: JsonValue | undefined): NatTarget {
  if (address === undefined) return { kind: "same" };
  const range = addressOf(address);
  return range === undefined ? { kind: "unknown" } : { kind: "address", address: range };
}

function tableOf(object: JsonValue | undefined): TableName {
  return `${jsonTextAt(object, "family") ?? ""} ${jsonTextAt(object, "table") ?? ""}`;
}

/** Chains, sets and maps have names of their own in each table. */
function placeOf(object: JsonValue | undefined, name: string): string {
  return `${tableOf(object)} ${name}`;
}

/** As `nft -a list chain` shows where it is. */
function textOf(rule: JsonValue | undefined): string {
  const comment = jsonTextAt(rule, "comment");
  const place = `nft ${tableOf(rule)} ${jsonTextAt(rule, "chain") ?? ""} handle ${Number(jsonAt(rule, "handle"))}`;
  return (comment === undefined ? place : `${place} "${comment}"`).slice(0, TEXT_CHARACTERS_MAX);
}
