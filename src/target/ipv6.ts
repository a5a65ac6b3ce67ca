// IPv6 addresses as text: RFC 4291 §2.2 is read (with an embedded IPv4 address, without a zone), RFC 5952 is written.
import { formatIpv4, parseIpv4 } from "./ipv4.js";

const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** Reads an IPv6 address as 16 bytes in network order; `undefined` when it is none. */
export function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length < 2 || text.length > 45) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const isShortened = halves.length === 2;
  const head = readGroups(halves[0] ?? "", !isShortened);
  const tail = isShortened ? readGroups(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (isShortened ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  putGroups(bytes, head, 0);
  putGroups(bytes, tail, 8 - tail.length);
  return bytes;
}

function putGroups(bytes: Uint8Array, groups: readonly number[], at: number): void {
  groups.forEach((group, index) => {
    bytes[(at + index) * 2] = group >>> 8;
    bytes[(at + index) * 2 + 1] = group & 255;
  });
}

function readGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes(".")) {
      const value = parseIpv4(part);
      if (value === undefined) return undefined;
      groups.push(value >>> 16, value & 0xffff);
    } else if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
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
