// One table of an iptables-save listing, from "*table" to "COMMIT": gathered line by line, then made into the model's table.
import { quote } from "../target/fault.js";
import type { NamedSet } from "./element-set.js";
import { type ReadRule, readRule } from "./iptables-rule.js";
import { protocolGiven, type RuleWords, sortWords } from "./iptables-rule-words.js";
import type { IptablesScope } from "./iptables-scope.js";
import { builtInChain } from "./iptables-tables.js";
import { splitWords } from "./iptables-words.js";
import type { Chain, Origin, Rule, Table } from "./ruleset.js";
import type { RulesetNotes } from "./ruleset-notes.js";

/** Packets and bytes. */
export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

interface DeclaredChain {
  readonly name: string;
  readonly policy: "accept" | "drop";
  readonly counter: Counter | undefined;
  readonly lines: RuleLine[];
}

interface RuleLine {
  readonly text: string;
  readonly line: number;
  readonly counter: Counter | undefined;
}

/** What all tables of a listing share. */
export interface BlockContext {
  /** Throws for a line that is no such line. */
  readonly fail: (message: string, line: number) => never;
  readonly file: string | undefined;
  readonly notes: RulesetNotes;
  /** Sets of ipset's; those that are not known are added when a rule names them. */
  readonly sets: Map<string, NamedSet>;
}

const NOTE_CHARACTERS_MAX = 300;

/** Words that only IPv6 has. */
const IPV6_WORDS = /(?:^| )(?:-[sd] [0-9a-fA-F]*:|--icmpv6-type |-m (?:icmp6|hl|rt|frag|hbh|dst|ipv6header) )|icmp6-/;

/** A table as it is being read. */
export class IptablesBlock {
  readonly name: string;
  readonly line: number;
  readonly origin: Origin;
  readonly #context: BlockContext;
  readonly #chains = new Map<string, DeclaredChain>();
  /** Which end of a packet NETMAP changes in each chain. */
  #mapSides: ReadonlyMap<string, boolean | undefined> | undefined;

  constructor(name: string, line: number, origin: Origin, context: BlockContext) {
    this.name = name;
    this.line = line;
    this.origin = origin;
    this.#context = context;
  }

  /** A chain with its policy, where it has one. */
  declare(name: string, policy: "accept" | "drop", counter: Counter | undefined): void {
    const lines = this.#chains.get(name)?.lines ?? [];
    this.#chains.set(name, { name, policy, counter, lines });
  }

  /** A rule of a chain. Its words are looked at when the table is made, since there may be very many of them. */
  append(chain: string, rule: RuleLine): void {
    let declared = this.#chains.get(chain);
    if (declared === undefined) {
      const text = `the chain ${chain} of the table ${this.name} has rules and is not declared`;
      this.#context.notes.add({ code: "undeclared-chain", text, line: rule.line });
      declared = { name: chain, policy: "accept", counter: undefined, lines: [] };
      this.#chains.set(chain, declared);
    }
    declared.lines.push(rule);
  }

  /** True when its rules have words that only IPv6 has. */
  looksLikeIpv6(): boolean {
    for (const { lines } of this.#chains.values()) if (lines.some(({ text }) => IPV6_WORDS.test(text))) return true;
    return false;
  }

  /** The table. */
  table(family: 4 | 6): Table {
    const chains = new Map<string, Chain>();
    for (const declared of this.#chains.values()) chains.set(declared.name, this.#chain(declared, family));
    return {
      family: family === 4 ? "ip" : "ip6",
      name: this.name,
      origin: this.origin,
      isDormant: false,
      chains,
      sets: this.#context.sets,
    };
  }

  #chain({ name, policy, counter, lines }: DeclaredChain, family: 4 | 6): Chain {
    const rules = lines.map((line, index) => this.#rule(line, name, index, family));
    const builtIn = builtInChain(this.name, name, this.origin);
    if (builtIn === undefined) return { name, rules };
    return { name, base: { ...builtIn, policy, ...(counter === undefined ? {} : { counter }) }, rules };
  }

  #rule({ text, line, counter }: RuleLine, chain: string, index: number, family: 4 | 6): Rule {
    const { file } = this.#context;
    const words = this.#wordsOf(text, line);
    const read = readRule(words, this.#scope(words, chain, family));
    this.#tell(read, words, line);
    const comment = words.matches.find(({ name }) => name === "comment")?.options[0]?.values[0];
    const place = { family: family === 4 ? "ip" : "ip6", table: this.name, chain, index, line } as const;
    return {
      place: file === undefined ? place : { ...place, file },
      statements: read.statements,
      text,
      ...(comment === undefined ? {} : { comment }),
      ...(counter === undefined ? {} : { counter }),
    };
  }

  #wordsOf(text: string, line: number): RuleWords {
    const words = splitWords(text);
    if (words === undefined) return this.#context.fail(`a quote is not closed: ${quote(text)}`, line);
    return sortWords(words.slice(2));
  }

  #tell({ faults }: ReadRule, { goesTo }: RuleWords, line: number): void {
    for (const fault of faults) {
      const text = fault.length > NOTE_CHARACTERS_MAX ? `${fault.slice(0, NOTE_CHARACTERS_MAX)}…` : fault;
      this.#context.notes.add({ code: "not-understood", text, line });
    }
    if (goesTo !== undefined && !this.#chains.has(goesTo)) {
      const text = `a rule of the table ${this.name} goes to the chain ${goesTo}, which is not there`;
      this.#context.notes.add({ code: "undeclared-chain", text, line });
    }
  }

  #scope(words: RuleWords, chain: string, family: 4 | 6): IptablesScope {
    return {
      family,
      protocol: protocolGiven(words.own),
      hasChain: (name) => this.#chains.has(name),
      mapsDestination: () => this.#mapsDestination(chain),
      setNamed: (name) => this.#setNamed(name),
      onUpdate: (name) => {
        const set = this.#setNamed(name);
        if (!set.isDynamic) this.#context.sets.set(name, { ...set, isDynamic: true });
      },
    };
  }

  #setNamed(name: string): NamedSet {
    const known = this.#context.sets.get(name);
    if (known !== undefined) return known;
    const set: NamedSet = {
      kind: "element-set",
      name,
      types: [],
      elements: [],
      isDynamic: false,
      unknown: "it is one of ipset's, which were not listed (ipset save)",
    };
    this.#context.sets.set(name, set);
    const text = `the set ${name} is one of ipset's: what it holds is not known without the output of ipset save`;
    this.#context.notes.add({ code: "unknown-set", text });
    return set;
  }

  #mapsDestination(chain: string): boolean | undefined {
    this.#mapSides ??= this.#findMapSides();
    return this.#mapSides.get(chain);
  }

  /** By the built-in chains from which each chain can be reached. */
  #findMapSides(): ReadonlyMap<string, boolean | undefined> {
    const sides = new Map<string, boolean | undefined>();
    for (const name of this.#chains.keys()) {
      const builtIn = builtInChain(this.name, name, this.origin);
      if (builtIn === undefined) continue;
      const isDestination = builtIn.hook === "prerouting" || builtIn.hook === "output";
      for (const reached of this.#reachableFrom(name)) {
        sides.set(reached, sides.has(reached) && sides.get(reached) !== isDestination ? undefined : isDestination);
      }
    }
    return sides;
  }

  #reachableFrom(start: string): ReadonlySet<string> {
    const reached = new Set([start]);
    for (const name of reached) {
      for (const { text, line } of this.#chains.get(name)?.lines ?? []) {
        const words = this.#wordsOf(text, line);
        const next = words.goesTo ?? words.target?.name;
        if (next !== undefined && this.#chains.has(next)) reached.add(next);
      }
    }
    return reached;
  }
}
