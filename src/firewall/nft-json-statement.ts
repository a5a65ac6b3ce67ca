// Statements of nftables in libnftables-json's form, made into the model's. libnftables-json(5), "STATEMENTS"; nft(8),
// "STATEMENTS"; what conditions mean was compared with the kernel's own program (`nft --debug=netlink list ruleset`).
import { BOOLEAN, type DataType, IPV4, IPV6, PORT } from "./data-type.js";
import type { ElementSet } from "./element-set.js";
import type { Expression, SetReference } from "./expression.js";
import { expressionText } from "./expression-text.js";
import { asList, isJsonObject, type JsonObject, numberAt, onlyEntry, textAt } from "./json-tree.js";
import { objectMap, readConnectionCount, readLimit, readQuota } from "./nft-budget.js";
import { impliedConditions } from "./nft-implied.js";
import { readExpression, readLookup, readValue, typesOf } from "./nft-json-expression.js";
import { PLAIN_VERDICT_LIST, readVerdict } from "./nft-json-set.js";
import { readReject } from "./nft-reject.js";
import { constant, isConstant, readPart, readScalar } from "./nft-values.js";
import { NotUnderstood } from "./not-understood.js";
import { type RuleScope, requireKeys } from "./rule-scope.js";
import { statementText } from "./rule-text.js";
import type { Comparison, Statement, Verdict } from "./statement.js";

/** Reads a statement: mostly one of the model's, sometimes several. @throws NotUnderstood */
export function readStatement(json: unknown, scope: RuleScope): readonly Statement[] {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  const read = READERS.get(key);
  if (read !== undefined) return read(body, scope);
  const verdict = readVerdict(json, scope);
  if (verdict !== undefined) return verdictStatement(verdict);
  if (HARMLESS.has(key)) return [{ kind: "no-effect", text: statementText(json) }];
  if (DIVERSIONS.has(key)) return [{ kind: "diversion", text: statementText(json) }];
  throw new NotUnderstood(key === "" ? "a statement" : `the statement "${key}"`);
}

/** Most rules end in one of these; they need not each have their own. */
const PLAIN_VERDICTS: ReadonlyMap<Verdict, readonly Statement[]> = new Map(
  PLAIN_VERDICT_LIST.map((verdict) => [verdict, [{ kind: "verdict", verdict }]]),
);

function verdictStatement(verdict: Verdict): readonly Statement[] {
  return PLAIN_VERDICTS.get(verdict) ?? [{ kind: "verdict", verdict }];
}

type Reader = (body: unknown, scope: RuleScope) => readonly Statement[];

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["match", readMatch],
  ["vmap", readVerdictMap],
  ["mangle", readMangle],
  ["limit", (body, scope) => withObjectMap(body, scope, readLimit)],
  ["quota", (body, scope) => withObjectMap(body, scope, readQuota)],
  ["ct count", (body) => [readConnectionCount(body)]],
  ["counter", (body, scope) => namedNoEffect("counter", body, scope)],
  ["ct helper", (body, scope) => namedNoEffect("ct helper", body, scope)],
  ["ct timeout", (body, scope) => namedNoEffect("ct timeout", body, scope)],
  ["ct expectation", (body, scope) => namedNoEffect("ct expectation", body, scope)],
  ["secmark", (body, scope) => namedNoEffect("secmark", body, scope)],
  ["reject", (body, scope) => [readReject(body, scope)]],
  ["dnat", (body, scope) => [readNat("dnat", body, scope)]],
  ["snat", (body, scope) => [readNat("snat", body, scope)]],
  ["masquerade", (body, scope) => [readNat("masquerade", body, scope)]],
  ["redirect", (body, scope) => [readNat("redirect", body, scope)]],
  ["notrack", () => [{ kind: "notrack" }]],
  ["queue", () => [{ kind: "verdict", verdict: { kind: "queue" } }]],
  ["set", readUpdate],
  ["map", readUpdate],
  ["meter", readMeter],
  // What it matches is not in the listing; a note tells of its table.
  ["xt", (body) => [{ kind: "unknown", text: statementText({ xt: body }) }]],
]);

/** What does nothing to the packet itself. */
const HARMLESS: ReadonlySet<string> = new Set(["log", "last", "flow", "dup", "reset"]);
/** What takes it away. */
const DIVERSIONS: ReadonlySet<string> = new Set(["tproxy", "fwd", "synproxy"]);

const COMPARISONS: readonly Comparison[] = ["==", "!=", "<", "<=", ">", ">=", "in"];

function readMatch(body: unknown, scope: RuleScope): readonly Statement[] {
  const { left: leftJson, right, op } = requireKeys(body, ["left", "right", "op"]);
  const left = asked(readExpression(leftJson, scope), right);
  return [...impliedConditions(left), ...compared(left, op, right, scope)];
}

/** `fib … oif exists` asks for something else than `fib … oif "eth0"`; with -n, 0 stands for "missing". */
function asked(left: Expression, right: unknown): Expression {
  if (left.kind !== "field" || left.field.kind !== "fib" || left.field.result === "type") return left;
  if (typeof right !== "boolean" && right !== 0 && right !== 1 && right !== "0") return left;
  return { kind: "field", field: { ...left.field, result: "check" }, type: BOOLEAN };
}

function compared(left: Expression, op: unknown, right: unknown, scope: RuleScope): readonly Statement[] {
  const types = typesOf(left);
  const comparison = COMPARISONS.find((known) => known === op);
  const [type] = types;
  if (type === undefined || (comparison === undefined && op !== "!")) throw new NotUnderstood(`the operator ${op}`);
  if (!isConstant(right)) {
    return [{ kind: "match", left, comparison: comparison ?? "==", right: readRight(right, types, scope) }];
  }
  if (isTimeOfDay(type)) {
    return [
      {
        kind: "match",
        left,
        comparison: comparison ?? "==",
        right: { kind: "unknown", text: expressionText(right, type) },
      },
    ];
  }
  if (comparison === undefined) return [noneOf(left, right, type)];
  if (comparison === "in") return [{ kind: "match", left, comparison, right: value(right, type) }];
  return constantMatch(left, comparison, right, type);
}

/** Hours and days are in the time zone of whoever listed them; when a packet comes is not known, either. */
function isTimeOfDay(type: DataType): boolean {
  return type.name === "hour" || type.name === "day" || (type.name === "time" && type.bits === 64);
}

function readRight(
  right: unknown,
  types: readonly DataType[],
  scope: RuleScope,
): Expression | ElementSet | SetReference {
  if (typeof right !== "string" && !isJsonSet(right)) return readExpression(right, scope);
  if (types.some(isTimeOfDay) && isJsonSet(right)) return { kind: "unknown", text: expressionText(right, types[0]) };
  return readLookup(right, types, [], scope);
}

function isJsonSet(json: unknown): boolean {
  return onlyEntry(json)?.[0] === "set";
}

function value(json: unknown, type: DataType): Expression {
  return { kind: "value", value: readScalar(json, type), type };
}

/** `tcp flags ! syn,ack`: none of the bits. */
function noneOf(left: Expression, right: unknown, type: DataType): Statement {
  const masked: Expression = { kind: "binary", operator: "&", left, right: value(right, type), type };
  return { kind: "match", left: masked, comparison: "==", right: value(type.form === "wide" ? 0n : 0, type) };
}

function constantMatch(left: Expression, comparison: Comparison, right: unknown, type: DataType): readonly Statement[] {
  const part = readPart(right, type);
  if (part.kind === "text" && !part.isPrefix && part.text.endsWith("*")) {
    const only: ElementSet = { kind: "element-set", types: [type], elements: [{ key: [part] }] };
    return [{ kind: "match", left, comparison, right: only }];
  }
  const expression = constant(part, type);
  const isTurned = part.kind === "range" && part.low > part.high;
  if (!isTurned || expression.kind !== "range") return [{ kind: "match", left, comparison, right: expression }];
  // nft merges two conditions on one field into a range: `< 1024` and `> 1000` are listed as `!= 1024-1000`, and `>= 1024`
  // and `<= 1000` as `1024-1000` (1.0.6, text and JSON). The kernel has both, one after the other.
  const [first, second]: readonly [Comparison, Comparison] = comparison === "!=" ? ["<", ">"] : [">=", "<="];
  return [
    { kind: "match", left, comparison: first, right: expression.low },
    { kind: "match", left, comparison: second, right: expression.high },
  ];
}

function readVerdictMap(body: unknown, scope: RuleScope): readonly Statement[] {
  const { key, data } = requireKeys(body, ["key", "data"]);
  const keyExpression = readExpression(key, scope);
  const map = readLookup(data, typesOf(keyExpression), [], scope);
  return [...impliedConditions(keyExpression), { kind: "verdict-map", key: keyExpression, map }];
}

function readMangle(body: unknown, scope: RuleScope): readonly Statement[] {
  const { key, value: json } = requireKeys(body, ["key", "value"]);
  const target = readExpression(key, scope);
  if (target.kind !== "field") throw new NotUnderstood("a change of something that is no field");
  return [{ kind: "set-field", field: target.field, value: readValue(json, [target.type], scope) }];
}

/** A statement whose object comes out of a map does nothing for keys that the map has not (nft_objref_map_eval). */
function inObjectMap(body: unknown, scope: RuleScope): readonly Statement[] {
  const map = objectMap(body);
  if (map === undefined) return [];
  const left = readExpression(map.key, scope);
  return [{ kind: "match", left, comparison: "==", right: readLookup(map.data, typesOf(left), [], scope) }];
}

function withObjectMap(
  body: unknown,
  scope: RuleScope,
  read: (body: unknown, scope: RuleScope) => Statement,
): readonly Statement[] {
  return [...inObjectMap(body, scope), read(body, scope)];
}

function namedNoEffect(key: string, body: unknown, scope: RuleScope): readonly Statement[] {
  return [...inObjectMap(body, scope), { kind: "no-effect", text: statementText({ [key]: body }) }];
}

const NAT_KEYS = ["addr", "family", "port", "flags", "type_flags"];

type NatDirection = "dnat" | "snat" | "masquerade" | "redirect";

function readNat(direction: NatDirection, body: unknown, scope: RuleScope): Statement {
  const { addr, port, ...object } = body === null ? {} : requireKeys(body, NAT_KEYS);
  const family = natFamily(object, addr, scope);
  const address = addr === undefined ? {} : { address: natAddress(addr, family, scope) };
  const ports = port === undefined ? {} : { port: readValue(port, [PORT], scope) };
  const isRandom = asList(object.flags).some((flag) => flag === "random" || flag === "fully-random");
  return {
    kind: "nat",
    direction,
    ...(isRandom ? { isRandom } : {}),
    ...(family === undefined ? {} : { family }),
    ...address,
    ...ports,
    isPrefix: [...asList(object.type_flags), ...asList(object.flags)].some(
      (flag) => flag === "prefix" || flag === "netmap",
    ),
  };
}

function natFamily(object: JsonObject, address: unknown, scope: RuleScope): "ip" | "ip6" | undefined {
  const family = textAt(object, "family") ?? scope.family;
  if (family === "ip" || family === "ip6") return family;
  return typeof address === "string" ? (address.includes(":") ? "ip6" : "ip") : undefined;
}

function natAddress(json: unknown, family: "ip" | "ip6" | undefined, scope: RuleScope): Expression {
  if (family === undefined) throw new NotUnderstood("a new address of no family");
  return readValue(json, [family === "ip6" ? IPV6 : IPV4, PORT], scope);
}

const OPERATIONS = ["add", "update", "delete"] as const;

function readUpdate(body: unknown, scope: RuleScope): readonly Statement[] {
  const object = requireKeys(body, ["op", "elem", "set", "map", "data", "stmt"]);
  const operation = OPERATIONS.find((known) => known === object.op);
  const name = textAt(object, "set") ?? textAt(object, "map");
  if (operation === undefined || name === undefined) throw new NotUnderstood("a change of a set");
  const key = updatedKey(object.elem, scope);
  const set = name.replace(/^@/, "");
  scope.onSet(set, typesOf(key));
  scope.onUpdate(set);
  return [{ kind: "update-set", set, operation, key, inner: innerStatements(object.stmt, scope) }];
}

/** A meter is a set that only its own rule knows. */
function readMeter(body: unknown, scope: RuleScope): readonly Statement[] {
  const object = requireKeys(body, ["name", "key", "stmt", "size"]);
  const key = updatedKey(object.key, scope);
  const hasTimeout = onlyEntry(object.key)?.[0] === "elem";
  const inner = innerStatements(object.stmt, scope);
  const operation = hasTimeout ? "update" : "add";
  return [{ kind: "update-set", set: textAt(object, "name") ?? "", operation, key, inner }];
}

function updatedKey(json: unknown, scope: RuleScope): Expression {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key !== "elem" || !isJsonObject(body)) return readExpression(json, scope);
  return readExpression(requireKeys(body, ["val", "timeout", "expires", "comment"]).val, scope);
}

function innerStatements(json: unknown, scope: RuleScope): readonly Statement[] {
  return asList(json).flatMap((one) => readStatement(one, scope));
}

/** Packets and bytes that a rule's first counter has counted. */
export function counterOf(statements: readonly unknown[]): { packets: number; bytes: number } | undefined {
  for (const json of statements) {
    const [key, body] = onlyEntry(json) ?? ["", undefined];
    if (key !== "counter" || !isJsonObject(body)) continue;
    const packets = numberAt(body, "packets");
    const bytes = numberAt(body, "bytes");
    if (packets !== undefined && bytes !== undefined) return { packets, bytes };
  }
  return undefined;
}
