// What conditions of rules say about the packets that come to a port of this machine, as far as that says where it leads.
import type { DataType, Scalar } from "../firewall/data-type.js";
import type { ElementSet, KeyPart, NamedSet } from "../firewall/element-set.js";
import type { Expression, Field, SetReference } from "../firewall/expression.js";
import { protocolName } from "../firewall/protocol-names.js";
import type { Statement } from "../firewall/statement.js";
import type { PortRange } from "../target/port-set.js";
import { type AddressRange, formatAddressRange } from "./address-range.js";
import { ANY_PACKET, bothMatch, type NatMatch, SOME_PACKETS } from "./nat-match.js";

/** The packets of which a condition holds; "shared" where chance or turns decide, undefined where it never holds. */
export type Meaning = NatMatch | "shared" | undefined;

/** Sets and maps of the rule's table, by their names. */
export type TableSets = ReadonlyMap<string, NamedSet>;

type Key = readonly KeyPart[];

/** Protocols whose headers begin with two ports, by nft's names. */
const PORT_PROTOCOLS: ReadonlySet<string> = new Set(["tcp", "udp", "sctp", "dccp", "udplite"]);
const FAMILIES: ReadonlyMap<string, 4 | 6> = new Map([
  ["ip", 4],
  ["ip6", 6],
]);
/** NFPROTO_IPV4 and NFPROTO_IPV6 (include/uapi/linux/netfilter.h), ETH_P_IP and ETH_P_IPV6 (if_ether.h). */
const FAMILY_NUMBERS: ReadonlyMap<number | bigint, 4 | 6> = new Map([
  [2, 4],
  [10, 6],
  [0x0800, 4],
  [0x86dd, 6],
]);
/** RTN_LOCAL (include/uapi/linux/rtnetlink.h). */
const LOCAL = 2;
/** NF_CT_STATE_BIT(IP_CT_NEW) (include/uapi/linux/netfilter/nf_conntrack_common.h). */
const STATE_NEW = 8;
/** Expressions of nft that share packets out. */
const SHARING = /^(?:numgen|jhash|symhash) /;

/** A condition. */
export function meaningOfMatch(
  { left, comparison, right }: Statement & { readonly kind: "match" },
  sets: TableSets,
): Meaning {
  const keys = keysOf(right, sets);
  if (keys === undefined) return SOME_PACKETS;
  switch (comparison) {
    case "==":
      return meaningOf(left, keys);
    case "!=":
      return meaningOfOthers(left, keys);
    case "in":
      return isState(left) && keys.some(hasNew) ? ANY_PACKET : SOME_PACKETS;
    default:
      return SOME_PACKETS;
  }
}

/** A set that is named or stands in the rule; undefined for one whose contents are not known. */
export function elementsOf(set: ElementSet | SetReference, sets: TableSets): ElementSet | undefined {
  if (set.kind === "element-set") return set;
  const named = sets.get(set.name);
  return named?.unknown === undefined ? named : undefined;
}

/** The packets for which an expression has one of these values. */
export function meaningOf(expression: Expression, keys: readonly Key[]): Meaning {
  if (expression.kind === "concat") return meaningOfConcat(expression.parts, keys);
  if (expression.kind === "binary") return impliedBy(expression.left);
  if (expression.kind !== "field") return SOME_PACKETS;
  const parts = firstParts(keys);
  return parts.some((part) => isWhole(part, expression.type)) ? ANY_PACKET : meaningOfField(expression.field, parts);
}

/** Most conditions ask for one value, which is a key of one part. */
function firstParts(keys: readonly Key[]): readonly KeyPart[] {
  const [only] = keys;
  return keys.length === 1 && only?.length === 1 ? only : keys.flatMap(([part]) => part ?? []);
}

/** Keys that stand on the right of a comparison; undefined for what is not known. */
function keysOf(right: Expression | ElementSet | SetReference, sets: TableSets): readonly Key[] | undefined {
  if (right.kind === "element-set" || right.kind === "set-reference") {
    const elements = elementsOf(right, sets)?.elements;
    const isPlain = elements?.every(({ condition, isExcluded }) => condition === undefined && isExcluded !== true);
    return isPlain === true ? elements?.map(({ key }) => key) : undefined;
  }
  if (right.kind !== "concat") {
    const part = partOf(right);
    return part === undefined ? undefined : [[part]];
  }
  const parts = right.parts.map(partOf);
  const known = parts.filter((part) => part !== undefined);
  return known.length < parts.length ? undefined : [known];
}

/** A constant as part of a key; undefined for what is none. */
export function partOf(expression: Expression): KeyPart | undefined {
  if (expression.kind === "value") return partBetween(expression.value, expression.value);
  if (expression.kind !== "range" || expression.low.kind !== "value" || expression.high.kind !== "value") {
    return undefined;
  }
  return partBetween(expression.low.value, expression.high.value);
}

/** A name that ends in "*" stands for all that begin so. */
function partBetween(low: Scalar, high: Scalar): KeyPart | undefined {
  if (typeof low === "string") {
    const isPrefix = low.endsWith("*");
    return { kind: "text", text: isPrefix ? low.slice(0, -1) : low, isPrefix };
  }
  return typeof high === "string" ? undefined : { kind: "range", low, high };
}

/** "*" in a key of several parts. */
function isWhole(part: KeyPart, { bits }: DataType): boolean {
  if (part.kind === "text") return part.text === "" && part.isPrefix;
  if (part.low !== 0 && part.low !== 0n) return false;
  return BigInt(part.high) === (1n << BigInt(bits)) - 1n;
}

/** Several expressions at once, with several values each; of more than one element the parts are no longer together. */
function meaningOfConcat(parts: readonly Expression[], keys: readonly Key[]): Meaning {
  const [key, ...more] = keys;
  if (key === undefined || more.length > 0 || key.length !== parts.length) return SOME_PACKETS;
  let match: NatMatch | undefined = ANY_PACKET;
  for (const [at, part] of key.entries()) {
    const expression = parts[at];
    const meaning = expression === undefined ? undefined : meaningOf(expression, [[part]]);
    if (meaning === "shared") return "shared";
    match = match === undefined || meaning === undefined ? undefined : bothMatch(match, meaning);
  }
  return match;
}

function meaningOfField(field: Field, parts: readonly KeyPart[]): Meaning {
  switch (field.kind) {
    case "payload":
      return meaningOfPayload(field.protocol, field.field, parts);
    case "meta":
      return meaningOfMeta(field.key, parts);
    case "fib":
      return isOwnAddress(field) && parts.every(isLocal) ? ANY_PACKET : SOME_PACKETS;
    case "ct":
      return field.key === "state" && parts.some(isNewAlone) ? ANY_PACKET : SOME_PACKETS;
    case "other":
      return SHARING.test(field.text) ? "shared" : SOME_PACKETS;
    default:
      return SOME_PACKETS;
  }
}

function meaningOfPayload(protocol: string, field: string, parts: readonly KeyPart[]): NatMatch {
  if (field === "dport") return meaningOfPort(protocol, parts);
  const family = FAMILIES.get(protocol);
  if (family === undefined) return impliedProtocol(protocol);
  if (field === "protocol" || field === "nexthdr") return { ...ofProtocols(parts), family };
  if (field === "daddr") return { ...ofList("addresses", addressesOf(parts, family)), family };
  if (field !== "saddr") return { ...SOME_PACKETS, family };
  return { ...ANY_PACKET, family, sources: [addressesOf(parts, family).map(formatAddressRange).join(", ")] };
}

/** "tcp dport" says two things, "th dport" one. */
function meaningOfPort(protocol: string, parts: readonly KeyPart[]): NatMatch {
  const ports = ofList("ports", portsOf(parts));
  return PORT_PROTOCOLS.has(protocol) ? { ...ports, protocols: [protocol] } : ports;
}

/** A field that is not understood still says which protocol or family it is one of. */
function impliedProtocol(protocol: string): NatMatch {
  return PORT_PROTOCOLS.has(protocol) ? { ...SOME_PACKETS, protocols: [protocol] } : SOME_PACKETS;
}

function impliedBy(expression: Expression): NatMatch {
  if (expression.kind !== "field" || expression.field.kind !== "payload") return SOME_PACKETS;
  const { protocol } = expression.field;
  const family = FAMILIES.get(protocol);
  return family === undefined ? impliedProtocol(protocol) : { ...SOME_PACKETS, family };
}

function meaningOfMeta(key: string, parts: readonly KeyPart[]): NatMatch {
  const [part, ...more] = parts;
  if (key === "l4proto") return ofProtocols(parts);
  if (part === undefined || more.length > 0) return SOME_PACKETS;
  if (key === "iifname" || key === "iif") return ofInterface(part, false);
  const family =
    (key === "nfproto" || key === "protocol") && part.kind === "range" ? FAMILY_NUMBERS.get(part.low) : undefined;
  return family === undefined ? SOME_PACKETS : { ...ANY_PACKET, family };
}

function ofInterface(part: KeyPart, isExcept: boolean): NatMatch {
  if (part.kind !== "text") return SOME_PACKETS; // its number, of one that has no name
  return { ...ANY_PACKET, inInterface: { name: part.isPrefix ? `${part.text}*` : part.text, isExcept } };
}

/** All values but these. */
function meaningOfOthers(left: Expression, keys: readonly Key[]): NatMatch {
  if (left.kind !== "field") return impliedBy(left.kind === "binary" ? left.left : left);
  const { field } = left;
  const parts = firstParts(keys);
  const [part, ...more] = parts;
  const isInterface = field.kind === "meta" && (field.key === "iifname" || field.key === "iif");
  if (isInterface && part !== undefined && more.length === 0) return ofInterface(part, true);
  const family = field.kind === "payload" ? FAMILIES.get(field.protocol) : undefined;
  if (field.kind !== "payload" || field.field !== "saddr" || family === undefined) return impliedBy(left);
  const sources = addressesOf(parts, family).map((range) => `!${formatAddressRange(range)}`);
  return { ...ANY_PACKET, family, sources };
}

function isOwnAddress({ result, flags }: Field & { readonly kind: "fib" }): boolean {
  return result === "type" && flags.length === 1 && flags[0] === "daddr";
}

function isLocal(part: KeyPart): boolean {
  return part.kind === "range" && part.low === LOCAL && part.high === LOCAL;
}

function isState(expression: Expression): boolean {
  return expression.kind === "field" && expression.field.kind === "ct" && expression.field.key === "state";
}

/** These tables see the first packet of a connection only, which is new. */
function hasNew([part]: Key): boolean {
  return part?.kind === "range" && (Number(part.low) & STATE_NEW) !== 0;
}

function isNewAlone(part: KeyPart): boolean {
  return part.kind === "range" && part.low <= STATE_NEW && part.high >= STATE_NEW;
}

function ofProtocols(parts: readonly KeyPart[]): NatMatch {
  const names = parts.map((part) =>
    part.kind === "range" && part.low === part.high ? protocolName(Number(part.low)) : undefined,
  );
  const known = names.filter((name) => name !== undefined);
  return known.length < names.length ? SOME_PACKETS : { ...ANY_PACKET, protocols: known };
}

function ofList<Key extends "ports" | "addresses">(key: Key, values: NonNullable<NatMatch[Key]>): NatMatch {
  return { ...ANY_PACKET, [key]: values };
}

function portsOf(parts: readonly KeyPart[]): readonly PortRange[] {
  return parts.map(portRangeOf).filter((range) => range !== undefined);
}

/** Ports; undefined for a name, which no port has. */
export function portRangeOf(part: KeyPart): PortRange | undefined {
  return part.kind === "range" ? [Number(part.low), Number(part.high)] : undefined;
}

function addressesOf(parts: readonly KeyPart[], family: 4 | 6): readonly AddressRange[] {
  return parts.map((part) => addressRangeOf(part, family)).filter((range) => range !== undefined);
}

/** Addresses; undefined for a name, which no address has. */
export function addressRangeOf(part: KeyPart, family: 4 | 6): AddressRange | undefined {
  return part.kind === "range" ? { family, first: BigInt(part.low), last: BigInt(part.high) } : undefined;
}
