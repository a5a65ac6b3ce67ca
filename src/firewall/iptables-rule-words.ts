// The words of a rule by whom they belong to: the rule itself, its matches, its target. An option belongs to the match or target
// that was named last of those that know it, as in iptables' own parser (iptables 1.8.9, iptables/xshared.c, do_parse()).
import { quote } from "../target/fault.js";
import { addrtype } from "./iptables-addrtype-match.js";
import { BUDGET_MATCHES } from "./iptables-budget-match.js";
import { CONNECTION_MATCHES } from "./iptables-connection-match.js";
import { HEADER_MATCHES } from "./iptables-header-match.js";
import { OPAQUE_MATCHES } from "./iptables-opaque-match.js";
import { PACKET_MATCHES } from "./iptables-packet-match.js";
import type { ExtensionReader, GivenOption } from "./iptables-scope.js";
import { setMatch } from "./iptables-set-match.js";
import { TARGETS } from "./iptables-target.js";
import { TRANSPORT_MATCHES } from "./iptables-transport-match.js";
import { maybeNumber } from "./iptables-values.js";
import { protocolNumber } from "./protocol-names.js";

const MATCHES: ReadonlyMap<string, ExtensionReader> = new Map([
  ...TRANSPORT_MATCHES,
  ...CONNECTION_MATCHES,
  ...PACKET_MATCHES,
  ...BUDGET_MATCHES,
  ...HEADER_MATCHES,
  ...OPAQUE_MATCHES,
  ["addrtype", addrtype],
  ["set", setMatch],
]);

/** Matches that -p brings along for their options. */
const IMPLIED_MATCHES: ReadonlyMap<number, string> = new Map([
  [1, "icmp"],
  [6, "tcp"],
  [17, "udp"],
  [33, "dccp"],
  [50, "esp"],
  [51, "ah"],
  [58, "icmp6"],
  [108, "ipcomp"],
  [132, "sctp"],
  [135, "mh"],
  [136, "udplite"],
]);

/** The rule's own options: the short form, and how many values. */
const OWN_OPTIONS: ReadonlyMap<string, readonly [name: string, count: number]> = new Map([
  ...rows("-s", 1, "--source", "--src"),
  ...rows("-d", 1, "--destination", "--dst"),
  ...rows("-p", 1, "--protocol", "--proto"),
  ...rows("-i", 1, "--in-interface"),
  ...rows("-o", 1, "--out-interface"),
  ...rows("-f", 0, "--fragment", "--fragments"),
  ...rows("-c", 2, "--set-counters"),
  ...rows("-m", 1, "--match"),
  ...rows("-j", 1, "--jump"),
  ...rows("-g", 1, "--goto"),
]);

function rows(short: string, count: number, ...long: readonly string[]) {
  return [short, ...long].map((name) => [name, [short, count]] as const);
}

/** Other names of options. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["--source-port", "--sport"],
  ["--destination-port", "--dport"],
  ["--source-ports", "--sports"],
  ["--destination-ports", "--dports"],
  ["--to-port", "--to-ports"],
]);

/** A match or target of a rule, with its options. */
export interface GivenExtension {
  readonly kind: "match" | "target";
  readonly name: string;
  /** What reads it; undefined for one that is not known, or a chain. */
  readonly reader: ExtensionReader | undefined;
  readonly options: GivenOption[];
  /** Its first option that is not known. */
  strange: string | undefined;
}

/** A rule in words. */
export interface RuleWords {
  /** -s -d -p -i -o -f -c. */
  readonly own: readonly GivenOption[];
  readonly matches: readonly GivenExtension[];
  readonly target: GivenExtension | undefined;
  /** Of -g. */
  readonly goesTo: string | undefined;
  /** Words of the rule that belong to nothing. */
  readonly strange: readonly string[];
}

/** Sorts the words behind "-A CHAIN". */
export function sortWords(words: readonly string[]): RuleWords {
  return new WordSorter(words).sort();
}

class WordSorter {
  readonly #words: readonly string[];
  #at = 0;
  readonly #own: GivenOption[] = [];
  readonly #extensions: GivenExtension[] = [];
  readonly #strange: string[] = [];
  #goesTo: string | undefined;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  sort(): RuleWords {
    let isNegated = false;
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++] ?? "";
      if (word === "!") {
        isNegated = true;
        continue;
      }
      if (isOption(word)) this.#option(word, isNegated);
      else this.#strange.push(quote(word));
      isNegated = false;
    }
    return {
      own: this.#own,
      matches: this.#extensions.filter(({ kind }) => kind === "match"),
      target: this.#extensions.findLast(({ kind }) => kind === "target"),
      goesTo: this.#goesTo,
      strange: this.#strange,
    };
  }

  #option(word: string, isNegated: boolean): void {
    const name = ALIASES.get(word) ?? word;
    const own = OWN_OPTIONS.get(name);
    const owner = this.#ownerOf(name) ?? (own === undefined ? this.#impliedOwner(name) : undefined);
    const count = owner?.reader?.options.get(name);
    if (owner !== undefined && count !== undefined) {
      owner.options.push({ name, isNegated, values: this.#take(count) });
    } else if (own !== undefined) this.#ownOption(own[0], isNegated, this.#take(own[1]));
    else this.#strangeOption(name, isNegated);
  }

  #take(count: number): readonly string[] {
    const values = this.#words.slice(this.#at, this.#at + count);
    this.#at += count;
    return values;
  }

  #ownOption(name: string, isNegated: boolean, values: readonly string[]): void {
    const [value = ""] = values;
    if (name === "-m") this.#add("match", value, MATCHES.get(value));
    else if (name === "-j") this.#add("target", value, TARGETS.get(value));
    else if (name === "-g") this.#goesTo = value;
    else this.#own.push({ name, isNegated, values });
  }

  #add(kind: "match" | "target", name: string, reader: ExtensionReader | undefined): GivenExtension {
    const extension: GivenExtension = { kind, name, reader, options: [], strange: undefined };
    this.#extensions.push(extension);
    return extension;
  }

  #ownerOf(name: string): GivenExtension | undefined {
    return this.#extensions.findLast(({ reader }) => reader?.options.has(name));
  }

  #impliedOwner(name: string): GivenExtension | undefined {
    const match = IMPLIED_MATCHES.get(protocolGiven(this.#own) ?? -1);
    const reader = match === undefined ? undefined : MATCHES.get(match);
    if (match === undefined || reader?.options.has(name) !== true) return undefined;
    return this.#add("match", match, reader);
  }

  /** Nobody knows how many values it has: all words up to the next option. */
  #strangeOption(name: string, isNegated: boolean): void {
    let count = 0;
    for (;;) {
      const next = this.#words[this.#at + count];
      if (next === undefined || next === "!" || isOption(next)) break;
      count++;
    }
    const values = this.#take(count);
    const owner = this.#extensions.at(-1);
    if (owner === undefined) this.#strange.push(name);
    else {
      owner.options.push({ name, isNegated, values });
      owner.strange ??= name;
    }
  }
}

function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith("-");
}

/** The protocol of -p by number, unless it is negated, missing or not known. */
export function protocolGiven(own: readonly GivenOption[]): number | undefined {
  const option = own.find(({ name }) => name === "-p");
  if (option === undefined || option.isNegated) return undefined;
  const text = option.values[0] ?? "";
  return protocolNumber(text) ?? maybeNumber(text);
}
