// IPv6 addresses as text: RFC 4291 §2.2 is read (with an embedded IPv4 address, without a zone), RFC 5952 is written.
import { formatIpv4, parseIpv4 } from "./ipv4.js";

const GROUP_COUNT = 8;

/** Reads an IPv6 address as 16 bytes in network order; `undefined` when it is none. */
export function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length < 2 || text.length > 45) return undefined;
  const gap = text.indexOf("::");
  if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) return undefined;
  const bytes = new Uint8Array(16);
  if (gap < 0) return putGroups(text, 0, text.length, true, bytes, 0) === GROUP_COUNT ? bytes : undefined;
  const head = putGroups(text, 0, gap, false, bytes, 0);
  const all = head === undefined ? undefined : putGroups(text, gap + 2, text.length, true, bytes, head);
  if (head === undefined || all === undefined || all === GROUP_COUNT) return undefined;
  const zeroEnd = 16 - (all - head) * 2;
  bytes.copyWithin(zeroEnd, head * 2, all * 2);
  bytes.fill(0, head * 2, zeroEnd);
  return bytes;
}

/** Puts the groups of a part of the text behind those that are there. Gives how many there are then. */
function putGroups(
  text: string,
  from: number,
  to: number,
  mayEndInIpv4: boolean,
  bytes: Uint8Array,
  before: number,
): number | undefined {
  let count = before;
  for (let start = from; start <= to && from < to; ) {
    const colon = text.indexOf(":", start);
    const end = colon < 0 || colon > to ? to : colon;
    const group = readGroup(text, start, end);
    if (group >= 0 && count < GROUP_COUNT) putGroup(bytes, count++, group);
    else if (mayEndInIpv4 && end === to && count < GROUP_COUNT - 1)
      return putIpv4(text.slice(start, end), bytes, count);
    else return undefined;
    start = end + 1;
  }
  return count;
}

function putIpv4(text: string, bytes: Uint8Array, count: number): number | undefined {
  const value = parseIpv4(text);
  if (value === undefined) return undefined;
  putGroup(bytes, count, value >>> 16);
  putGroup(bytes, count + 1, value & 0xffff);
  return count + 2;
}

function putGroup(bytes: Uint8Array, at: number, group: number): void {
  bytes[at * 2] = group >>> 8;
  bytes[at * 2 + 1] = group & 255;
}

/** One to four hexadecimal digits; -1 for anything else. Read by character, since sets of a firewall have many. */
function readGroup(text: string, start: number, end: number): number {
  if (end === start || end - start > 4) return -1;
  let group = 0;
  for (let at = start; at < end; at++) {
    const digit = hexadecimalDigit(text.charCodeAt(at));
    if (digit < 0) return -1;
    group = group * 16 + digit;
  }
  return group;
}

function hexadecimalDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Writes 16 bytes as RFC 5952 wants it; IPv4-mapped addresses end in a dotted quad (§5). */
export function formatIpv6(bytes: Uint8Array): string {
  const mapped = mappedIpv4(bytes);
  if (mapped !== undefined) return `::ffff:${formatIpv4(mapped)}`;
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0));
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/** RFC 5952 §4.2: the longest run of zero groups is shortened, the first of equals. */
function longestZeroRun(groups: readonly number[]): readonly [start: number, length: number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (const [at, group] of groups.entries()) {
    if (group !== 0) start = at + 1;
    else if (at + 1 - start > best[1]) best = [start, at + 1 - start];
  }
  return best;
}

/** The IPv4 address inside of `::ffff:0:0/96` (RFC 4291 §2.5.5.2); `undefined` for every other IPv6 address. */
export function mappedIpv4(bytes: Uint8Array): number | undefined {
  for (let at = 0; at < 10; at++) if (bytes[at] !== 0) return undefined;
  if (bytes[10] !== 255 || bytes[11] !== 255) return undefined;
  return (((bytes[12] ?? 0) << 24) | ((bytes[13] ?? 0) << 16) | ((bytes[14] ?? 0) << 8) | (bytes[15] ?? 0)) >>> 0;
}
