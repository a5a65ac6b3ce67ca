// Addresses, ports and other numbers for rules, each with the values around its borders.
import type { Chance } from "./chance.js";
import { OTHERS, OWN } from "./packet-draft.js";

/** Something that a rule compares with, as it is written, and values inside and just outside of it. */
export interface Span<Value> {
  readonly text: string;
  readonly around: readonly Value[];
}

const TOP4 = 0xffff_ffff;

function text4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join(".");
}

function value4(text: string): number {
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The 16 groups of bits below the last colon are enough to be around a border. */
function withLast6(text: string, change: (last: number) => number): string {
  const at = text.lastIndexOf(":") + 1;
  const last = Number.parseInt(text.slice(at) || "0", 16);
  return text.slice(0, at) + (Math.max(0, change(last)) & 0xffff).toString(16);
}

function range4(low: number, high: number): readonly string[] {
  return [low, high, low - 1, high + 1].filter((value) => value > 0 && value < TOP4).map(text4);
}

/** One address, a prefix or a range. */
export function addressSpan(family: 4 | 6, chance: Chance): Span<string> {
  const base = chance.pick(chance.isIn(50) ? OWN[family] : OTHERS[family]);
  return family === 4 ? span4(base, chance) : span6(base, chance);
}

function span4(base: string, chance: Chance): Span<string> {
  const value = value4(base);
  const kind = chance.below(3);
  if (kind === 0) return { text: base, around: [base, base, ...range4(value, value)] };
  if (kind === 1) {
    const prefix = chance.pick([8, 12, 16, 23, 24, 29, 30, 31, 32]);
    const size = 2 ** (32 - prefix);
    const low = value - (value % size);
    return { text: `${text4(low)}/${prefix}`, around: [base, ...range4(low, low + size - 1)] };
  }
  const high = value + chance.between(1, 9);
  return { text: `${base}-${text4(high)}`, around: range4(value, high) };
}

function span6(base: string, chance: Chance): Span<string> {
  const near = [base, withLast6(base, (last) => last - 1), withLast6(base, (last) => last + 1)];
  const kind = chance.below(3);
  if (kind === 0) return { text: base, around: [base, ...near] };
  if (kind === 1) {
    const prefix = chance.pick([112, 124, 126, 127]);
    const mask = 2 ** (128 - prefix) - 1;
    const low = withLast6(base, (last) => last & ~mask);
    const high = withLast6(base, (last) => last | mask);
    const beyond = [withLast6(low, (last) => last - 1), withLast6(high, (last) => last + 1)];
    return { text: `${low}/${prefix}`, around: [base, low, high, ...beyond] };
  }
  const high = withLast6(base, (last) => last + 9);
  return { text: `${base}-${high}`, around: [...near, high, withLast6(high, (last) => last + 1)] };
}

/** One number or a range of them, within 0 and `top`. */
export function numberSpan(interesting: readonly number[], top: number, chance: Chance): Span<number> {
  const low = chance.pick(interesting);
  const high = chance.isIn(50) ? low : Math.min(top, low + chance.between(1, 20));
  const around = [low, low, high, low - 1, high + 1].filter((value) => value >= 0 && value <= top);
  return { text: low === high ? String(low) : `${low}-${high}`, around };
}

const PORTS = [22, 25, 53, 80, 443, 1024, 5432, 8080, 30_000, 30_050, 65_535, 0] as const;

/** A port or a range of ports. */
export function portSpan(chance: Chance): Span<number> {
  return numberSpan(PORTS, 65_535, chance);
}

/** Several that do not overlap, by their texts' own order. */
export function apart<Value>(
  make: () => Span<Value>,
  count: number,
  overlaps: (a: Span<Value>, b: Span<Value>) => boolean,
): readonly Span<Value>[] {
  const found: Span<Value>[] = [];
  for (let tries = 0; tries < count * 3 && found.length < count; tries++) {
    const span = make();
    if (!found.some((one) => overlaps(one, span))) found.push(span);
  }
  return found;
}

/** True when both might hold one address: told by the text that their addresses begin with. */
export function mayOverlap(a: Span<string>, b: Span<string>): boolean {
  const head = (span: Span<string>) => span.around[0]?.split(/[.:]/)[0];
  return head(a) === head(b);
}

/** True when two spans of numbers have one in common. */
export function overlap(a: Span<number>, b: Span<number>): boolean {
  const [aLow = 0, aHigh = aLow] = a.text.split("-").map(Number);
  const [bLow = 0, bHigh = bLow] = b.text.split("-").map(Number);
  return aLow <= bHigh && bLow <= aHigh;
}
