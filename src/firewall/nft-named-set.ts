// A named set or map of nftables in libnftables-json's form: its types, then its elements. libnftables-json(5), "SET / MAP".
import type { DataType } from "./data-type.js";
import type { NamedSet } from "./element-set.js";
import { asList, isJsonObject, type JsonObject } from "./json-tree.js";
import { readExpression, typesOf } from "./nft-json-expression.js";
import { readElements } from "./nft-json-set.js";
import { typeNamed } from "./nft-types.js";
import { NotUnderstood } from "./not-understood.js";
import { type RuleScope, requireKeys } from "./rule-scope.js";

/** A set before it is read. */
export interface SetSource {
  readonly name: string;
  readonly json: JsonObject;
  readonly isMap: boolean;
  /** Elements that the listing has apart from it. */
  readonly extra: unknown[];
  readonly line?: number;
  /** What of it was not understood before. */
  readonly fault?: string;
}

const KEYS = [
  "family",
  "name",
  "table",
  "handle",
  "type",
  "map",
  "flags",
  "elem",
  "timeout",
  "gc-interval",
  "size",
  "policy",
  "comment",
  "stmt",
  "auto-merge",
];

/** What a map may have besides values: verdicts, and objects, which say nothing of the packet. */
const WITHOUT_TYPE: ReadonlySet<string> = new Set([
  "verdict",
  "counter",
  "quota",
  "limit",
  "ct helper",
  "ct timeout",
  "ct expectation",
  "synproxy",
  "secmark",
]);

/** True when one of the types has no known width. */
export function isWidthUnknown(types: readonly DataType[]): boolean {
  return types.some((type) => type.name === "integer" && type.bits === 0);
}

/** Reads a set. What is not understood makes it an unknown one, with the reason. */
export function readNamedSet(
  source: SetSource,
  used: readonly DataType[] | undefined,
  isDynamic: boolean,
  scope: RuleScope,
): NamedSet {
  const { name, json } = source;
  try {
    if (source.fault !== undefined) throw new NotUnderstood(source.fault);
    requireKeys(json, KEYS);
    const types = sharpened(readTypes(json.type, scope), used);
    const dataTypes = source.isMap ? readTypes(json.map, scope) : [];
    const elements = source.extra.length === 0 ? asList(json.elem) : [...asList(json.elem), ...source.extra];
    return {
      kind: "element-set",
      name,
      types,
      isDynamic,
      ...readElements(elements, types, dataTypes, scope),
    };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return {
      kind: "element-set",
      name,
      types: used ?? [],
      isDynamic,
      elements: [],
      unknown: `${error.message} is not understood`,
    };
  }
}

/** Reads "ipv4_addr", ["ipv4_addr", "inet_service"], "ipv4_addr . inet_service" or {"typeof": …}. */
function readTypes(json: unknown, scope: RuleScope): readonly DataType[] {
  if (isJsonObject(json)) return typesOf(readExpression(requireKeys(json, ["typeof"]).typeof, scope));
  const names = asList(json).flatMap((one) => (typeof one === "string" ? one.split(" . ") : [""]));
  return names.filter((name) => !WITHOUT_TYPE.has(name)).map(typeOf);
}

function typeOf(name: string): DataType {
  const type = typeNamed(name);
  if (type === undefined) throw new NotUnderstood(`the type "${name}"`);
  return type;
}

/** Takes the width of integers from the rules that use the set. */
function sharpened(types: readonly DataType[], used: readonly DataType[] | undefined): readonly DataType[] {
  if (used === undefined || used.length !== types.length || !isWidthUnknown(types)) return types;
  return types.map((type, at) => (isWidthUnknown([type]) ? (used[at] ?? type) : type));
}
