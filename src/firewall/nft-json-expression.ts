// Expressions of nftables in libnftables-json's form, made into the model's: fields, masks, concatenations, maps.
// libnftables-json(5), "EXPRESSIONS"; nft(8), "PRIMARY EXPRESSIONS", "PAYLOAD EXPRESSIONS".
import { BOOLEAN, type DataType, INTERFACE_INDEX, INTERFACE_NAME, IPV4, IPV6, numberType } from "./data-type.js";
import type { ElementSet } from "./element-set.js";
import type { Expression, Field, SetReference } from "./expression.js";
import { expressionText } from "./expression-text.js";
import { asList, isJsonObject, type JsonObject, numberAt, onlyEntry, textAt } from "./json-tree.js";
import { readAnonymousSet } from "./nft-json-set.js";
import {
  ctType,
  extensionType,
  integerType,
  ipOptionType,
  isExtensionHeader,
  META_TYPES,
  PAYLOAD_TYPES,
  STRING,
  sctpChunkType,
  tcpOptionType,
  typeNamed,
} from "./nft-types.js";
import { constant, isConstant, readPart } from "./nft-values.js";
import { NotUnderstood } from "./not-understood.js";
import { type RuleScope, requireKeys } from "./rule-scope.js";

/** Reads an expression that is not a constant. @throws NotUnderstood */
export function readExpression(json: unknown, scope: RuleScope): Expression {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  const read = READERS.get(key);
  if (read === undefined) throw new NotUnderstood(key === "" ? "an expression" : `the expression "${key}"`);
  return read(body, scope);
}

/** Reads a constant of a type, or an expression that yields one. @throws NotUnderstood */
export function readOperand(json: unknown, type: DataType, scope: RuleScope): Expression {
  return isConstant(json) ? constant(readPart(json, type), type) : readExpression(json, scope);
}

/** Types of the parts of what an expression yields. */
export function typesOf(expression: Expression): readonly DataType[] {
  if (expression.kind === "concat") return expression.parts.flatMap(typesOf);
  if (expression.kind === "range") return typesOf(expression.low);
  return expression.kind === "unknown" ? [] : [expression.type];
}

/** Reads what a lookup goes into: `@name`, or an anonymous set or map. */
export function readLookup(
  json: unknown,
  keyTypes: readonly DataType[],
  dataTypes: readonly DataType[],
  scope: RuleScope,
): ElementSet | SetReference {
  if (typeof json === "string" && json.startsWith("@")) {
    const name = json.slice(1);
    scope.onSet(name, keyTypes);
    return { kind: "set-reference", name };
  }
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key !== "set") throw new NotUnderstood("a set");
  return readAnonymousSet(body, keyTypes, dataTypes, scope);
}

/** Reads `{"key": …, "data": …}` of a map whose data are of one of several types. @throws NotUnderstood */
export function readMap(body: unknown, dataTypes: readonly DataType[], scope: RuleScope): Expression {
  const { key, data } = requireKeys(body, ["key", "data"]);
  const keyExpression = readExpression(key, scope);
  const map = readLookup(data, typesOf(keyExpression), dataTypes, scope);
  const [type] = dataTypes;
  if (type === undefined) throw new NotUnderstood("a map");
  return { kind: "map", key: keyExpression, map, type };
}

/** Reads a value of a type, an expression, or a map of such values. @throws NotUnderstood */
export function readValue(json: unknown, dataTypes: readonly DataType[], scope: RuleScope): Expression {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key === "map") return readMap(body, dataTypes, scope);
  const [type] = dataTypes;
  if (type === undefined) throw new NotUnderstood("a value");
  return readOperand(json, type, scope);
}

type Reader = (body: unknown, scope: RuleScope) => Expression;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["meta", readMeta],
  ["payload", readPayload],
  ["ct", readCt],
  ["fib", readFib],
  ["exthdr", readExtensionHeader],
  ["tcp option", readTcpOption],
  ["ip option", (body) => readOption("ip-option", body)],
  ["sctp chunk", (body) => readOption("sctp-chunk", body)],
  ["concat", readConcat],
  ["&", (body, scope) => readBinary("&", body, scope)],
  ["|", (body, scope) => readBinary("|", body, scope)],
  ["^", (body, scope) => readBinary("^", body, scope)],
  ["<<", (body, scope) => readBinary("<<", body, scope)],
  [">>", (body, scope) => readBinary(">>", body, scope)],
  ["rt", (body) => other("rt", body, ["key", "family"])],
  ["socket", (body) => other("socket", body, ["key", "level"])],
  ["osf", (body) => other("osf", body, ["key", "ttl"])],
  ["ipsec", (body) => other("ipsec", body, ["key", "family", "dir", "spnum"])],
  ["numgen", (body) => other("numgen", body, ["mode", "mod", "offset"])],
  ["jhash", (body) => other("jhash", body, ["mod", "offset", "expr", "seed"])],
  ["symhash", (body) => other("symhash", body, ["mod", "offset"])],
]);

function field(value: Field, type: DataType): Expression {
  return { kind: "field", field: value, type };
}

/** Types of what cannot be known beforehand: enough to read the constants beside it. */
const OTHER_TYPES: ReadonlyMap<string, DataType> = new Map([
  ["rt nexthop ip", IPV4],
  ["rt nexthop ip6", IPV6],
  ["rt ipsec", BOOLEAN],
  ["ipsec saddr ip", IPV4],
  ["ipsec daddr ip", IPV4],
  ["ipsec saddr ip6", IPV6],
  ["ipsec daddr ip6", IPV6],
  ["osf name", STRING],
  ["osf version", STRING],
  ["socket cgroupv2", STRING],
  ["socket transparent", integerType(1)],
  ["socket wildcard", integerType(1)],
]);

function other(kind: string, body: unknown, known: readonly string[]): Expression {
  const object = requireKeys(body, known);
  const name = [kind, textAt(object, "key"), textAt(object, "family")].filter((part) => part !== undefined).join(" ");
  const type = OTHER_TYPES.get(name) ?? integerType(32);
  return field({ kind: "other", text: expressionText({ [kind]: body }) }, type);
}

/** Keys of meta whose value nobody knows before the packet is there. */
const UNKNOWABLE_META: ReadonlyMap<string, DataType> = new Map(
  [numberType("time", 64), numberType("hour", 32), numberType("day", 8)].map((type) => [type.name, type]),
);

function readMeta(body: unknown): Expression {
  const key = textAt(requireKeys(body, ["key"]), "key") ?? "";
  if (key === "random") return field({ kind: "other", text: "meta random" }, integerType(32));
  const unknowable = UNKNOWABLE_META.get(key);
  if (unknowable !== undefined) return field({ kind: "other", text: `meta ${key}` }, unknowable);
  const known = META_FIELDS.get(key);
  if (known === undefined) throw new NotUnderstood(`meta ${key}`);
  return known;
}

/** One expression for each field: rules share them, of which there may be many thousands. */
const META_FIELDS: ReadonlyMap<string, Expression> = new Map(
  [...META_TYPES].map(([key, type]) => [key, field({ kind: "meta", key }, type)]),
);

const PAYLOAD_FIELDS: ReadonlyMap<string, ReadonlyMap<string, Expression>> = new Map(
  [...PAYLOAD_TYPES].map(([protocol, types]) => [
    protocol,
    new Map([...types].map(([name, type]) => [name, field({ kind: "payload", protocol, field: name }, type)])),
  ]),
);

const BASES = ["ll", "nh", "th", "ih"] as const;

function readPayload(body: unknown): Expression {
  const object = requireKeys(body, ["protocol", "field", "base", "offset", "len"]);
  const protocol = textAt(object, "protocol");
  if (protocol === undefined) return readRawPayload(object);
  const name = textAt(object, "field") ?? "";
  const known = PAYLOAD_FIELDS.get(protocol)?.get(name);
  if (known === undefined) throw new NotUnderstood(`${protocol} ${name}`);
  return known;
}

function readRawPayload(object: JsonObject): Expression {
  const base = BASES.find((known) => known === object.base);
  const offsetBits = numberAt(object, "offset");
  const lengthBits = numberAt(object, "len");
  if (base === undefined || offsetBits === undefined || lengthBits === undefined) {
    throw new NotUnderstood("a payload expression");
  }
  if (!isBitCount(offsetBits, 65_535) || !isBitCount(lengthBits, 128)) throw new NotUnderstood("a payload expression");
  return field({ kind: "raw-payload", base, offsetBits, lengthBits }, integerType(lengthBits));
}

function isBitCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function readCt(body: unknown, scope: RuleScope): Expression {
  const object = requireKeys(body, ["key", "dir", "family"]);
  const key = textAt(object, "key") ?? "";
  const dir = textAt(object, "dir");
  const facts = dir === "original" || dir === "reply" ? ({ direction: dir } as const) : {};
  const address = /^(?:(ip6?) )?(saddr|daddr)$/.exec(key);
  if (address !== null) {
    const family = (address[1] ?? textAt(object, "family") ?? scope.family) === "ip6" ? "ip6" : "ip";
    return field({ kind: "ct", key: address[2] ?? "", ...facts, family }, family === "ip" ? IPV4 : IPV6);
  }
  const type = ctType(key);
  if (type === undefined) throw new NotUnderstood(`ct ${key}`);
  return field({ kind: "ct", key, ...facts }, type);
}

const FIB_TYPE = typeNamed("fib_addrtype") ?? integerType(32);

function readFib(body: unknown): Expression {
  const object = requireKeys(body, ["result", "flags"]);
  const flags = asList(object.flags).filter((flag) => typeof flag === "string");
  switch (object.result) {
    case "type":
      return field({ kind: "fib", result: "type", flags }, FIB_TYPE);
    case "oif":
      return field({ kind: "fib", result: "oif", flags }, INTERFACE_INDEX);
    case "oifname":
      return field({ kind: "fib", result: "oifname", flags }, INTERFACE_NAME);
    case "check":
      return field({ kind: "fib", result: "check", flags }, BOOLEAN);
    default:
      throw new NotUnderstood("a fib expression");
  }
}

function readExtensionHeader(body: unknown): Expression {
  const object = requireKeys(body, ["name", "field", "offset"]);
  const name = textAt(object, "name") ?? "";
  const fieldName = textAt(object, "field");
  const offset = numberAt(object, "offset");
  if (!isExtensionHeader(name)) throw new NotUnderstood(`the extension header ${name}`);
  if (fieldName === undefined) return field({ kind: "extension-header", name }, BOOLEAN);
  // Addresses of a routing header are numbered: addr[1], sid[1].
  const type = extensionType(name, fieldName.replace(/\[\d+\]$/, ""));
  if (type === undefined) throw new NotUnderstood(`${name} ${fieldName}`);
  const place = offset === undefined ? {} : { offset };
  return field({ kind: "extension-header", name, field: fieldName, ...place }, type);
}

function readTcpOption(body: unknown): Expression {
  if (!isJsonObject(body) || body.base === undefined) return readOption("tcp-option", body);
  const { base, offset, len } = requireKeys(body, ["base", "offset", "len"]);
  if (typeof base !== "number" || typeof len !== "number") throw new NotUnderstood("an option of TCP");
  // nft -j writes the question whether an option is there, of one without a name, as its first 8 bits.
  if (offset === 0 && len === 8) return field({ kind: "tcp-option", name: String(base) }, BOOLEAN);
  return field({ kind: "other", text: `tcp option @${base},${offset},${len}` }, integerType(len));
}

const OPTION_TYPES = {
  "tcp-option": tcpOptionType,
  "ip-option": ipOptionType,
  "sctp-chunk": sctpChunkType,
};

function readOption(kind: keyof typeof OPTION_TYPES, body: unknown): Expression {
  const object = requireKeys(body, ["name", "field"]);
  const name = textAt(object, "name");
  const fieldName = textAt(object, "field");
  if (name === undefined) throw new NotUnderstood(`a ${kind} without a name`);
  if (fieldName === undefined) return field({ kind, name }, BOOLEAN);
  const type = OPTION_TYPES[kind](fieldName);
  if (type === undefined) throw new NotUnderstood(`${name} ${fieldName}`);
  return field({ kind, name, field: fieldName }, type);
}

function readConcat(body: unknown, scope: RuleScope): Expression {
  const parts = asList(body).map((part) => readExpression(withoutShift(part), scope));
  if (parts.length < 2) throw new NotUnderstood("a concatenation");
  return { kind: "concat", parts };
}

/** By how many bits the kernel shifts a field that does not fill its bytes before it is put into a key. */
const KEY_SHIFTS: ReadonlyMap<string, number> = new Map([
  ["ip dscp", 2],
  ["ip version", 4],
  ["ip6 dscp", 6],
  ["ip6 version", 4],
  ["tcp doff", 4],
  ["vlan pcp", 5],
  ["vlan dei", 4],
  ["vlan cfi", 4],
  ["frag frag-off", 3],
]);

/**
 * `ip dscp . ip saddr` is listed by nft 1.0.6 as `ip dscp >> 2 . ip saddr`: it shows the shift with which the kernel gets
 * the field out of its byte, and means the field itself (measured: the elements are those of `ip dscp`).
 */
function withoutShift(part: unknown): unknown {
  const [key, body] = onlyEntry(part) ?? ["", undefined];
  if (key !== ">>" || !Array.isArray(body)) return part;
  const [, inner] = onlyEntry(body[0]) ?? ["", undefined];
  if (!isJsonObject(inner)) return part;
  const name = `${textAt(inner, "protocol") ?? textAt(inner, "name") ?? ""} ${textAt(inner, "field") ?? ""}`;
  return KEY_SHIFTS.get(name) === body[1] ? body[0] : part;
}

function readBinary(operator: "&" | "|" | "^" | "<<" | ">>", body: unknown, scope: RuleScope): Expression {
  const operands = asList(body);
  const [first, ...rest] = operands;
  if (first === undefined || rest.length === 0) throw new NotUnderstood(`an expression with ${operator}`);
  let left = readExpression(first, scope);
  for (const one of rest) {
    const [type] = typesOf(left);
    if (type === undefined) throw new NotUnderstood(`an expression with ${operator}`);
    const isShift = operator === "<<" || operator === ">>";
    const right = readOperand(one, isShift ? integerType(32) : type, scope);
    left = { kind: "binary", operator, left, right, type };
  }
  return left;
}
