// Which rules of a long chain a packet may match at all: most ask for one port or one network, and those that ask for another
// need not be looked at. What is left out would have ended without effect.
import { type DataType, IPV4, IPV6, PORT } from "../data-type.js";
import type { SetElement } from "../element-set.js";
import type { Field } from "../expression.js";
import type { Rule } from "../ruleset.js";
import type { Statement } from "../statement.js";
import { fieldReader } from "./field-reader.js";
import { BREAK, type FieldReader, isValue } from "./reading.js";
import type { WalkState } from "./walk-state.js";

/** Shorter chains are walked as quickly without. */
const RULES_MIN = 32;
/** A rule that asks for more ranges than this is looked at for each packet. */
const RANGES_MAX = 16;

type Bound = number | bigint;
type Range = readonly [low: Bound, high: Bound];

/** Values of a field without which a rule ends. */
interface Demand {
  readonly field: Field & { readonly kind: "payload" };
  readonly type: DataType;
  readonly ranges: readonly Range[];
  /** Of all values, which part. */
  readonly share: number;
}

/** Rules that ask for the same field, by the networks that they ask for. */
interface FieldRules {
  readonly read: FieldReader;
  readonly rules: number[];
  /** By the number of bits that are left open, then by those before them. */
  readonly byOpenBits: Map<number, Map<Bound, number[]>>;
}

/** The rules of a chain by what they ask for. */
export class RuleIndex {
  /** Rules that are looked at for each packet, in ascending order. */
  readonly #always: readonly number[];
  readonly #fields: readonly FieldRules[];

  private constructor(always: readonly number[], fields: readonly FieldRules[]) {
    this.#always = always;
    this.#fields = fields;
  }

  /** The index of a chain; undefined for a short one. No rule may change the packet's ports and addresses on the way. */
  static of(rules: readonly Rule[]): RuleIndex | undefined {
    if (rules.length < RULES_MIN) return undefined;
    const always: number[] = [];
    const fields = new Map<string, FieldRules>();
    for (const [at, { statements }] of rules.entries()) {
      const demand = narrowest(demandsOf(statements));
      if (demand === undefined) always.push(at);
      else add(fields, demand, at);
    }
    return fields.size === 0 ? undefined : new RuleIndex(always, [...fields.values()]);
  }

  /** The places of the rules that are to be looked at for a packet, in ascending order. */
  candidates(state: WalkState): readonly number[] {
    const found: number[] = [];
    for (const field of this.#fields) lookUp(field, state, found);
    if (found.length === 0) return this.#always;
    found.sort((a, b) => a - b);
    return merged(this.#always, found);
  }
}

function add(fields: Map<string, FieldRules>, { field, type, ranges }: Demand, at: number): void {
  const name = `${field.protocol} ${field.field}`;
  let known = fields.get(name);
  if (known === undefined) {
    known = { read: fieldReader(field), rules: [], byOpenBits: new Map() };
    fields.set(name, known);
  }
  known.rules.push(at);
  for (const range of ranges) {
    for (const { openBits, network } of networksOf(range, type.bits)) {
      let networks = known.byOpenBits.get(openBits);
      if (networks === undefined) {
        networks = new Map();
        known.byOpenBits.set(openBits, networks);
      }
      const rules = networks.get(network);
      if (rules === undefined) networks.set(network, [at]);
      else if (rules.at(-1) !== at) rules.push(at);
    }
  }
}

function lookUp({ read, rules, byOpenBits }: FieldRules, state: WalkState, found: number[]): void {
  const value = read(state);
  if (value === BREAK) return;
  if (!isValue(value) || typeof value === "string") {
    for (const at of rules) found.push(at);
    return;
  }
  for (const [openBits, networks] of byOpenBits) {
    for (const at of networks.get(withoutBits(value, openBits)) ?? []) found.push(at);
  }
}

function withoutBits(value: Bound, bits: number): Bound {
  return typeof value === "bigint" ? value >> BigInt(bits) : Math.floor(value / 2 ** bits);
}

/** Two lists in ascending order as one; a rule that several ranges lead to is there once. */
function merged(a: readonly number[], b: readonly number[]): readonly number[] {
  const all: number[] = [];
  let at = 0;
  for (const one of b) {
    for (let other = a[at]; other !== undefined && other < one; other = a[++at]) all.push(other);
    if (all.at(-1) !== one) all.push(one);
  }
  for (; at < a.length; at++) all.push(a[at] ?? 0);
  return all;
}

/** What a rule asks for before it does anything. */
function demandsOf(statements: readonly Statement[]): readonly Demand[] {
  const demands: Demand[] = [];
  for (const statement of statements) {
    if (statement.kind === "match") {
      const demand = demandOf(statement);
      if (demand !== undefined) demands.push(demand);
    } else if (statement.kind === "all" && !statement.isNegated) demands.push(...demandsOf(statement.conditions));
    else if (statement.kind !== "any" && statement.kind !== "budget" && statement.kind !== "no-effect") break;
  }
  return demands;
}

/** The type of a field that rules are sorted by. */
function typeOf({ protocol, field }: Demand["field"]): DataType | undefined {
  if (field === "dport") return PORT;
  if (field !== "saddr") return undefined;
  return protocol === "ip" ? IPV4 : protocol === "ip6" ? IPV6 : undefined;
}

function demandOf({ left, comparison, right }: Statement & { readonly kind: "match" }): Demand | undefined {
  if (comparison !== "==" || left.kind !== "field" || left.field.kind !== "payload") return undefined;
  const { field } = left;
  const type = typeOf(field);
  const ranges = type === undefined ? undefined : rangesOf(right);
  if (type === undefined || ranges === undefined) return undefined;
  // Of addresses of IPv6 a little is lost, which makes nothing wrong.
  let count = 0;
  for (const [low, high] of ranges) count += Number(high) - Number(low) + 1;
  return { field, type, ranges, share: count / 2 ** type.bits };
}

function rangesOf(right: (Statement & { readonly kind: "match" })["right"]): readonly Range[] | undefined {
  switch (right.kind) {
    case "value":
      return typeof right.value === "string" ? undefined : [[right.value, right.value]];
    case "range": {
      const low = right.low.kind === "value" ? right.low.value : undefined;
      const high = right.high.kind === "value" ? right.high.value : undefined;
      return isBound(low) && isBound(high) && low <= high ? [[low, high]] : undefined;
    }
    case "element-set":
      return right.types.length === 1 && right.elements.length <= RANGES_MAX ? rangesIn(right.elements) : undefined;
    default:
      return undefined;
  }
}

function rangesIn(elements: readonly SetElement[]): readonly Range[] | undefined {
  const ranges: Range[] = [];
  for (const { key } of elements) {
    const [part] = key;
    if (part?.kind !== "range") return undefined;
    ranges.push([part.low, part.high]);
  }
  return ranges;
}

function isBound(value: unknown): value is Bound {
  return typeof value === "number" || typeof value === "bigint";
}

/** Half of all values is nothing to leave a rule out for. */
const SHARE_MAX = 0.5;

function narrowest(demands: readonly Demand[]): Demand | undefined {
  let best: Demand | undefined;
  for (const one of demands) if (one.share < (best?.share ?? SHARE_MAX)) best = one;
  return best;
}

/** A range as networks: all values that begin with the same bits. */
function networksOf(
  [low, high]: Range,
  width: number,
): readonly { readonly openBits: number; readonly network: Bound }[] {
  if (low === high) return [{ openBits: 0, network: low }];
  const networks: { readonly openBits: number; readonly network: Bound }[] = [];
  for (let from = low; from <= high; ) {
    let openBits = 0;
    while (openBits < width && isNetworkWithin(from, openBits + 1, high)) openBits++;
    networks.push({ openBits, network: withoutBits(from, openBits) });
    from = behind(from, openBits);
  }
  return networks;
}

function isNetworkWithin(first: Bound, openBits: number, last: Bound): boolean {
  if (typeof first === "number") return first % 2 ** openBits === 0 && first + 2 ** openBits - 1 <= last;
  const size = 1n << BigInt(openBits);
  return first % size === 0n && first + size - 1n <= last;
}

function behind(first: Bound, openBits: number): Bound {
  return typeof first === "number" ? first + 2 ** openBits : first + (1n << BigInt(openBits));
}
