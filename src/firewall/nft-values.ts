// Constants of nftables, as JSON or text has them, in the form of their type: names, addresses, prefixes, ranges, marks in
// hexadecimal, times. nft(8), "DATA TYPES"; libnftables-json(5), "IMMEDIATES", "PREFIX", "RANGE".
import { parseIpv4 } from "../target/ipv4.js";
import { parseIpv6 } from "../target/ipv6.js";
import { type DataType, INTERFACE_INDEX, type Scalar } from "./data-type.js";
import type { KeyPart } from "./element-set.js";
import type { Expression } from "./expression.js";
import { asList, isJsonObject, onlyEntry } from "./json-tree.js";
import { servicePort } from "./nft-services.js";
import { symbolValue } from "./nft-symbols.js";
import { NotUnderstood } from "./not-understood.js";

/** A number in the form of its type. */
type Numeric = number | bigint;

/** Reads one value, prefix or range. @throws NotUnderstood */
export function readPart(json: unknown, type: DataType): KeyPart {
  if (type.form === "text") return readNamePart(json, type);
  if (typeof json === "string") return readTextPart(json, type);
  if (isJsonObject(json)) {
    const [key, body] = onlyEntry(json) ?? ["", undefined];
    if (key === "prefix") return readPrefix(body, type);
    if (key === "range") return readRange(body, type);
  }
  const value = readNumeric(json, type);
  return { kind: "range", low: value, high: value };
}

/** Reads one value, no prefix and no range. @throws NotUnderstood */
export function readScalar(json: unknown, type: DataType): Scalar {
  if (type.form !== "text") return readNumeric(json, type);
  const part = readNamePart(json, type);
  if (part.kind === "range") return part.low;
  if (part.isPrefix) return `${part.text}*`;
  if (part.text.endsWith("*")) throw new NotUnderstood(`the name ${part.text}, whose star stands for itself`);
  return part.text;
}

/** A constant as an expression: one value, or a range. @throws NotUnderstood for a name whose star stands for itself */
export function constant(part: KeyPart, type: DataType): Expression {
  if (part.kind === "text") {
    return { kind: "value", value: readScalar(part.isPrefix ? `${part.text}*` : escaped(part.text), type), type };
  }
  const ofType = type === INTERFACE_INDEX ? INDEX_NUMBER : type;
  const low: Expression = { kind: "value", value: part.low, type: ofType };
  if (part.low === part.high) return low;
  return { kind: "range", low, high: { kind: "value", value: part.high, type: ofType } };
}

/** The type of an interface's bare index. */
const INDEX_NUMBER: DataType = { ...INTERFACE_INDEX, form: "number" };

function escaped(name: string): string {
  return name.endsWith("*") ? `${name.slice(0, -1)}\\*` : name;
}

/** True for what needs no packet: it can be read by {@link readPart}, or is several values joined by "|". */
export function isConstant(json: unknown): boolean {
  if (typeof json === "string") return !json.startsWith("@");
  if (typeof json === "number" || typeof json === "boolean" || typeof json === "bigint") return true;
  if (Array.isArray(json)) return json.every(isConstant);
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  if (key === "prefix" || key === "range") return true;
  return (key === "|" || key === "&" || key === "^") && asList(body).every(isConstant);
}

/** All ones of a type. */
export function allOnes(type: DataType): Numeric {
  return type.form === "wide" ? (1n << BigInt(type.bits)) - 1n : 2 ** (type.bits === 0 ? 48 : type.bits) - 1;
}

function readNumeric(json: unknown, type: DataType): Numeric {
  if (typeof json === "number" || typeof json === "bigint") return bounded(ofUnit(json, type), type);
  if (typeof json === "boolean") return bounded(json ? 1 : 0, type);
  if (typeof json === "string") return readText(json, type);
  if (Array.isArray(json)) return joined(json, type);
  const [key, body] = onlyEntry(json) ?? ["", undefined];
  const operands = asList(body);
  if (key === "|") return joined(operands, type);
  if (key === "&" || key === "^") return combined(key, operands, type);
  throw new NotUnderstood(`a value of ${type.name}`);
}

/** Several values at once: the bits of all of them. */
function joined(list: readonly unknown[], type: DataType): Numeric {
  let bits = 0n;
  for (const one of list) bits |= BigInt(readNumeric(one, type));
  return bounded(bits, type);
}

function combined(operator: "&" | "^", operands: readonly unknown[], type: DataType): Numeric {
  const [left, right] = operands.map((one) => BigInt(readNumeric(one, type)));
  if (left === undefined || right === undefined) throw new NotUnderstood(`a value of ${type.name}`);
  return bounded(operator === "&" ? left & right : left ^ right, type);
}

/** What a bare number means in its type: labels are numbers of bits, times are seconds, which the kernel has in ms. */
function ofUnit(value: Numeric, type: DataType): Numeric {
  if (type.name === "ct_label") return value < 128 ? 1n << BigInt(value) : value;
  return type.name === "time" ? Number(value) * 1000 : value;
}

function bounded(value: Numeric, type: DataType): Numeric {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new NotUnderstood(`the number ${value}`);
  if (value < 0 || value > allOnes(type)) throw new NotUnderstood(`the number ${value} as ${type.name}`);
  return type.form === "wide" ? BigInt(value) : Number(value);
}

const DECIMAL = /^\d+$/;
const HEXADECIMAL = /^0x[0-9a-fA-F]{1,40}$/;

/** Reads one value that is written as text. */
function readText(text: string, type: DataType): Numeric {
  const value = maybeText(text, type);
  if (value === undefined) throw new NotUnderstood(`"${text}" as ${type.name}`);
  return value;
}

function maybeText(text: string, type: DataType): Numeric | undefined {
  const address = addressValue(text, type);
  if (address !== undefined) return address;
  const named = symbolValue(type.name, text);
  if (named !== undefined) return bounded(named, type);
  if (DECIMAL.test(text)) return text.length > 40 ? undefined : bounded(ofUnit(BigInt(text), type), type);
  if (HEXADECIMAL.test(text)) return bounded(BigInt(text), type);
  return otherText(text, type);
}

function addressValue(text: string, type: DataType): Numeric | undefined {
  if (type.name === "ipv4_addr") return parseIpv4(text);
  if (type.name === "ipv6_addr") return ipv6Value(text);
  return type.name === "ether_addr" ? etherValue(text) : undefined;
}

function otherText(text: string, type: DataType): Numeric | undefined {
  if (type.name === "inet_service") return servicePort(text);
  if (type.name === "time") return timeMs(text);
  return type.name === "classid" ? classId(text) : undefined;
}

/** Where an address becomes one number; it is read before anything else is put there. */
const ADDRESS = new DataView(new ArrayBuffer(16));
const ADDRESS_BYTES = new Uint8Array(ADDRESS.buffer);

function ipv6Value(text: string): bigint | undefined {
  const bytes = parseIpv6(text);
  if (bytes === undefined) return undefined;
  ADDRESS_BYTES.set(bytes);
  return (ADDRESS.getBigUint64(0) << 64n) | ADDRESS.getBigUint64(8);
}

const ETHER = /^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/;

function etherValue(text: string): number | undefined {
  if (!ETHER.test(text)) return undefined;
  return text.split(":").reduce((value, octet) => value * 256 + Number.parseInt(octet, 16), 0);
}

const TIME = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1];

/** 1d2h3m4s5ms, as nft writes times. */
function timeMs(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null || text === "") return undefined;
  return UNITS_MS.reduce((sum, unitMs, at) => sum + Number(match[at + 1] ?? 0) * unitMs, 0);
}

/** A class of traffic control, major:minor in hexadecimal (tc(8)). */
function classId(text: string): number | undefined {
  const match = /^([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,4})$/.exec(text);
  if (match === null) return undefined;
  return Number.parseInt(match[1] ?? "", 16) * 65_536 + Number.parseInt(match[2] ?? "", 16);
}

/** A value, prefix or range in one text: what the readers of text hand over, and JSON only as a single value. */
function readTextPart(text: string, type: DataType): KeyPart {
  const value = maybeText(text, type);
  if (value !== undefined) return { kind: "range", low: value, high: value };
  const slash = text.lastIndexOf("/");
  if (slash > 0) return readPrefix({ addr: text.slice(0, slash), len: Number(text.slice(slash + 1)) }, type);
  for (let dash = text.indexOf("-"); dash > 0; dash = text.indexOf("-", dash + 1)) {
    const low = maybeText(text.slice(0, dash), type);
    const high = maybeText(text.slice(dash + 1), type);
    if (low !== undefined && high !== undefined) return { kind: "range", low, high };
  }
  throw new NotUnderstood(`"${text}" as ${type.name}`);
}

function readRange(body: unknown, type: DataType): KeyPart {
  const [low, high] = asList(body);
  return { kind: "range", low: readNumeric(low, type), high: readNumeric(high, type) };
}

/** Reads addr and len. Host bits are cut off, as the kernel's masks do. */
function readPrefix(body: unknown, type: DataType): KeyPart {
  const { addr, len } = isJsonObject(body) ? body : {};
  if (typeof len !== "number" || !Number.isInteger(len) || len < 0 || len > type.bits) {
    throw new NotUnderstood(`a prefix of ${type.name}`);
  }
  const address = readNumeric(addr, type);
  if (type.form === "wide") {
    const hosts = (1n << BigInt(type.bits - len)) - 1n;
    const low = BigInt(address) & ~hosts;
    return { kind: "range", low, high: low | hosts };
  }
  const size = 2 ** (type.bits - len);
  const low = Number(address) - (Number(address) % size);
  return { kind: "range", low, high: low + size - 1 };
}

/** A name, a pattern with a star at its end, or the bare number of an interface that had no name. */
function readNamePart(json: unknown, type: DataType): KeyPart {
  const isIndex = type.name === "iface_index";
  if (isIndex && typeof json === "number") return indexPart(json);
  if (typeof json !== "string") throw new NotUnderstood(`a value of ${type.name}`);
  // In JSON an index is a text, too.
  if (isIndex && /^\d{1,9}$/.test(json)) return indexPart(Number(json));
  if (isIndex || !json.endsWith("*")) return { kind: "text", text: json, isPrefix: false };
  if (json.endsWith("\\*")) return { kind: "text", text: `${json.slice(0, -2)}*`, isPrefix: false };
  return { kind: "text", text: json.slice(0, -1), isPrefix: true };
}

function indexPart(index: number): KeyPart {
  return { kind: "range", low: index, high: index };
}
