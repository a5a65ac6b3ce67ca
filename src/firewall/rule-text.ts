// Statements and rules in libnftables-json's form as nft writes them in text. nft(8), "STATEMENTS"; compared with what nft
// 1.0.6 prints.
import type { DataType } from "./data-type.js";
import {
  durationText,
  expressionText,
  mapText,
  objectOf,
  rawText,
  setText,
  words,
  writtenTypes,
} from "./expression-text.js";
import { asList, isJsonObject, type JsonObject, numberAt, onlyEntry, textAt } from "./json-tree.js";
import { STRING, typeNamed } from "./nft-types.js";

/** A rule of a table's family as nft writes it, with its comment. */
export function ruleText(statements: readonly unknown[], comment: string | undefined, family: string): string {
  const texts = statements.map((one) => (isPlainReject(one, family) ? "reject" : statementText(one)));
  return words(...texts, comment === undefined ? undefined : `comment "${comment}"`);
}

/** With "port unreachable" nft writes no more than "reject", in a table of one family as in one of both. */
function isPlainReject(json: unknown, family: string): boolean {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key !== "reject" || !isJsonObject(body) || body.expr !== "port-unreachable") return false;
  return (family === "ip" && body.type === "icmp") || (family === "ip6" && body.type === "icmpv6");
}

/** A statement as nft writes it. */
export function statementText(json: unknown): string {
  if (typeof json === "string") return json;
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  const write = WRITERS.get(key);
  return write === undefined ? expressionText(json) : write(body);
}

const WRITERS: ReadonlyMap<string, (body: unknown) => string> = new Map<string, (body: unknown) => string>([
  ["match", (body) => matchText(objectOf(body))],
  ["vmap", (body) => mapText(body, "vmap", [])],
  ["mangle", (body) => mangleText(objectOf(body))],
  ["counter", (body) => counterText(body)],
  ["quota", (body) => quotaText(body)],
  ["limit", (body) => limitText(body)],
  ["ct count", (body) => words("ct count", overText(objectOf(body)), String(objectOf(body).val))],
  ["ct helper", (body) => objectText("ct helper set", body)],
  ["ct timeout", (body) => objectText("ct timeout set", body)],
  ["ct expectation", (body) => objectText("ct expectation set", body)],
  ["secmark", (body) => objectText("meta secmark set", body)],
  ["synproxy", (body) => synproxyText(body)],
  ["log", (body) => logText(objectOf(body))],
  ["reject", (body) => rejectText(body)],
  ["dnat", (body) => natText("dnat", objectOf(body))],
  ["snat", (body) => natText("snat", objectOf(body))],
  ["masquerade", (body) => natText("masquerade", objectOf(body))],
  ["redirect", (body) => natText("redirect", objectOf(body))],
  ["tproxy", (body) => natText("tproxy", objectOf(body))],
  ["set", (body) => updateText(objectOf(body))],
  ["map", (body) => updateText(objectOf(body))],
  ["meter", (body) => meterText(objectOf(body))],
  ["notrack", () => "notrack"],
  ["queue", (body) => queueText(objectOf(body))],
  ["fwd", (body) => sendText("fwd", objectOf(body))],
  ["dup", (body) => sendText("dup", objectOf(body))],
  ["flow", (body) => words("flow", textAt(objectOf(body), "op"), textAt(objectOf(body), "flowtable"))],
  ["reset", (body) => words("reset", expressionText(body))],
  ["last", () => "last"],
  ["xt", (body) => xtText(objectOf(body))],
]);

/** Types of flags: what is compared with them is written with "==" lest it be read as "has one of them". */
const FLAG_TYPES: ReadonlySet<string> = new Set(["tcp_flag", "ct_state", "ct_status", "ct_label", "ct_event"]);

function matchText(body: JsonObject): string {
  const { left, right, op } = body;
  const types = writtenTypes(left);
  const [leftKey, operands] = onlyEntry(left) ?? ["", undefined];
  const [field, mask] = leftKey === "&" ? asList(operands) : [];
  if (Array.isArray(mask)) return maskedText(field, mask, body, types[0]);
  const value = rightText(right, types);
  const isBinary = ["&", "|", "^", "<<", ">>"].includes(leftKey);
  const isSet = onlyEntry(right)?.[0] === "set" || (typeof right === "string" && right.startsWith("@"));
  const isFlag = FLAG_TYPES.has(types[0]?.name ?? "") && !isSet;
  const isPlain = op === "in" || (op === "==" && !isBinary && !isFlag);
  return words(expressionText(left), isPlain ? undefined : String(op), value);
}

/** tcp flags syn / syn,ack */
function maskedText(field: unknown, mask: unknown, body: JsonObject, type: DataType | undefined): string {
  const operator = body.op === "==" ? undefined : String(body.op);
  const value = expressionText(body.right, type);
  return words(expressionText(field), operator, value, "/", expressionText(mask, type));
}

function rightText(right: unknown, types: readonly (DataType | undefined)[]): string {
  const [key, body] = onlyEntry(right) ?? ["", undefined];
  return key === "set" ? setText(body, types, []) : expressionText(right, types[0]);
}

function mangleText(body: JsonObject): string {
  const { key, value } = body;
  return words(expressionText(key), "set", expressionText(value, writtenTypes(key)[0]));
}

function overText(body: JsonObject): string | undefined {
  return body.inv === true ? "over" : undefined;
}

/** A statement that names an object, or takes its name from a map. */
function objectText(words_: string, body: unknown): string {
  if (typeof body === "string") return `${words_} "${body}"`;
  const [, map] = onlyEntry(body) ?? ["", undefined];
  return words(words_, mapText(map, "map", [STRING]));
}

/** True for a statement whose numbers stand in it, not in an object with a name. */
function isInPlace(body: unknown): body is JsonObject {
  return isJsonObject(body) && body.map === undefined;
}

function counterText(body: unknown): string {
  if (body === null || body === undefined) return "counter";
  if (!isInPlace(body)) return objectText("counter name", body);
  return `counter packets ${body.packets} bytes ${body.bytes}`;
}

function quotaText(body: unknown): string {
  if (!isInPlace(body)) return objectText("quota name", body);
  const used = numberAt(body, "used") ?? 0;
  return words(
    "quota",
    overText(body),
    `${body.val} ${body.val_unit ?? "bytes"}`,
    used === 0 ? undefined : `used ${used} ${body.used_unit ?? "bytes"}`,
  );
}

function limitText(body: unknown): string {
  if (!isInPlace(body)) return objectText("limit name", body);
  const unit = textAt(body, "rate_unit") ?? "packets";
  const burst = numberAt(body, "burst") ?? 0;
  const rate = unit === "packets" ? `${body.rate}` : `${body.rate} ${unit}`;
  const standing = unit === "packets" ? 5 : 0;
  const burstUnit = unit === "packets" ? "packets" : (textAt(body, "burst_unit") ?? "bytes");
  return words(
    "limit rate",
    overText(body),
    `${rate}/${body.per ?? "second"}`,
    burst === standing || burst === 0 ? undefined : `burst ${burst} ${burstUnit}`,
  );
}

function logText(body: JsonObject): string {
  const prefix = textAt(body, "prefix");
  const level = textAt(body, "level");
  return words(
    "log",
    prefix === undefined ? undefined : `prefix "${prefix}"`,
    logNumber(body, "group"),
    logNumber(body, "snaplen"),
    logNumber(body, "queue-threshold"),
    level === undefined ? undefined : `level ${level}`,
    logFlags(asList(body.flags)),
  );
}

function logNumber(body: JsonObject, key: string): string | undefined {
  const value = numberAt(body, key);
  return value === undefined ? undefined : `${key} ${value}`;
}

/** flags tcp sequence,options flags ip options */
function logFlags(flags: readonly unknown[]): string | undefined {
  const texts = flags.filter((flag) => typeof flag === "string");
  const tcp = texts.filter((flag) => flag.startsWith("tcp ")).map((flag) => flag.slice("tcp ".length));
  const others = texts.filter((flag) => !flag.startsWith("tcp ")).map((flag) => `flags ${flag}`);
  return words(tcp.length === 0 ? undefined : `flags tcp ${tcp.join(",")}`, ...others);
}

function rejectText(body: unknown): string {
  if (!isJsonObject(body)) return "reject";
  const type = textAt(body, "type");
  if (type === "tcp reset") return "reject with tcp reset";
  if (type === undefined || (type === "icmpx" && body.expr === "port-unreachable")) return "reject";
  return words("reject with", type, expressionText(body.expr));
}

function natText(word: string, body: JsonObject): string {
  const port = body.port;
  const address = natAddress(body.addr, textAt(body, "family"), port !== undefined);
  const to = `${address}${port === undefined ? "" : `:${natValue(port, "inet_service")}`}`;
  const isPrefix = asList(body.type_flags).includes("prefix");
  const flags = asList(body.flags).filter((flag) => flag !== "netmap");
  return words(
    word,
    textAt(body, "family"),
    isPrefix ? "prefix" : undefined,
    to === "" ? undefined : `to ${to}`,
    flags.join(","),
  );
}

/** IPv6 addresses stand in brackets when a port follows. */
function natAddress(json: unknown, family: string | undefined, hasPort: boolean): string {
  if (json === undefined) return "";
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (!hasPort || family !== "ip6" || (key !== "" && key !== "range")) return natValue(json, "");
  const ends = key === "range" ? asList(body) : [json];
  return ends.map((end) => `[${expressionText(end)}]`).join("-");
}

function natValue(json: unknown, typeName: string): string {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key !== "map") return expressionText(json, typeNamed(typeName));
  return mapText(body, "map", [typeNamed(typeName)]);
}

function updateText(body: JsonObject): string {
  const set = textAt(body, "set") ?? textAt(body, "map");
  const inner = asList(body.stmt).map(statementText);
  const data = body.data === undefined ? undefined : `: ${expressionText(body.data)}`;
  return words(textAt(body, "op"), set, "{", keyText(body.elem), ...inner, data, "}");
}

function keyText(json: unknown): string {
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key !== "elem") return expressionText(json);
  const object = objectOf(body);
  const timeout = numberAt(object, "timeout");
  return words(expressionText(object.val), timeout === undefined ? undefined : `timeout ${durationText(timeout)}`);
}

function meterText(body: JsonObject): string {
  const size = numberAt(body, "size");
  return words(
    "meter",
    textAt(body, "name"),
    size === undefined ? undefined : `size ${size}`,
    "{",
    keyText(body.key),
    ...asList(body.stmt).map(statementText),
    "}",
  );
}

function queueText(body: JsonObject): string {
  const flags = asList(body.flags);
  const number = body.num;
  return words(
    "queue",
    flags.length === 0 ? undefined : `flags ${flags.join(",")}`,
    number === undefined ? undefined : `to ${expressionText(number)}`,
  );
}

function sendText(word: string, body: JsonObject): string {
  const device = body.dev;
  const address = body.addr;
  if (address === undefined) return words(word, "to", expressionText(device, STRING));
  return words(
    word,
    textAt(body, "family"),
    "to",
    expressionText(address),
    device === undefined ? undefined : `device ${expressionText(device, STRING)}`,
  );
}

function synproxyText(body: unknown): string {
  if (typeof body === "string") return `synproxy name "${body}"`;
  const object = objectOf(body);
  return words("synproxy", logNumber(object, "mss"), logNumber(object, "wscale"), asList(object.flags).join(" "));
}

function xtText(body: JsonObject): string {
  const name = textAt(body, "name");
  return name === undefined ? `xt ${rawText(body)}` : words("xt", textAt(body, "type"), name);
}
