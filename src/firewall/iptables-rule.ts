// One rule of iptables made into statements: its own conditions, its matches in their order, its target. iptables(8),
// "PARAMETERS"; net/ipv4/netfilter/ip_tables.c (ip_packet_match, ipt_do_table), net/ipv6/netfilter/ip6_tables.c.
import { quote } from "../target/fault.js";
import { INTERFACE_NAME, IPV4, IPV6, numberType, PROTOCOL } from "./data-type.js";
import type { Expression } from "./expression.js";
import { anyOf, fieldOf, inNetwork, isThereAnd, meta, payload, unknownCondition } from "./iptables-condition.js";
import type { GivenExtension, RuleWords } from "./iptables-rule-words.js";
import { type GivenOption, type IptablesScope, onlyValue } from "./iptables-scope.js";
import { constant, networkOf, protocolOf } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement, Verdict } from "./statement.js";

/** What a rule does, and what was not understood of it. */
export interface ReadRule {
  readonly statements: readonly Statement[];
  readonly faults: readonly string[];
}

const VERDICTS: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ["ACCEPT", { kind: "accept" }],
  ["DROP", { kind: "drop" }],
  ["RETURN", { kind: "return" }],
  ["QUEUE", { kind: "queue" }],
]);

const VERDICT_STATEMENTS: ReadonlyMap<string, Statement> = new Map(
  [...VERDICTS].map(([name, verdict]) => [name, { kind: "verdict", verdict } as const]),
);

/** Reads a rule; what is not understood of it becomes a condition that is not known. */
export function readRule(words: RuleWords, scope: IptablesScope): ReadRule {
  const reading = new RuleReading();
  for (const option of words.own) {
    reading.add(
      () => ownCondition(option, scope),
      () => optionText(option),
      unknownCondition,
    );
  }
  for (const match of words.matches) {
    reading.add(
      () => readExtension(match, scope),
      () => extensionText(match),
      unknownCondition,
    );
  }
  for (const word of words.strange) reading.add(failStrange, () => word, unknownCondition);
  const { target, goesTo } = words;
  if (goesTo !== undefined) reading.statements.push({ kind: "verdict", verdict: { kind: "goto", chain: goesTo } });
  if (target !== undefined) {
    reading.add(
      () => readTarget(target, scope),
      () => extensionText(target),
      unknownTarget,
    );
  }
  return reading;
}

class RuleReading implements ReadRule {
  readonly statements: Statement[] = [];
  readonly faults: string[] = [];

  /** Adds what is read, or what stands instead of what is not understood. */
  add(read: () => readonly Statement[], text: () => string, instead: (text: string) => Statement): void {
    try {
      this.statements.push(...read());
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      const what = text();
      this.faults.push(`${what}: ${error.message}`);
      this.statements.push(instead(what));
    }
  }
}

function failStrange(): never {
  throw new NotUnderstood("it belongs to no match");
}

function unknownTarget(text: string): Statement {
  return { kind: "unknown", text };
}

function readTarget(target: GivenExtension, scope: IptablesScope): readonly Statement[] {
  const verdict = VERDICT_STATEMENTS.get(target.name);
  if (verdict !== undefined) return [verdict];
  if (scope.hasChain(target.name)) return [{ kind: "verdict", verdict: { kind: "jump", chain: target.name } }];
  return readExtension(target, scope);
}

function readExtension({ kind, reader, options, strange }: GivenExtension, scope: IptablesScope): readonly Statement[] {
  if (reader === undefined) throw new NotUnderstood(kind === "match" ? "a match that is not known" : "no such target");
  if (strange !== undefined) throw new NotUnderstood(`the option ${quote(strange)}`);
  return reader.read(options, scope);
}

function ownCondition(option: GivenOption, scope: IptablesScope): readonly Statement[] {
  switch (option.name) {
    case "-s":
      return [addressCondition("saddr", option, scope)];
    case "-d":
      return [addressCondition("daddr", option, scope)];
    case "-i":
      return interfaceCondition("iifname", option);
    case "-o":
      return interfaceCondition("oifname", option);
    case "-p":
      return protocolCondition(option);
    case "-f":
      return [isFragment(option.isNegated)];
    default:
      return []; // counters
  }
}

const ADDRESSES = {
  4: { saddr: payload("ip", "saddr", IPV4), daddr: payload("ip", "daddr", IPV4) },
  6: { saddr: payload("ip6", "saddr", IPV6), daddr: payload("ip6", "daddr", IPV6) },
} as const;
const INTERFACES = { iifname: meta("iifname", INTERFACE_NAME), oifname: meta("oifname", INTERFACE_NAME) } as const;
const TRANSPORT = meta("l4proto", PROTOCOL);

/** Several addresses, which only people write, are as many rules. */
function addressCondition(field: "saddr" | "daddr", option: GivenOption, { family }: IptablesScope): Statement {
  const left = ADDRESSES[family][field];
  const value = onlyValue(option);
  if (!value.includes(",")) return inNetwork(left, networkOf(value, family), family, option.isNegated);
  return anyOf(value.split(",").map((text) => inNetwork(left, networkOf(text, family), family, option.isNegated)));
}

/** "eth+" stands for all names that begin with "eth". */
function interfaceCondition(key: "iifname" | "oifname", option: GivenOption): readonly Statement[] {
  const name = onlyValue(option);
  const left = INTERFACES[key];
  if (name === "+" && !option.isNegated) return [];
  if (name.endsWith("*")) {
    // A star of the name itself, while one at the end of a value stands for anything.
    const only = { key: [{ kind: "text" as const, text: name, isPrefix: false }] };
    return [isThereAnd(left, { kind: "element-set", types: [INTERFACE_NAME], elements: [only] }, option.isNegated)];
  }
  const value = name.endsWith("+") ? `${name.slice(0, -1)}*` : name;
  const right: Expression = { kind: "value", value, type: INTERFACE_NAME };
  return [isThereAnd(left, right, option.isNegated)];
}

function protocolCondition(option: GivenOption): readonly Statement[] {
  const number = protocolOf(onlyValue(option));
  // 0 stands for all of them.
  if (number === 0 && !option.isNegated) return [];
  return [isThereAnd(TRANSPORT, constant(number, number, PROTOCOL), option.isNegated)];
}

const FRAGMENT_OFFSET = numberType("integer", 13);

/** -f: the second and further fragments, whose offset (RFC 791 §3.1) is not 0. */
function isFragment(isNegated: boolean): Statement {
  const offset = fieldOf({ kind: "raw-payload", base: "nh", offsetBits: 51, lengthBits: 13 }, FRAGMENT_OFFSET);
  return isThereAnd(offset, constant(0, 0, FRAGMENT_OFFSET), !isNegated);
}

function optionText({ name, isNegated, values }: GivenOption): string {
  return [...(isNegated ? ["!"] : []), name, ...values].join(" ");
}

function extensionText({ kind, name, options }: GivenExtension): string {
  return [kind === "match" ? "-m" : "-j", name, ...options.map(optionText)].join(" ");
}
