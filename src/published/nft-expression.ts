// What expressions of nftables say about packets, as `nft -j` writes them (libnftables-json(5)).

import { isJsonObject, type JsonValue, jsonAt, jsonListAt, jsonTextAt } from "../inside/json-value.js";
import type { PortRange } from "../target/port-set.js";
import { PORT_MAX } from "../target/port-set.js";
import { type AddressRange, networkOf, parseAddressRange, rangeBetween } from "./address-range.js";
import { ANY_PACKET, bothMatch, type NatMatch, SOME_PACKETS } from "./nat-match.js";

/** Elements of a table's sets and maps by their names; undefined for one that is not there. */
export type SetLookup = (name: string) => readonly JsonValue[] | undefined;

/** The packets for which an expression has one of these values; "shared" where chance or turns decide. */
export type Meaning = NatMatch | "shared";

const PORT_PROTOCOLS: ReadonlySet<string> = new Set(["tcp", "udp", "sctp", "dccp", "udplite"]);
const FAMILIES: Readonly<Record<string, 4 | 6>> = { ipv4: 4, ipv6: 6, ip: 4, ip6: 6 };

/** A statement {"match": …}. */
export function meaningOfMatch(match: JsonValue | undefined, sets: SetLookup): Meaning {
  const left = jsonAt(match, "left");
  const right = jsonAt(match, "right");
  const values = valuesOf(right, sets);
  if (values === undefined) return SOME_PACKETS;
  switch (jsonTextAt(match, "op")) {
    case "==":
    case "in":
      return meaningOf(left, values);
    case "!=":
      return meaningOfOthers(left, values);
    default:
      return SOME_PACKETS;
  }
}

/** The elements that stand for a value: of a set all of them. undefined for a set that is not there. */
export function valuesOf(value: JsonValue | undefined, sets: SetLookup): readonly JsonValue[] | undefined {
  if (typeof value === "string" && value.startsWith("@")) return sets(value.slice(1));
  const list = jsonAt(value, "set");
  if (list !== undefined) return Array.isArray(list) ? list : [list];
  return value === undefined ? undefined : [value];
}

/** The packets for which the expression has one of the values. */
export function meaningOf(expression: JsonValue | undefined, values: readonly JsonValue[]): Meaning {
  const parts = jsonAt(expression, "concat");
  if (Array.isArray(parts)) return meaningOfConcat(parts, values);
  if (["numgen", "jhash", "symhash"].some((name) => jsonAt(expression, name) !== undefined)) return "shared";
  const plain = values.map(plainElement);
  const payload = jsonAt(expression, "payload");
  if (payload !== undefined) return meaningOfPayload(payload, plain);
  const meta = jsonTextAt(expression, "meta", "key");
  if (meta !== undefined) return meaningOfMeta(meta, plain);
  if (isOwnAddress(expression) && plain.every((value) => value === "local")) return ANY_PACKET;
  const isState = jsonTextAt(expression, "ct", "key") === "state";
  return isState && plain.flat().includes("new") ? ANY_PACKET : SOME_PACKETS; // this table sees new connections only
}

/** {"fib": {"result": "type", "flags": ["daddr"]}}. */
function isOwnAddress(expression: JsonValue | undefined): boolean {
  const flags = jsonAt(expression, "fib", "flags");
  const isDestination = flags === "daddr" || (Array.isArray(flags) && flags.length === 1 && flags[0] === "daddr");
  return jsonTextAt(expression, "fib", "result") === "type" && isDestination;
}

/** Several expressions at once, with several values each; of more than one element the parts are no longer together. */
function meaningOfConcat(parts: readonly JsonValue[], values: readonly JsonValue[]): Meaning {
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) return SOME_PACKETS;
  const items = jsonListAt(plainElement(value), "concat");
  if (items.length !== parts.length) return SOME_PACKETS;
  let match: NatMatch | undefined = ANY_PACKET;
  for (const [at, part] of parts.entries()) {
    const item = items[at] ?? null;
    const meaning = meaningOf(part, item === "*" ? [] : [item]);
    if (meaning === "shared") return "shared";
    match = match === undefined ? undefined : bothMatch(match, item === "*" ? ANY_PACKET : meaning);
  }
  return match ?? SOME_PACKETS;
}

function meaningOfPayload(payload: JsonValue, values: readonly JsonValue[]): NatMatch {
  const protocol = jsonTextAt(payload, "protocol") ?? "";
  const field = jsonTextAt(payload, "field") ?? "";
  if (field === "dport") return meaningOfPort(protocol, values);
  const family = FAMILIES[protocol];
  if (family === undefined) return impliedProtocol(protocol);
  if (field === "protocol" || field === "nexthdr") return { ...ofProtocols(values), family };
  if (field === "daddr") return { ...ofList("addresses", values.map(addressOf)), family };
  if (field !== "saddr") return { ...SOME_PACKETS, family };
  const sources = values.map(sourceText);
  return { ...ANY_PACKET, family, sources: [sources.join(", ")] };
}

/** "tcp dport" says two things, "th dport" one. */
function meaningOfPort(protocol: string, values: readonly JsonValue[]): NatMatch {
  const ports = ofList("ports", values.map(portsOf));
  return PORT_PROTOCOLS.has(protocol) ? { ...ports, protocols: [protocol] } : ports;
}

/** A field that is not understood still says which protocol it is one of. */
function impliedProtocol(protocol: string): NatMatch {
  return PORT_PROTOCOLS.has(protocol) ? { ...SOME_PACKETS, protocols: [protocol] } : SOME_PACKETS;
}

function meaningOfMeta(key: string, values: readonly JsonValue[]): NatMatch {
  const [value] = values;
  if (key === "l4proto") return ofProtocols(values);
  if (key === "nfproto" && values.length === 1) {
    const family = FAMILIES[String(value)];
    return family === undefined ? SOME_PACKETS : { ...ANY_PACKET, family };
  }
  const isInterface = (key === "iifname" || key === "iif") && values.length === 1 && typeof value === "string";
  return isInterface ? { ...ANY_PACKET, inInterface: { name: value, isExcept: false } } : SOME_PACKETS;
}

/** All values but these. */
function meaningOfOthers(left: JsonValue | undefined, values: readonly JsonValue[]): Meaning {
  const [value] = values.map(plainElement);
  const key = jsonTextAt(left, "meta", "key");
  if ((key === "iifname" || key === "iif") && values.length === 1 && typeof value === "string") {
    return { ...ANY_PACKET, inInterface: { name: value, isExcept: true } };
  }
  const protocol = jsonTextAt(left, "payload", "protocol") ?? "";
  const family = FAMILIES[protocol];
  if (family === undefined) return impliedProtocol(protocol);
  if (jsonTextAt(left, "payload", "field") !== "saddr") return { ...SOME_PACKETS, family };
  return { ...ANY_PACKET, family, sources: values.map((one) => `!${sourceText(plainElement(one))}`) };
}

/** {"elem": {"val": 80, "timeout": 5}} is 80. */
export function plainElement(value: JsonValue): JsonValue {
  return jsonAt(value, "elem", "val") ?? value;
}

function ofProtocols(values: readonly JsonValue[]): NatMatch {
  return ofList(
    "protocols",
    values.map((value) => (typeof value === "string" ? value : undefined)),
  );
}

function ofList<Key extends "protocols" | "ports" | "addresses">(
  key: Key,
  values: readonly (NonNullable<NatMatch[Key]>[number] | undefined)[],
): NatMatch {
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length ? SOME_PACKETS : { ...ANY_PACKET, [key]: known };
}

/** A port, or {"range": [1, 9]}. */
export function portsOf(value: JsonValue | undefined): PortRange | undefined {
  const range = jsonAt(value, "range");
  const [first, last] = Array.isArray(range) ? range : [value, value];
  return isPort(first) && isPort(last) && first <= last ? [first, last] : undefined;
}

function isPort(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= PORT_MAX;
}

/** An address, {"prefix": {"addr": "10.0.0.0", "len": 8}}, or {"range": ["10.0.0.1", "10.0.0.9"]}. */
export function addressOf(value: JsonValue | undefined): AddressRange | undefined {
  if (typeof value === "string") return parseAddressRange(value);
  if (!isJsonObject(value)) return undefined;
  const prefix = jsonTextAt(value, "prefix", "addr");
  if (prefix !== undefined) return networkOf(prefix, Number(jsonAt(value, "prefix", "len")));
  const [first, last] = jsonListAt(value, "range");
  if (typeof first !== "string" || typeof last !== "string") return undefined;
  return rangeBetween(parseAddressRange(first), parseAddressRange(last));
}

function sourceText(value: JsonValue): string {
  const prefix = jsonTextAt(value, "prefix", "addr");
  if (prefix !== undefined) return `${prefix}/${Number(jsonAt(value, "prefix", "len"))}`;
  return typeof value === "string" ? value : jsonListAt(value, "range").map(String).join("-");
}
