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

/** Ten thousand rules may ask for one set. */
const indexes: WeakMap<ElementSet, ElementIndex> = new WeakMap();

/** The index of a set. */
export function elementIndex(set: ElementSet): ElementIndex {
  let index = indexes.get(set);
  if (index === undefined) {
    index = indexOf(set);
    indexes.set(set, index);
  }
  return index;
}

function indexOf(set: ElementSet): ElementIndex {
  const fits = ({ key: parts }: SetElement, key: readonly Reading[]): boolean =>
    parts.every((part, at) => key[at] === UNKNOWN || holds(part, key[at] ?? ""));
  return {
    ...finderOf(set),
    // Rare, so that looking at all of them is good enough.
    mayFind: (key) => set.elements.some((element) => fits(element, key)),
  };
}

function finderOf({ elements, types }: ElementSet): Finder {
  const isSingle = types.length === 1;
  const hasExcluded = elements.some(({ isExcluded }) => isExcluded === true);
  if (!hasExcluded) return isSingle ? singleIndex(elements) : concatIndex(elements);
  // ipset's nomatch takes out what a wider element has put in: the narrowest one decides.
  const narrowest = isSingle ? singleIndex(elements) : narrowestIndex(elements);
  return {
    find(key) {
      const found = narrowest.find(key);
      return found?.isExcluded === true ? undefined : found;
    },
  };
}

/** Networks of several parts with exceptions among them, which are few. */
function narrowestIndex(elements: readonly SetElement[]): Finder {
  const all = [...elements].sort(compareWidths);
  return { find: (key) => all.find((element) => element.key.every((part, at) => holds(part, key[at] ?? ""))) };
}

/** True when a part of a key holds a value. */
export function holds(part: KeyPart, value: Reading): boolean {
  if (part.kind === "text") {
    return typeof value === "string" && (part.isPrefix ? value.startsWith(part.text) : value === part.text);
  }
  return typeof value !== "string" && value >= part.low && value <= part.high;
}

/** Of networks within networks it finds the narrowest. */
function singleIndex(elements: readonly SetElement[]): Finder {
  const texts = new Map<string, SetElement>();
  const patterns: SetElement[] = [];
  for (const element of elements) {
    const [part] = element.key;
    if (part?.kind !== "text") continue;
    if (part.isPrefix) patterns.push(element);
    else texts.set(part.text, element);
  }
  const sorted = new SortedRanges(elements, 0);
  return {
    find([value]) {
      if (value === undefined) return undefined;
      if (typeof value !== "string") return sorted.find(value, always);
      return texts.get(value) ?? patterns.find(({ key: [part] }) => part !== undefined && holds(part, value));
    },
  };
}

const always = (): boolean => true;

/** Elements by the lower ends of one part of their keys; where they overlap, the one that begins last is looked at first. */
class SortedRanges {
  readonly #partAt: number;
  readonly #elements: readonly SetElement[];
  /** The highest end of all ranges up to each one: nothing before it reaches further. Undefined where none overlap. */
  readonly #reaches: readonly (number | bigint)[] | undefined;

  /** Elements whose part is no range are passed over. */
  constructor(elements: readonly SetElement[], partAt: number) {
    this.#partAt = partAt;
    const ranges = elements.every(({ key }) => key[partAt]?.kind === "range")
      ? elements
      : elements.filter(({ key }) => key[partAt]?.kind === "range");
    // The kernel lists intervals in their order.
    const isOrdered = ranges.every((element, at) => at === 0 || this.#compare(ranges[at - 1], element) <= 0);
    this.#elements = isOrdered ? ranges : [...ranges].sort((a, b) => this.#compare(a, b));
    this.#reaches = this.#findReaches();
  }

  /** By lower ends; of ranges that begin together the narrower one comes later. */
  #compare(a: SetElement | undefined, b: SetElement | undefined): number {
    const [first, second] = [this.#low(a), this.#low(b)];
    if (first !== second) return first < second ? -1 : 1;
    const [one, other] = [this.#high(a), this.#high(b)];
    return one > other ? -1 : one < other ? 1 : 0;
  }

  #low(element: SetElement | undefined): number | bigint {
    const part = element?.key[this.#partAt];
    return part?.kind === "range" ? part.low : 0;
  }

  #high(element: SetElement | undefined): number | bigint {
    const part = element?.key[this.#partAt];
    return part?.kind === "range" ? part.high : -1;
  }

  #findReaches(): readonly (number | bigint)[] | undefined {
    const elements = this.#elements;
    if (elements.every((element, at) => at === 0 || this.#high(elements[at - 1]) < this.#low(element)))
      return undefined;
    let reach: number | bigint = -1;
    return elements.map((element) => {
      const high = this.#high(element);
      if (high > reach) reach = high;
      return reach;
    });
  }

  /** The element whose part holds the value, and that is accepted. */
  find(value: number | bigint, accepts: (element: SetElement) => boolean): SetElement | undefined {
    for (let at = this.#lastFrom(value); at >= 0; at--) {
      const element = this.#elements[at];
      if (element !== undefined && this.#high(element) >= value && accepts(element)) return element;
      if (this.#reaches === undefined || (this.#reaches[at] ?? -1) < value) return undefined;
    }
    return undefined;
  }

  /** The last range that begins at the value or before it. */
  #lastFrom(value: number | bigint): number {
    let low = 0;
    let high = this.#elements.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#low(this.#elements[middle]) <= value) low = middle + 1;
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
  const sorted = new SortedRanges(others, pivot);
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
