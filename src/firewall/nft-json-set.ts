// Elements of nftables' sets and maps in libnftables-json's form: single, as ranges, concatenated, with data. libnftables-json(5),
// "SET / MAP", "ELEM", "MAP".
import type { DataType } from "./data-type.js";
import type { ElementSet, KeyPart, SetElement } from "./element-set.js";
import type { Expression } from "./expression.js";
import { asList, isJsonObject, type JsonObject, onlyEntry, textAt } from "./json-tree.js";
import { allOnes, constant, readPart } from "./nft-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { RuleScope } from "./rule-scope.js";
import { statementText } from "./rule-text.js";
import type { Verdict } from "./statement.js";

/** What the elements of a set are, and what they collect on the way. */
interface Elements {
  readonly elements: SetElement[];
  fallback?: Expression | Verdict;
}

/** Reads the elements of a set that stands in a rule. @throws NotUnderstood */
export function readAnonymousSet(
  body: unknown,
  keyTypes: readonly DataType[],
  dataTypes: readonly DataType[],
  scope: RuleScope,
): ElementSet {
  const read = readElements(asList(body), keyTypes, dataTypes, scope);
  return { kind: "element-set", types: keyTypes, ...read };
}

/** Reads a list of elements; those with data are pairs. @throws NotUnderstood */
export function readElements(
  list: readonly unknown[],
  keyTypes: readonly DataType[],
  dataTypes: readonly DataType[],
  scope: RuleScope,
): Pick<ElementSet, "elements" | "fallback"> {
  const into: Elements = { elements: [] };
  for (const one of list) readElement(one, keyTypes, dataTypes, scope, into);
  return into;
}

function readElement(
  json: unknown,
  keyTypes: readonly DataType[],
  dataTypes: readonly DataType[],
  scope: RuleScope,
  into: Elements,
): void {
  const pair = Array.isArray(json) && json.length === 2 ? json : undefined;
  const facts = elementFacts(pair === undefined ? json : pair[0]);
  const data = pair === undefined ? undefined : readData(pair[1], dataTypes, scope);
  if (facts.value === "*" && data !== undefined) into.fallback = data;
  else into.elements.push(element(readKey(facts.value, keyTypes), data, facts.condition));
}

/** Most elements are but a key: nothing else is made for them. */
function element(
  key: readonly KeyPart[],
  data: Expression | Verdict | undefined,
  condition: string | undefined,
): SetElement {
  if (condition !== undefined) return data === undefined ? { key, condition } : { key, data, condition };
  return data === undefined ? { key } : { key, data };
}

/** An element without what surrounds its value. */
interface ElementFacts {
  readonly value: unknown;
  readonly condition: string | undefined;
}

/** What an element may have besides its value without any effect on a lookup. */
const HARMLESS_KEYS: readonly string[] = ["val", "timeout", "expires", "comment", "counter", "last"];

function elementFacts(json: unknown): ElementFacts {
  if (!isJsonObject(json)) return { value: json, condition: undefined };
  const inner = json.elem;
  if (!isJsonObject(inner)) return { value: json, condition: undefined };
  const unknown = Object.keys(inner).filter((key) => !HARMLESS_KEYS.includes(key));
  if (unknown.length === 0) return { value: inner.val, condition: undefined };
  return { value: inner.val, condition: unknown.map((key) => conditionText(inner, key)).join(", ") };
}

/** A lookup asks the limit, quota or count of the element that it finds, too (nft_set_elem_expr_eval in the kernel). */
function conditionText(inner: JsonObject, key: string): string {
  return `the element's own ${statementText({ [key]: inner[key] })}`;
}

/** Reads a key of one or several parts. @throws NotUnderstood */
export function readKey(json: unknown, types: readonly DataType[]): readonly KeyPart[] {
  const [type] = types;
  if (type === undefined) throw new NotUnderstood("an element of a set without a type");
  if (types.length === 1) return [readKeyPart(json, type)];
  const [name, body] = onlyEntry(json) ?? ["", undefined];
  const parts = name === "concat" ? asList(body) : [];
  if (parts.length !== types.length) throw new NotUnderstood("an element with another number of parts than its set");
  return types.map((partType, at) => readKeyPart(parts[at], partType));
}

function readKeyPart(json: unknown, type: DataType): KeyPart {
  if (json !== "*" || type.form === "text") return readPart(json, type);
  return { kind: "range", low: type.form === "wide" ? 0n : 0, high: allOnes(type) };
}

/**
 * Reads what a map has for a key: a verdict, a value, a range, or several of them joined. Names of objects (counters, limits)
 * are not kept: `undefined`.
 */
function readData(json: unknown, types: readonly DataType[], scope: RuleScope): Expression | Verdict | undefined {
  const verdict = readVerdict(json, scope);
  if (verdict !== undefined) return verdict;
  const [type] = types;
  if (type === undefined) return undefined;
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key !== "concat") return constant(readPart(json, type), type);
  const parts = asList(body);
  if (parts.length > types.length) throw new NotUnderstood("data with more parts than its map");
  return { kind: "concat", parts: parts.map((part, at) => partOf(part, types[at])) };
}

function partOf(json: unknown, type: DataType | undefined): Expression {
  if (type === undefined) throw new NotUnderstood("data with more parts than its map");
  return constant(readPart(json, type), type);
}

/** Verdicts without a goal, one of each kind. */
export const PLAIN_VERDICT_LIST: readonly Verdict[] = [
  { kind: "accept" },
  { kind: "drop" },
  { kind: "continue" },
  { kind: "return" },
];

const PLAIN_VERDICTS: ReadonlyMap<string, Verdict> = new Map(PLAIN_VERDICT_LIST.map((one) => [one.kind, one]));

/** Reads a verdict; `undefined` when it is none. */
export function readVerdict(json: unknown, scope: RuleScope): Verdict | undefined {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  const plain = body === null ? PLAIN_VERDICTS.get(key) : undefined;
  if (plain !== undefined) return plain;
  if (key === "queue") return { kind: "queue" };
  if (key !== "jump" && key !== "goto") return undefined;
  const chain = isJsonObject(body) ? textAt(body, "target") : undefined;
  if (chain === undefined) throw new NotUnderstood(`a ${key} without a chain`);
  scope.onChain(chain);
  return { kind: key, chain };
}
