// Blocks of addresses that are counted, indexed and searched without writing them out: IPv4 patterns, IPv4 ranges and
// IPv6 prefixes (RFC 4291 §2.3).
import { type Address, formatAddress, type Ipv6Address } from "./address.js";
import type { Fault } from "./fault.js";
import { mappedIpv4 } from "./ipv6.js";
import { formatOctetForm, type OctetForm, octetFormAt, octetFormContains, octetFormCount } from "./octet-form.js";
import { type Ipv4BlockTarget, type Ipv4Target, type Ipv6BlockTarget, maskBytes } from "./target-expression.js";

/** IPv4 addresses by a pattern of octets. */
interface Ipv4OctetBlock {
  readonly kind: "ipv4-octets";
  readonly octets: OctetForm;
}

/** Consecutive IPv4 addresses. */
interface Ipv4RangeBlock {
  readonly kind: "ipv4-range";
  readonly base: number;
  readonly count: number;
}

/** The IPv6 addresses that begin with the same bits; without a zone they are those of every zone. */
export interface Ipv6PrefixBlock {
  readonly kind: "ipv6-prefix";
  readonly bytes: Uint8Array;
  readonly prefix: number;
  readonly zone?: string;
}

/** A block of addresses, as plain data. */
export type AddressBlock = Ipv4OctetBlock | Ipv4RangeBlock | Ipv6PrefixBlock;

/** The shortest IPv6 prefix that is walked: 2^52 addresses, the most whose indexes a number can hold with room. */
const WALKED_PREFIX_MIN = 76;

/** The block around an IPv4 address. */
function ipv4Block(value: number, prefix: number): Ipv4RangeBlock {
  const count = 2 ** (32 - prefix);
  return { kind: "ipv4-range", base: Math.floor(value / count) * count, count };
}

/** The block around an IPv6 address. */
function ipv6Block(address: Ipv6Address, prefix: number): Ipv6PrefixBlock {
  const bytes = address.bytes.slice();
  maskBytes(bytes, prefix);
  const block: Ipv6PrefixBlock = { kind: "ipv6-prefix", bytes, prefix };
  return address.zone === undefined ? block : { ...block, zone: address.zone };
}

/** The block of all addresses that share the first `prefix` bits with this one: what `name/24` means. */
export function blockAround(address: Address, prefix: number): AddressBlock {
  return address.family === 4 ? ipv4Block(address.value, Math.min(32, prefix)) : ipv6Block(address, prefix);
}

/** The block of one address. */
export function singleBlock(address: Address): AddressBlock {
  return blockAround(address, 128);
}

/** The block that an expression without a name stands for. */
export function blockOf(target: Ipv4Target | Ipv4BlockTarget | Ipv6BlockTarget): AddressBlock {
  if (target.kind === "ipv4") return { kind: "ipv4-octets", octets: target.octets };
  if (target.kind === "ipv4-block") return ipv4Block(target.base, target.prefix);
  const { bytes, prefix, zone } = target;
  return ipv6Block(zone === undefined ? { family: 6, bytes } : { family: 6, bytes, zone }, prefix);
}

/** The block that an expression stands for, to be walked: a fault when no scan could ever end. */
export function walkableBlockOf(target: Ipv4Target | Ipv4BlockTarget | Ipv6BlockTarget): AddressBlock | Fault {
  const block = blockOf(target);
  return tooLargeToWalk(block) ?? block;
}

/** What to say when a block has more addresses than can be walked; `undefined` when it can. */
export function tooLargeToWalk(block: AddressBlock): Fault | undefined {
  if (block.kind !== "ipv6-prefix" || block.prefix >= WALKED_PREFIX_MIN) return undefined;
  const hint = "name the hosts, or a block of /96 or longer";
  return { fault: `${formatBlock(block)}: a /${block.prefix} of IPv6 is too large to be walked: ${hint}` };
}

/** A block of IPv4-mapped addresses as the IPv4 range that it is; every other block as itself. */
export function unmappedBlock(block: AddressBlock): AddressBlock {
  if (block.kind !== "ipv6-prefix" || block.prefix < 96) return block;
  const base = mappedIpv4(block.bytes);
  return base === undefined ? block : { kind: "ipv4-range", base, count: 2 ** (128 - block.prefix) };
}

/** How many addresses a block has; above 2^53 only roughly. */
export function blockCount(block: AddressBlock): number {
  if (block.kind === "ipv4-range") return block.count;
  return block.kind === "ipv4-octets" ? octetFormCount(block.octets) : 2 ** (128 - block.prefix);
}

/** The address at an index from 0 to the count - 1, ascending; of an IPv6 block the first 2^53. */
export function blockAt(block: AddressBlock, index: number): Address {
  if (block.kind === "ipv4-range") return { family: 4, value: block.base + index };
  if (block.kind === "ipv4-octets") return { family: 4, value: octetFormAt(block.octets, index) };
  const bytes = block.bytes.slice();
  let rest = index;
  for (let at = 15; rest > 0 && at >= 0; at--) {
    bytes[at] = (bytes[at] ?? 0) | (rest % 256);
    rest = Math.floor(rest / 256);
  }
  return block.zone === undefined ? { family: 6, bytes } : { family: 6, bytes, zone: block.zone };
}

/** True when the block has the address. Families stay apart here: see `unmapped` for IPv4-mapped addresses. */
export function blockContains(block: AddressBlock, address: Address): boolean {
  if (block.kind === "ipv6-prefix") return address.family === 6 && prefixContains(block, address);
  if (address.family !== 4) return false;
  if (block.kind === "ipv4-octets") return octetFormContains(block.octets, address.value);
  return address.value >= block.base && address.value < block.base + block.count;
}

function prefixContains(block: Ipv6PrefixBlock, address: Ipv6Address): boolean {
  if (block.zone !== undefined && block.zone !== address.zone) return false;
  for (let at = 0; at * 8 < block.prefix; at++) {
    const mask = (0xff00 >> Math.min(8, block.prefix - at * 8)) & 0xff;
    if (((address.bytes[at] ?? 0) & mask) !== block.bytes[at]) return false;
  }
  return true;
}

/** Writes a block as a user would: `10.0.0.0/8`, `10.0.0.1,3.5.*`, `10.0.0.5-10.0.1.9`, `fe80::/64%eth0`. */
export function formatBlock(block: AddressBlock): string {
  if (block.kind === "ipv4-octets") return formatOctetForm(block.octets);
  const first = formatAddress(blockAt(block, 0));
  if (block.kind === "ipv6-prefix") return block.prefix === 128 ? first : `${first}/${block.prefix}`;
  if (block.count === 1) return first;
  const bits = Math.log2(block.count);
  if (Number.isInteger(bits) && block.base % block.count === 0) return `${first}/${32 - bits}`;
  return `${first}-${formatAddress(blockAt(block, block.count - 1))}`;
}
