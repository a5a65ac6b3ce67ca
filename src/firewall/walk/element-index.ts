// Finds a key in a set, fast: sets may hold a hundred thousand elements, and a walk asks for many packets.
import type { ElementSet, KeyPart, SetElement } from "../element-set.js";
import { type Reading, UNKNOWN } from "./reading.js";

/** Finds the element that holds a key; undefined where there is none. */
export interface ElementIndex {
  find(key: readonly Reading[]): SetElement | undefined;
  /** False where no element can hold a key some parts of which are not known. */
  mayFind(key: readonly Reading[]): boolean;
}

type Finder = Pick<ElementIndex, "find">;

/** Makes the index of a set. */
export function elementIndex(set: ElementSet): ElementIndex {
  const fits = ({ key: parts }: SetElement, key: readonly Reading[]): boolean =>
    parts.every((part, at) => key[at] === UNKNOWN || holds(part, key[at] ?? ""));
  return {
    ...finderOf(set),
    // Rare, so that looking at all of them is good enough.
    mayFind: (key) => set.elements.some((element) => fits(element, key)),
  };
}

function finderOf(set: ElementSet): Finder {
  const included = set.elements.filter(({ isExcluded }) => isExcluded !== true);
  const index = set.types.length === 1 ? singleIndex(included) : concatIndex(included);
  const excluded = set.elements.filter(({ isExcluded }) => isExcluded === true);
  if (excluded.length === 0) return index;
  // ipset's nomatch takes out what a wider element has put in: the narrowest one decides.
  const all = [...set.elements].sort((a, b) => compareWidths(a, b));
  return {
    find(key) {
      const narrowest = all.find((element) => element.key.every((part, at) => holds(part, key[at] ?? "")));
      return narrowest?.isExcluded === true ? undefined : narrowest;
    },
  };
}

/** True when a part of a key holds a value. */
export function holds(part: KeyPart, value: Reading): boolean {
  if (part.kind === "text") {
    return typeof value === "string" && (part.isPrefix ? value.startsWith(part.text) : value === part.text);
  }
  return typeof value !== "string" && value >= part.low && value <= part.high;
}

function singleIndex(elements: readonly SetElement[]): Finder {
  const exact = new Map<Reading, SetElement>();
  const ranges: SetElement[] = [];
  const patterns: SetElement[] = [];
  for (const element of elements) {
    const [part] = element.key;
    if (part === undefined) continue;
    if (part.kind === "text") {
      if (part.isPrefix) patterns.push(element);
      else exact.set(part.text, element);
    } else if (part.low === part.high) exact.set(part.low, element);
    else ranges.push(element);
  }
  const sorted = new SortedRanges(ranges, 0);
  return {
    find([value]) {
      if (value === undefined) return undefined;
      const found = exact.get(value);
      if (found !== undefined) return found;
      if (typeof value !== "string") return sorted.find(value, always);
      return patterns.find(({ key: [part] }) => part !== undefined && holds(part, value));
    },
  };
}

const always = (): boolean => true;

/** Elements by the lower ends of one part of their keys; where they overlap, the one that begins last is looked at first. */
class SortedRanges {
  readonly #elements: readonly SetElement[];
  readonly #lows: readonly (number | bigint)[];
  readonly #highs: readonly (number | bigint)[];
  /** The highest end of all ranges up to this one: nothing before it reaches further. */
  readonly #reaches: readonly (number | bigint)[];

  constructor(elements: readonly SetElement[], partAt: number) {
    const rows = elements.flatMap((element) => {
      const part = element.key[partAt];
      return part?.kind === "range" ? [{ element, low: part.low, high: part.high }] : [];
    });
    rows.sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
    this.#elements = rows.map(({ element }) => element);
    this.#lows = rows.map(({ low }) => low);
    this.#highs = rows.map(({ high }) => high);
    let reach: number | bigint | undefined;
    this.#reaches = rows.map(({ high }) => {
      if (reach === undefined || high > reach) reach = high;
      return reach;
    });
  }

  /** The element whose part holds the value, and that is accepted. */
  find(value: number | bigint, accepts: (element: SetElement) => boolean): SetElement | undefined {
    for (let at = this.#lastFrom(value); at >= 0; at--) {
      const element = this.#elements[at];
      if (element !== undefined && (this.#highs[at] ?? -1) >= value && accepts(element)) return element;
      if ((this.#reaches[at] ?? -1) < value) return undefined;
    }
    return undefined;
  }

  /** The last range that begins at the value or before it. */
  #lastFrom(value: number | bigint): number {
    let low = 0;
    let high = this.#lows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lows[middle] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Keys of several parts: those of single values by one text, others by the part that tells most of them apart. */
function concatIndex(elements: readonly SetElement[]): Finder {
  const exact = new Map<string, SetElement>();
  const others: SetElement[] = [];
  for (const element of elements) {
    const key = exactKey(element.key);
    if (key === undefined) others.push(element);
    else exact.set(key, element);
  }
  const pivot = bestPivot(others);
  const isOrdered = (element: SetElement) => element.key[pivot]?.kind === "range";
  const sorted = new SortedRanges(others.filter(isOrdered), pivot);
  const rest = others.filter((element) => !isOrdered(element));
  return {
    find(key) {
      const found = exact.get(key.map(String).join("\0"));
      if (found !== undefined) return found;
      const fits = (element: SetElement): boolean => element.key.every((part, at) => holds(part, key[at] ?? ""));
      const value = key[pivot];
      const ordered = value === undefined || typeof value === "string" ? undefined : sorted.find(value, fits);
      return ordered ?? rest.find(fits);
    },
  };
}

/** The part that has the most different lower ends. */
function bestPivot(elements: readonly SetElement[]): number {
  const width = elements[0]?.key.length ?? 0;
  let best = 0;
  let most = -1;
  for (let at = 0; at < width; at++) {
    const ends = new Set(
      elements.map(({ key }) => {
        const part = key[at];
        return part?.kind === "range" ? part.low : undefined;
      }),
    );
    if (ends.size > most) {
      best = at;
      most = ends.size;
    }
  }
  return best;
}

function exactKey(parts: readonly KeyPart[]): string | undefined {
  const values = parts.map(singleValue);
  return values.includes(undefined) ? undefined : values.map(String).join("\0");
}

function singleValue(part: KeyPart): Reading | undefined {
  if (part.kind === "text") return part.isPrefix ? undefined : part.text;
  return part.low === part.high ? part.low : undefined;
}

/** Narrow elements before wide ones. */
function compareWidths(a: SetElement, b: SetElement): number {
  for (const [at, part] of a.key.entries()) {
    const other = b.key[at];
    if (part.kind !== "range" || other?.kind !== "range") continue;
    const difference = BigInt(part.high) - BigInt(part.low) - (BigInt(other.high) - BigInt(other.low));
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}
