// Expressions in libnftables-json's form as nft writes them in text: for the rules of a listing in JSON, so that people see
// what they know. nft(8), "EXPRESSIONS"; compared with what nft 1.0.6 prints.
import type { DataType } from "./data-type.js";
import { asList, isJsonObject, type JsonObject, numberAt, onlyEntry, textAt } from "./json-tree.js";
import { ctType, extensionType, metaType, payloadType, typeNamed } from "./nft-types.js";

/** Nesting up to which text is made; what is deeper is not read, either. */
const DEPTH_MAX = 64;

/** An expression as nft writes it. Constants are written as the type wants it, where one is given. */
export function expressionText(json: unknown, type?: DataType, depth = 0): string {
  if (depth > DEPTH_MAX) return "…";
  if (typeof json === "string") return quoted(json, type);
  if (typeof json === "number" || typeof json === "bigint") return numberText(json, type);
  if (typeof json === "boolean") return json ? "exists" : "missing";
  if (Array.isArray(json)) return json.map((one) => expressionText(one, type, depth + 1)).join(",");
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  const write = WRITERS.get(key);
  return write === undefined ? rawText(json) : write(body, type, depth + 1);
}

/** What no writer knows, as JSON, and not much of it. */
export function rawText(json: unknown): string {
  return (JSON.stringify(json) ?? "").slice(0, 200);
}

/** Types of the constants beside an expression, as far as they decide how those are written. */
export function writtenTypes(json: unknown): readonly (DataType | undefined)[] {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key === "concat") return asList(body).map((part) => writtenTypes(part)[0]);
  if (key === "&" || key === "|" || key === "^" || key === "<<" || key === ">>") return writtenTypes(asList(body)[0]);
  return [isJsonObject(body) ? fieldType(key, body) : undefined];
}

function fieldType(key: string, body: JsonObject): DataType | undefined {
  const name = textAt(body, "key") ?? "";
  if (key === "meta") return metaType(name) ?? typeNamed(name);
  if (key === "ct") return ctType(name);
  if (key === "payload") return payloadFieldType(body);
  if (key === "exthdr") return extensionType(textAt(body, "name") ?? "", textAt(body, "field") ?? "");
  if (key === "fib") return typeNamed(FIB_TYPES.get(textAt(body, "result") ?? "") ?? "");
  if (key === "socket") return typeNamed(name === "mark" ? "mark" : "");
  return key === "osf" ? typeNamed("string") : undefined;
}

/** Constants beside bits at a place are in hexadecimal. */
function payloadFieldType(body: JsonObject): DataType | undefined {
  const protocol = textAt(body, "protocol");
  return protocol === undefined ? RAW : payloadType(protocol, textAt(body, "field") ?? "");
}

const RAW: DataType = { name: "raw", bits: 0, form: "number" };

const FIB_TYPES: ReadonlyMap<string, string> = new Map([
  ["oif", "iface_index"],
  ["oifname", "ifname"],
  ["type", "fib_addrtype"],
]);

/** Types whose names stand in quotes. */
const QUOTED: ReadonlySet<string> = new Set(["ifname", "iface_index", "string", "devgroup", "time", "day", "hour"]);

function quoted(text: string, type: DataType | undefined): string {
  if (text.startsWith("@") || type === undefined || !QUOTED.has(type.name)) return text;
  return type.name === "iface_index" && /^\d+$/.test(text) ? text : `"${text}"`;
}

/** Digits of the types that are written in hexadecimal; 0 for as few as there are. */
const HEXADECIMAL_DIGITS: ReadonlyMap<string, number> = new Map([
  ["mark", 8],
  ["ether_type", 4],
  ["dscp", 2],
  ["ecn", 2],
  ["dccp_pkttype", 2],
  ["tcp_flag", 0],
  ["ct_state", 0],
  ["ct_status", 0],
  ["ct_event", 0],
  ["raw", 0],
]);

function numberText(value: number | bigint, type: DataType | undefined): string {
  const digits = type === undefined ? undefined : HEXADECIMAL_DIGITS.get(type.name);
  if (type?.name === "time") return durationText(Number(value));
  return digits === undefined ? value.toString() : `0x${value.toString(16).padStart(digits, "0")}`;
}

const UNITS: readonly (readonly [letter: string, seconds: number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** Seconds as nft writes times: 1d2h3m4s. */
export function durationText(seconds: number): string {
  let rest = seconds;
  let text = "";
  for (const [letter, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${letter}`;
  }
  return text === "" ? "0s" : text;
}

type Writer = (body: unknown, type: DataType | undefined, depth: number) => string;

const WRITERS: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ["meta", (body) => metaText(objectOf(body))],
  ["payload", (body) => payloadText(objectOf(body))],
  ["ct", (body) => words("ct", at(body, "dir"), at(body, "family"), at(body, "key"))],
  ["fib", (body) => words("fib", asList(objectOf(body).flags).join(" . "), at(body, "result"))],
  ["exthdr", (body) => exthdrText(objectOf(body))],
  ["tcp option", (body) => tcpOptionText(objectOf(body))],
  ["ip option", (body) => words("ip option", at(body, "name"), at(body, "field"))],
  ["sctp chunk", (body) => words("sctp chunk", at(body, "name"), at(body, "field"))],
  ["rt", (body) => words("rt", at(body, "family"), at(body, "key"))],
  ["socket", (body) => words("socket", at(body, "key"), numbered("level", body, "level"))],
  ["osf", (body) => words("osf", named("ttl", body, "ttl"), at(body, "key"))],
  ["ipsec", (body) => ipsecText(objectOf(body))],
  ["numgen", (body) => words("numgen", at(body, "mode"), numbered("mod", body, "mod"), offsetText(body))],
  ["symhash", (body) => words("symhash", numbered("mod", body, "mod"), offsetText(body))],
  ["jhash", (body, _, depth) => jhashText(objectOf(body), depth)],
  ["concat", concatText],
  ["&", (body, type, depth) => binaryText("&", body, type, depth)],
  ["|", (body, type, depth) => binaryText("|", body, type, depth)],
  ["^", (body, type, depth) => binaryText("^", body, type, depth)],
  ["<<", (body, type, depth) => binaryText("<<", body, type, depth)],
  [">>", (body, type, depth) => binaryText(">>", body, type, depth)],
  ["prefix", (body, type, depth) => `${expressionText(objectOf(body).addr, type, depth)}/${objectOf(body).len}`],
  ["range", rangeText],
  ["set", (body, type, depth) => setText(body, [type], [], depth)],
  ["map", (body, type, depth) => mapText(body, "map", [type], depth)],
  ["elem", elemText],
  ["accept", () => "accept"],
  ["drop", () => "drop"],
  ["continue", () => "continue"],
  ["return", () => "return"],
  ["jump", (body) => words("jump", at(body, "target"))],
  ["goto", (body) => words("goto", at(body, "target"))],
]);

/** The object itself, or an empty one. */
export function objectOf(body: unknown): JsonObject {
  return isJsonObject(body) ? body : {};
}

/** The words that are there, with blanks between them. */
export function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}

function at(body: unknown, key: string): string | undefined {
  return textAt(objectOf(body), key);
}

function named(word: string, body: unknown, key: string): string | undefined {
  const text = at(body, key);
  return text === undefined ? undefined : `${word} ${text}`;
}

function numbered(word: string, body: unknown, key: string): string | undefined {
  const value = numberAt(objectOf(body), key);
  return value === undefined ? undefined : `${word} ${value}`;
}

function offsetText(body: unknown): string | undefined {
  const offset = numberAt(objectOf(body), "offset");
  return offset === undefined || offset === 0 ? undefined : `offset ${offset}`;
}

/** Keys that nft writes without "meta". */
const BARE_META: ReadonlySet<string> = new Set(["iif", "oif", "iifname", "oifname", "iifgroup", "oifgroup"]);

function metaText(body: JsonObject): string {
  const key = textAt(body, "key") ?? "";
  return BARE_META.has(key) ? key : `meta ${key}`;
}

function payloadText(body: JsonObject): string {
  const protocol = textAt(body, "protocol");
  if (protocol !== undefined) return words(textAt(body, "tunnel"), protocol, textAt(body, "field"));
  return `@${body.base},${body.offset},${body.len}`;
}

function exthdrText(body: JsonObject): string {
  const name = textAt(body, "name");
  const field = textAt(body, "field");
  return field === undefined ? words("exthdr", name) : words(name, field);
}

function tcpOptionText(body: JsonObject): string {
  const name = textAt(body, "name");
  if (name !== undefined) return words("tcp option", name, textAt(body, "field"));
  const isWhole = body.offset === 0 && body.len === 8;
  return isWhole ? `tcp option ${body.base}` : `tcp option @${body.base},${body.offset},${body.len}`;
}

function ipsecText(body: JsonObject): string {
  const number = numberAt(body, "spnum") ?? 0;
  const place = number === 0 ? undefined : `spnum ${number}`;
  return words("ipsec", textAt(body, "dir"), place, textAt(body, "family"), textAt(body, "key"));
}

function jhashText(body: JsonObject, depth: number): string {
  const seed = numberAt(body, "seed") ?? 0;
  return words(
    "jhash",
    expressionText(body.expr, undefined, depth),
    numbered("mod", body, "mod"),
    seed === 0 ? undefined : `seed 0x${seed.toString(16)}`,
    offsetText(body),
  );
}

function concatText(body: unknown, _: DataType | undefined, depth: number): string {
  return asList(body)
    .map((part) => expressionText(part, undefined, depth))
    .join(" . ");
}

function binaryText(operator: string, body: unknown, type: DataType | undefined, depth: number): string {
  const operands = asList(body);
  const own = writtenTypes(operands[0])[0] ?? type;
  const isShift = operator === "<<" || operator === ">>";
  return operands
    .map((one, index) => {
      const text = expressionText(one, index > 0 && isShift ? undefined : own, depth);
      const [key] = onlyEntry(one) ?? [""];
      // Of the flags behind a mask nft keeps together what belongs together.
      return index > 0 && key === "|" ? `(${text})` : text;
    })
    .join(` ${operator} `);
}

function rangeText(body: unknown, type: DataType | undefined, depth: number): string {
  // Within ranges nft writes times in seconds alone.
  const ends = asList(body).map((end) => (type?.name === "time" ? `${end}s` : expressionText(end, type, depth)));
  return ends.join("-");
}

function elemText(body: unknown, type: DataType | undefined, depth: number): string {
  return elementText({ elem: body }, [type], depth);
}

/** A set's elements in braces, or its name. */
export function setText(
  body: unknown,
  keyTypes: readonly (DataType | undefined)[],
  dataTypes: readonly (DataType | undefined)[],
  depth = 0,
): string {
  const elements = asList(body).map((one) => {
    if (!Array.isArray(one) || one.length !== 2) return elementText(one, keyTypes, depth + 1);
    return `${elementText(one[0], keyTypes, depth + 1)} : ${elementText(one[1], dataTypes, depth + 1)}`;
  });
  return elements.length === 0 ? "{ }" : `{ ${elements.join(", ")} }`;
}

function elementText(json: unknown, types: readonly (DataType | undefined)[], depth: number): string {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key === "concat") {
    return asList(body)
      .map((part, index) => expressionText(part, types[index], depth))
      .join(" . ");
  }
  if (json === "*") return json;
  if (key !== "elem") return expressionText(json, types[0], depth);
  const object = objectOf(body);
  const value = elementText(object.val, types, depth + 1);
  const timeout = numberAt(object, "timeout");
  const comment = textAt(object, "comment");
  return words(
    value,
    timeout === undefined ? undefined : `timeout ${durationText(timeout)}`,
    comment === undefined ? undefined : `comment "${comment}"`,
  );
}

/** A key, the word, and the map behind it. */
export function mapText(
  body: unknown,
  word: "map" | "vmap",
  dataTypes: readonly (DataType | undefined)[],
  depth = 0,
): string {
  const { key, data } = objectOf(body);
  const [setKey, set] = onlyEntry(data) ?? ["", undefined];
  const map = setKey === "set" ? setText(set, writtenTypes(key), dataTypes, depth) : expressionText(data);
  return words(expressionText(key, undefined, depth), word, map);
}
