// One rule of the firewall's model as rules of address translation: what its statements say from left to right.
import type { ElementSet } from "../firewall/element-set.js";
import type { Expression, SetReference } from "../firewall/expression.js";
import type { Rule, Table, TableFamily } from "../firewall/ruleset.js";
import type { Statement, Verdict } from "../firewall/statement.js";
import type { PortRange } from "../target/port-set.js";
import { ANY_PACKET, bothMatch, type NatMatch, SOME_PACKETS } from "./nat-match.js";
import type { NatAction, NatChain, NatRule, NatTarget } from "./nat-rules.js";
import {
  addressRangeOf,
  elementsOf,
  type Meaning,
  meaningOf,
  meaningOfMatch,
  partOf,
  portRangeOf,
} from "./packet-meaning.js";

const TEXT_CHARACTERS_MAX = 400;
const PACKETS_OF: Readonly<Record<TableFamily, NatMatch>> = {
  ip: { ...ANY_PACKET, family: 4 },
  ip6: { ...ANY_PACKET, family: 6 },
  inet: ANY_PACKET,
  netdev: ANY_PACKET,
};

/** The table that a rule stands in. */
export interface NatChainFinder {
  readonly table: Table;
  /** undefined for one that is not there. */
  named(chain: string): NatChain | undefined;
}

/** Reads a rule into a list. It can do several things: a map has a destination, or a verdict, for each of its elements. */
export function takeRule(rule: Rule, chains: NatChainFinder, found: NatRule[]): void {
  const reading = new RuleReading(rule, chains, found);
  for (const statement of rule.statements) reading.take(statement);
}

/** The line of iptables-save, or as `nft -a list chain` shows where it is. */
function textOf(rule: Rule): string {
  const { place, comment } = rule;
  if (place.handle === undefined && place.line !== undefined) return rule.text.slice(0, TEXT_CHARACTERS_MAX);
  const own = `nft ${place.family} ${place.table} ${place.chain} handle ${place.handle}`;
  return (comment === undefined ? own : `${own} "${comment}"`).slice(0, TEXT_CHARACTERS_MAX);
}

/** Targets of xtables, of which nft shows nothing but the name, and those that were not understood. */
const UNKNOWN_TRANSLATION = /^(?:xt target |-j )(?:DNAT|NETMAP)\b|^dnat\b/;
const UNKNOWN_REDIRECTION = /^(?:xt target |-j )REDIRECT\b|^redirect\b/;
const UNKNOWN_SOURCE_NAT = /^(?:xt target |-j )(?:SNAT|MASQUERADE)\b|^(?:snat|masquerade)\b/;
/** Matches of xtables that say nothing more than is said beside them. */
const PASSING_MATCH = /^xt match (?:comment|tcp|udp|sctp)$/;

/** A new destination, for the packets that get it; `isKnown` false where more is said than is understood. */
interface Destination {
  readonly meaning: Meaning;
  readonly target: NatTarget;
  readonly ports: PortRange | undefined;
  readonly isKnown: boolean;
}

/** Reads the statements of one rule, from left to right. */
class RuleReading {
  readonly #rule: Rule;
  readonly #chains: NatChainFinder;
  readonly #found: NatRule[];
  /** undefined where no packet is left. */
  #match: NatMatch | undefined;
  #isShared = false;

  constructor(rule: Rule, chains: NatChainFinder, found: NatRule[]) {
    this.#rule = rule;
    this.#chains = chains;
    this.#found = found;
    this.#match = PACKETS_OF[chains.table.family];
  }

  take(statement: Statement): void {
    if (this.#match === undefined) return;
    switch (statement.kind) {
      case "verdict":
        this.#addVerdict(statement.verdict, ANY_PACKET);
        return;
      case "verdict-map":
        this.#takeVerdicts(statement);
        return;
      case "nat":
        this.#takeNat(statement);
        return;
      case "reject":
        this.#add({ kind: "drop" });
        return;
      case "set-field":
        if (isDestination(statement)) this.#add({ kind: "unknown" }); // later rules see other packets
        return;
      case "diversion":
        this.#add({ kind: "unknown" });
        return;
      case "unknown":
        this.#takeUnknown(statement.text);
        return;
      default:
        this.#narrow(this.#meaningOf(statement));
    }
  }

  /** A condition, or what is none and concerns all packets. */
  #meaningOf(statement: Statement): Meaning {
    switch (statement.kind) {
      case "match":
        return meaningOfMatch(statement, this.#chains.table.sets);
      case "all":
        return statement.isNegated ? ofNegated(statement.conditions) : this.#meaningOfAll(statement.conditions);
      case "any":
        return statement.isNegated ? SOME_PACKETS : this.#meaningOfAny(statement.conditions);
      case "budget":
        return statement.text.startsWith("-m statistic ") ? "shared" : SOME_PACKETS;
      case "update-set":
        return SOME_PACKETS; // it ends the rule where the set is full
      default:
        return ANY_PACKET;
    }
  }

  #meaningOfAll(conditions: readonly Statement[]): Meaning {
    let match: NatMatch | undefined = ANY_PACKET;
    for (const condition of conditions) {
      const meaning = this.#meaningOf(condition);
      if (meaning === "shared") return "shared";
      match = match === undefined || meaning === undefined ? undefined : bothMatch(match, meaning);
    }
    return match;
  }

  #meaningOfAny(conditions: readonly Statement[]): Meaning {
    return conditions.some((condition) => this.#meaningOf(condition) === ANY_PACKET) ? ANY_PACKET : SOME_PACKETS;
  }

  #narrow(meaning: Meaning): void {
    if (meaning === "shared") this.#isShared = true;
    else this.#match = this.#match && meaning && bothMatch(this.#match, meaning);
  }

  #add(action: NatAction, narrower: Meaning = ANY_PACKET): void {
    const isShared = this.#isShared || narrower === "shared";
    const match = narrower === "shared" ? this.#match : this.#match && narrower && bothMatch(this.#match, narrower);
    if (match !== undefined) this.#found.push({ match, action, isShared });
  }

  #takeVerdicts({ key, map }: Statement & { readonly kind: "verdict-map" }): void {
    const elements = this.#elementsOf(key, map);
    if (elements === undefined) this.#add({ kind: "unknown" });
    for (const { meaning, data } of elements ?? []) {
      if (isVerdict(data)) this.#addVerdict(data, meaning);
      else this.#add({ kind: "unknown" }, meaning);
    }
  }

  #addVerdict(verdict: Verdict, meaning: Meaning): void {
    switch (verdict.kind) {
      case "jump":
      case "goto":
        this.#add({ kind: verdict.kind, chain: this.#chains.named(verdict.chain) }, meaning);
        return;
      case "return":
        this.#add({ kind: "return" }, meaning);
        return;
      case "accept":
      case "drop":
        this.#add({ kind: verdict.kind }, meaning);
        return;
      case "queue":
        this.#add({ kind: "unknown" }, meaning);
        return;
      case "continue":
        return;
    }
  }

  #takeNat(nat: Statement & { readonly kind: "nat" }): void {
    if (nat.family !== undefined) this.#narrow(PACKETS_OF[nat.family]);
    if (nat.direction === "snat" || nat.direction === "masquerade") {
      this.#add({ kind: "accept" });
      return;
    }
    for (const { meaning, target, ports, isKnown } of this.#destinationsOf(nat)) {
      this.#translate(target, ports, isKnown ? meaning : doubted(meaning));
    }
  }

  /** Addresses may come out of a map, alone or with a port each; so may ports. */
  #destinationsOf({ direction, address, port }: Statement & { readonly kind: "nat" }): readonly Destination[] {
    if (address?.kind === "map") {
      return this.#byMap(address, (data) => {
        const [first, second] = data.kind === "concat" ? data.parts : [data];
        return destinationOf(first === undefined ? UNKNOWN : targetOf(first), second ?? port);
      });
    }
    const [first, second] = address?.kind === "concat" ? address.parts : [address];
    const target: NatTarget = direction === "redirect" ? { kind: "own" } : first === undefined ? SAME : targetOf(first);
    if (port?.kind !== "map") return [destinationOf(target, second ?? port)];
    return this.#byMap(port, (data) => destinationOf(target, data));
  }

  #byMap(
    { key, map }: Expression & { readonly kind: "map" },
    read: (data: Expression) => Destination,
  ): readonly Destination[] {
    const elements = this.#elementsOf(key, map);
    if (elements === undefined) return [destinationOf(UNKNOWN, undefined)];
    return elements.map(({ meaning, data }) => ({
      ...(isVerdict(data) ? destinationOf(UNKNOWN, undefined) : read(data)),
      meaning,
    }));
  }

  /** Keys of a map as packets, each with its value; undefined for a map that is not known. */
  #elementsOf(key: Expression, map: ElementSet | SetReference) {
    const set = elementsOf(map, this.#chains.table.sets);
    if (set === undefined) return undefined;
    const found = set.elements.flatMap(({ key: parts, data, condition }) => {
      if (data === undefined) return [];
      const meaning = meaningOf(key, [parts]);
      return [{ meaning: condition === undefined ? meaning : doubted(meaning), data }];
    });
    return set.fallback === undefined ? found : [...found, { meaning: SOME_PACKETS, data: set.fallback }];
  }

  #takeUnknown(text: string): void {
    if (UNKNOWN_TRANSLATION.test(text)) this.#translate(UNKNOWN, undefined, SOME_PACKETS);
    else if (UNKNOWN_REDIRECTION.test(text)) this.#translate({ kind: "own" }, undefined, SOME_PACKETS);
    else if (UNKNOWN_SOURCE_NAT.test(text)) this.#add({ kind: "accept" });
    else if (!PASSING_MATCH.test(text)) {
      this.#narrow(SOME_PACKETS);
      if (!text.startsWith("xt match ")) this.#add({ kind: "unknown" });
    }
  }

  #translate(target: NatTarget, ports: PortRange | undefined, meaning: Meaning): void {
    this.#add({ kind: "translate", target, ports, text: textOf(this.#rule) }, meaning);
  }
}

const SAME: NatTarget = { kind: "same" };
const UNKNOWN: NatTarget = { kind: "unknown" };

function destinationOf(target: NatTarget, port: Expression | undefined): Destination {
  const part = port === undefined ? undefined : partOf(port);
  const ports = part === undefined ? undefined : portRangeOf(part);
  return { meaning: ANY_PACKET, target, ports, isKnown: port === undefined || ports !== undefined };
}

function targetOf(address: Expression): NatTarget {
  const part = partOf(address);
  const family = familyOf(address);
  const range = part === undefined || family === undefined ? undefined : addressRangeOf(part, family);
  return range === undefined ? UNKNOWN : { kind: "address", address: range };
}

function familyOf(address: Expression): 4 | 6 | undefined {
  const value = address.kind === "range" ? address.low : address;
  if (value.kind !== "value") return undefined;
  return value.type.name === "ipv4_addr" ? 4 : value.type.name === "ipv6_addr" ? 6 : undefined;
}

const VERDICTS: ReadonlySet<string> = new Set(["accept", "drop", "continue", "return", "jump", "goto", "queue"]);

function isVerdict(data: Expression | Verdict): data is Verdict {
  return VERDICTS.has(data.kind);
}

/** Not all of nothing never holds. */
function ofNegated(conditions: readonly Statement[]): Meaning {
  return conditions.length === 0 ? undefined : SOME_PACKETS;
}

function isDestination({ field }: Statement & { readonly kind: "set-field" }): boolean {
  return field.kind === "payload" && (field.field === "daddr" || field.field === "dport");
}

function doubted(meaning: Meaning): Meaning {
  return meaning === undefined || meaning === "shared" ? meaning : { ...meaning, isCertain: false };
}
