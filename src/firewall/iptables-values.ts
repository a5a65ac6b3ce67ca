// Values as iptables writes them: numbers, ranges, marks with masks, protocols, addresses with masks. iptables(8),
// "PARAMETERS"; iptables-extensions(8); xtables_strtoul() takes C's numbers: decimal, 0x…, 0….
import { quote } from "../target/fault.js";
import { parseIpv4 } from "../target/ipv4.js";
import { parseIpv6 } from "../target/ipv6.js";
import { type DataType, IPV4, IPV6, PORT } from "./data-type.js";
import type { Expression } from "./expression.js";
import { servicePort } from "./nft-services.js";
import { NotUnderstood } from "./not-understood.js";
import { protocolNumber } from "./protocol-names.js";

const NUMBER = /^(?:0x[0-9a-fA-F]{1,12}|\d{1,15})$/;

/** A number of C from 0 on; `undefined` for anything else. */
export function maybeNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const isOctal = text.length > 1 && text.startsWith("0") && !text.startsWith("0x");
  if (isOctal) return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
  return Number(text);
}

/** A number of C from 0 to `max`. @throws NotUnderstood */
export function numberOf(text: string, max: number): number {
  const value = maybeNumber(text);
  if (value === undefined || value > max) throw new NotUnderstood(`the number ${quote(text)}`);
  return value;
}

/** "5", "5:9", "5:", ":9", with that separator. @throws NotUnderstood */
export function rangeOf(
  text: string,
  max: number,
  separator = ":",
  read: (text: string, max: number) => number = numberOf,
): readonly [low: number, high: number] {
  const at = text.indexOf(separator);
  if (at < 0) {
    const value = read(text, max);
    return [value, value];
  }
  const low = at === 0 ? 0 : read(text.slice(0, at), max);
  const high = at === text.length - 1 ? max : read(text.slice(at + 1), max);
  if (low > high) throw new NotUnderstood(`the range ${quote(text)}`);
  return [low, high];
}

/** A constant: one value or a range. */
export function constant(low: number | bigint, high: number | bigint, type: DataType): Expression {
  const first: Expression = { kind: "value", value: low, type };
  return low === high ? first : { kind: "range", low: first, high: { kind: "value", value: high, type } };
}

/** A range of numbers as a constant. @throws NotUnderstood */
export function rangeConstant(text: string, type: DataType, max: number = 2 ** type.bits - 1): Expression {
  const [low, high] = rangeOf(text, max);
  return constant(low, high, type);
}

const PORT_MAX = 0xffff;

/** "80", "1024:65535", and names, which only people write. @throws NotUnderstood */
export function portRange(text: string): readonly [low: number, high: number] {
  return rangeOf(text, PORT_MAX, ":", portNumber);
}

function portNumber(text: string, max: number): number {
  const named = maybeNumber(text) === undefined ? servicePort(text) : undefined;
  return named ?? numberOf(text, max);
}

/** The same with "-" between the ends, as NAT's targets have it. @throws NotUnderstood */
export function natPorts(text: string): Expression {
  const [low, high] = rangeOf(text, PORT_MAX, "-");
  return constant(low, high, PORT);
}

/** A value with a mask; the mask is all ones where none stands. */
export interface Masked {
  readonly value: number;
  readonly mask: number;
}

/** "0x1/0xff". @throws NotUnderstood */
export function maskedOf(text: string, max = 0xffff_ffff): Masked {
  const at = text.indexOf("/");
  if (at < 0) return { value: numberOf(text, max), mask: max };
  return { value: numberOf(text.slice(0, at), max), mask: numberOf(text.slice(at + 1), max) };
}

/** A protocol by name or number; 0 for "all". @throws NotUnderstood */
export function protocolOf(text: string): number {
  if (text.toLowerCase() === "all") return 0;
  const number = protocolNumber(text) ?? maybeNumber(text);
  if (number === undefined || number > 255) throw new NotUnderstood(`the protocol ${quote(text)}`);
  return number;
}

/** The type of a family's addresses. */
export function addressType(family: 4 | 6): DataType {
  return family === 4 ? IPV4 : IPV6;
}

/** An address in the form of its family. @throws NotUnderstood */
export function addressOf(text: string, family: 4 | 6): number | bigint {
  const value = maybeAddress(text, family);
  if (value === undefined) throw new NotUnderstood(`the address ${quote(text)}`);
  return value;
}

/** The same; `undefined` when it is none. */
export function maybeAddress(text: string, family: 4 | 6): number | bigint | undefined {
  if (family === 4) return parseIpv4(text);
  const bytes = parseIpv6(text);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

/** A network: its address with the mask's bits alone. */
export interface MaskedAddress {
  readonly address: number | bigint;
  readonly mask: number | bigint;
  /** Its last address, where the mask is contiguous. */
  readonly last: number | bigint | undefined;
}

/** "10.0.0.0/8", "10.0.0.1", "10.0.0.0/255.0.255.0". @throws NotUnderstood */
export function networkOf(text: string, family: 4 | 6): MaskedAddress {
  const at = text.indexOf("/");
  const address = addressOf(at < 0 ? text : text.slice(0, at), family);
  const mask = at < 0 ? prefixMask(family === 4 ? 32 : 128, family) : maskOf(text.slice(at + 1), family);
  return masked(address, mask, family);
}

/** The network of an address. */
export function masked(address: number | bigint, mask: number | bigint, family: 4 | 6): MaskedAddress {
  if (family === 4) {
    const ones = Number(mask);
    const first = (Number(address) & ones) >>> 0;
    const rest = ~ones >>> 0;
    const isContiguous = (rest & (rest + 1)) === 0;
    return { address: first, mask: ones, last: isContiguous ? (first | rest) >>> 0 : undefined };
  }
  const ones = BigInt(mask);
  const first = BigInt(address) & ones;
  const rest = ones ^ ALL_ONES_V6;
  return { address: first, mask: ones, last: (rest & (rest + 1n)) === 0n ? first | rest : undefined };
}

const ALL_ONES_V6 = (1n << 128n) - 1n;
const PREFIX = /^\d{1,3}$/;

function maskOf(text: string, family: 4 | 6): number | bigint {
  return PREFIX.test(text) ? prefixMask(Number(text), family) : addressOf(text, family);
}

/** A mask of so many ones. @throws NotUnderstood */
export function prefixMask(bits: number, family: 4 | 6): number | bigint {
  if (bits > (family === 4 ? 32 : 128)) throw new NotUnderstood(`the prefix length ${bits}`);
  if (family === 4) return bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
  return ALL_ONES_V6 ^ (ALL_ONES_V6 >> BigInt(bits));
}
