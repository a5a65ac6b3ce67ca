// IPv4 targets that are patterns octet by octet, nmap's `10.0-255.1,3-5.*` (nmap reference guide, "Target
// specification"): read, counted, indexed and searched without writing the addresses out.
import { type Fault, isFault, quote } from "./fault.js";

/** First and last value of an octet, both included. */
type OctetRange = readonly [first: number, last: number];

/** The values that each octet may have: four lists of ascending, disjoint ranges. */
export type OctetForm = readonly [
  readonly OctetRange[],
  readonly OctetRange[],
  readonly OctetRange[],
  readonly OctetRange[],
];

/** The octet that may have every value. */
const ANY: readonly OctetRange[] = [[0, 255]];

/** Reads four octets with `*`, lists and open or closed ranges in any of them. */
export function parseOctetForm(text: string): OctetForm | Fault {
  const parts = text.split(".");
  if (parts.length !== 4) {
    const hint = parts.length > 4 && text.includes(",") ? "; put blanks between targets, not commas" : "";
    return { fault: `${quote(text)}: an IPv4 target has four octets, here are ${parts.length}${hint}` };
  }
  const octets: (readonly OctetRange[])[] = [];
  for (const part of parts) {
    const ranges = parseOctet(part);
    if (isFault(ranges)) return { fault: `${quote(text)}: ${ranges.fault}` };
    octets.push(ranges);
  }
  const [first = ANY, second = ANY, third = ANY, fourth = ANY] = octets;
  return [first, second, third, fourth];
}

function parseOctet(text: string): readonly OctetRange[] | Fault {
  const ranges: OctetRange[] = [];
  for (const element of text.split(",")) {
    const range = parseOctetElement(element);
    if (isFault(range)) return range;
    ranges.push(range);
  }
  return mergeRanges(ranges);
}

function parseOctetElement(text: string): OctetRange | Fault {
  if (text === "*") return [0, 255];
  const match = /^(\d*)(-?)(\d*)$/.exec(text);
  if (text === "" || match === null)
    return { fault: `${quote(text)} is no octet: a number, a range or * was expected` };
  const [, from = "", dash = "", to = ""] = match;
  for (const digits of [from, to]) {
    if (/^0\d/.test(digits)) return { fault: `${digits} could be octal: write the octet without leading zeros` };
    if (Number(digits) > 255) return { fault: `an octet is at most 255, not ${digits.slice(0, 12)}` };
  }
  if (dash === "") return [Number(from), Number(from)];
  const first = Number(from);
  const last = to === "" ? 255 : Number(to);
  return first > last ? { fault: `${text}: the range runs backwards` } : [first, last];
}

function mergeRanges(ranges: readonly OctetRange[]): readonly OctetRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((one, other) => one[0] - other[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** The form with all the addresses that share their first `prefix` bits with one of its own: `10.0-5.0.1/16`. */
export function widenOctetForm(form: OctetForm, prefix: number): OctetForm {
  const [first, second, third, fourth] = form;
  return [
    widenOctet(first, prefix),
    widenOctet(second, prefix - 8),
    widenOctet(third, prefix - 16),
    widenOctet(fourth, prefix - 24),
  ];
}

function widenOctet(ranges: readonly OctetRange[], bits: number): readonly OctetRange[] {
  if (bits >= 8) return ranges;
  if (bits <= 0) return ANY;
  const free = (1 << (8 - bits)) - 1;
  return mergeRanges(ranges.map(([first, last]) => [first & ~free, last | free]));
}

/** Writes a form as `parseOctetForm` reads it. */
export function formatOctetForm(form: OctetForm): string {
  return form.map(formatOctet).join(".");
}

function formatOctet(ranges: readonly OctetRange[]): string {
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

/** How many addresses the form has. */
export function octetFormCount(form: OctetForm): number {
  return form.reduce((count, ranges) => count * rangesCount(ranges), 1);
}

function rangesCount(ranges: readonly OctetRange[]): number {
  let count = 0;
  for (const [first, last] of ranges) count += last - first + 1;
  return count;
}

/** The address at an index, ascending, for indexes from 0 to the count - 1. */
export function octetFormAt(form: OctetForm, index: number): number {
  let rest = index;
  let value = 0;
  let unit = 1;
  for (let at = 3; at >= 0; at--) {
    const ranges = form[at] ?? ANY;
    const count = rangesCount(ranges);
    value += nthOf(ranges, rest % count) * unit;
    rest = Math.floor(rest / count);
    unit *= 256;
  }
  return value;
}

function nthOf(ranges: readonly OctetRange[], nth: number): number {
  let rest = nth;
  for (const [first, last] of ranges) {
    if (rest <= last - first) return first + rest;
    rest -= last - first + 1;
  }
  return 0;
}

/** True when the address is one of the form's. */
export function octetFormContains(form: OctetForm, value: number): boolean {
  return (
    value === value >>> 0 &&
    isInRanges(form[0], value >>> 24) &&
    isInRanges(form[1], (value >>> 16) & 255) &&
    isInRanges(form[2], (value >>> 8) & 255) &&
    isInRanges(form[3], value & 255)
  );
}

function isInRanges(ranges: readonly OctetRange[], octet: number): boolean {
  for (const range of ranges) if (octet >= range[0] && octet <= range[1]) return true;
  return false;
}

/** How many unbroken runs of addresses the form has. */
export function octetFormRunCount(form: OctetForm): number {
  const level = runLevel(form);
  let count = (form[level] ?? ANY).length;
  for (let at = 0; at < level; at++) count *= rangesCount(form[at] ?? ANY);
  return count;
}

/** The runs of addresses of the form, ascending: first and last address, both included. */
export function* octetFormRuns(form: OctetForm): Generator<readonly [first: number, last: number]> {
  const level = runLevel(form);
  const unit = 256 ** (3 - level);
  const ranges = form[level] ?? ANY;
  let heads = 1;
  for (let at = 0; at < level; at++) heads *= rangesCount(form[at] ?? ANY);
  for (let head = 0; head < heads; head++) {
    const base = headAt(form, level, head) * unit * 256;
    for (const [first, last] of ranges) yield [base + first * unit, base + (last + 1) * unit - 1];
  }
}

/** The octet whose ranges are runs: the last one that does not have every value. */
function runLevel(form: OctetForm): number {
  let level = 3;
  while (level > 0 && isWhole(form[level] ?? ANY)) level--;
  return level;
}

function isWhole(ranges: readonly OctetRange[]): boolean {
  return ranges.length === 1 && ranges[0]?.[0] === 0 && ranges[0][1] === 255;
}

/** The first `level` octets, as one number, of the nth combination of them. */
function headAt(form: OctetForm, level: number, nth: number): number {
  let rest = nth;
  let value = 0;
  let unit = 1;
  for (let at = level - 1; at >= 0; at--) {
    const ranges = form[at] ?? ANY;
    const count = rangesCount(ranges);
    value += nthOf(ranges, rest % count) * unit;
    rest = Math.floor(rest / count);
    unit *= 256;
  }
  return value;
}
