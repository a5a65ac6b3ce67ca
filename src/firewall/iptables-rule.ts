// One rule of iptables made into statements: its own conditions, its matches in their order, its target. iptables(8),
// "PARAMETERS"; net/ipv4/netfilter/ip_tables.c (ip_packet_match, ipt_do_table), net/ipv6/netfilter/ip6_tables.c.
import { quote } from "../target/fault.js";
import { INTERFACE_NAME, numberType, PROTOCOL } from "./data-type.js";
import type { Expression } from "./expression.js";
import { anyOf, fieldOf, inNetwork, isThereAnd, meta, payload, unknownCondition } from "./iptables-condition.js";
import type { GivenExtension, RuleWords } from "./iptables-rule-words.js";
import { type GivenOption, type IptablesScope, onlyValue } from "./iptables-scope.js";
import { addressType, constant, networkOf, protocolOf } from "./iptables-values.js";
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

/** Reads a rule; what is not understood of it becomes a condition that is not known. */
export function readRule(words: RuleWords, scope: IptablesScope): ReadRule {
  const faults: string[] = [];
  const statements: Statement[] = [];
  const attempt = (what: string, read: () => readonly Statement[], instead: (text: string) => Statement): void => {
    try {
      statements.push(...read());
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      faults.push(`${what}: ${error.message}`);
      statements.push(instead(what));
    }
  };
  for (const option of words.own) {
    attempt(optionText(option), () => ownCondition(option, scope), unknownCondition);
  }
  for (const match of words.matches) attempt(extensionText(match), () => readExtension(match, scope), unknownCondition);
  for (const word of words.strange) {
    const fail = () => {
      throw new NotUnderstood("it belongs to no match");
    };
    attempt(word, fail, unknownCondition);
  }
  const { target, goesTo } = words;
  if (goesTo !== undefined) statements.push({ kind: "verdict", verdict: { kind: "goto", chain: goesTo } });
  if (target !== undefined) {
    attempt(
      extensionText(target),
      () => readTarget(target, scope),
      (text) => ({ kind: "unknown", text }),
    );
  }
  return { statements, faults };
}

function readTarget(target: GivenExtension, scope: IptablesScope): readonly Statement[] {
  const verdict = VERDICTS.get(target.name);
  if (verdict !== undefined) return [{ kind: "verdict", verdict }];
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

/** Several addresses, which only people write, are as many rules. */
function addressCondition(field: "saddr" | "daddr", option: GivenOption, { family }: IptablesScope): Statement {
  const left = payload(family === 4 ? "ip" : "ip6", field, addressType(family));
  const conditions = onlyValue(option)
    .split(",")
    .map((text) => inNetwork(left, networkOf(text, family), family, option.isNegated));
  return anyOf(conditions);
}

/** "eth+" stands for all names that begin with "eth". */
function interfaceCondition(key: "iifname" | "oifname", option: GivenOption): readonly Statement[] {
  const name = onlyValue(option);
  const left = meta(key, INTERFACE_NAME);
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
  return [isThereAnd(meta("l4proto", PROTOCOL), constant(number, number, PROTOCOL), option.isNegated)];
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
