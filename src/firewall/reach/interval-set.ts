// Sets of numbers as sorted, disjoint intervals that do not touch: ports and IPv4 addresses as numbers, IPv6 addresses as
// bigints. Exact, and never changed.

/** What intervals are of; all values of one set are of one kind. */
export type Value = number | bigint;

/** An interval; both ends belong to it. */
export type Interval = readonly [low: Value, high: Value];

/** A set of values. */
export class IntervalSet {
  /** Ends in ascending order: low, high, low, high … */
  readonly #ends: readonly Value[];

  private constructor(ends: readonly Value[]) {
    this.#ends = ends;
  }

  static readonly empty: IntervalSet = new IntervalSet([]);

  /** The values of all intervals, which may overlap and come in any order. */
  static of(intervals: readonly Interval[]): IntervalSet {
    if (intervals.length === 0) return IntervalSet.empty;
    const sorted = [...intervals].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    const ends: Value[] = [];
    for (const [low, high] of sorted) {
      const last = ends.at(-1);
      if (last !== undefined && low <= after(last)) {
        if (high > last) ends[ends.length - 1] = high;
      } else ends.push(low, high);
    }
    return new IntervalSet(ends);
  }

  get isEmpty(): boolean {
    return this.#ends.length === 0;
  }

  get count(): number {
    return this.#ends.length / 2;
  }

  /** The lowest value; undefined when it is empty. */
  get lowest(): Value | undefined {
    return this.#ends[0];
  }

  /** The highest value; undefined when it is empty. */
  get highest(): Value | undefined {
    return this.#ends.at(-1);
  }

  intervals(): readonly Interval[] {
    const list: Interval[] = [];
    for (let at = 0; at + 1 < this.#ends.length; at += 2) list.push([this.#end(at), this.#end(at + 1)]);
    return list;
  }

  equals(other: IntervalSet): boolean {
    if (this === other) return true;
    const [a, b] = [this.#ends, other.#ends];
    return a.length === b.length && a.every((end, at) => end === b[at]);
  }

  has(value: Value): boolean {
    const at = this.#firstEndFrom(value);
    if (at >= this.#ends.length) return false;
    return at % 2 === 1 || this.#ends[at] === value;
  }

  intersect(other: IntervalSet): IntervalSet {
    if (this === other) return this;
    if (this.#isApart(other)) return IntervalSet.empty;
    const [a, b] = [this.#ends, other.#ends];
    const ends: Value[] = [];
    // The shorter one leads: the other may hold a hundred thousand intervals that are passed over by halving.
    let i = Math.max(0, evenBelow(this.#firstEndFrom(other.#end(0))));
    let j = Math.max(0, evenBelow(other.#firstEndFrom(this.#end(0))));
    while (i < a.length && j < b.length) {
      const low = larger(this.#end(i), other.#end(j));
      const high = smaller(this.#end(i + 1), other.#end(j + 1));
      if (low <= high) ends.push(low, high);
      if (this.#end(i + 1) < other.#end(j + 1)) i += 2;
      else j += 2;
    }
    return ends.length === 0 ? IntervalSet.empty : new IntervalSet(ends);
  }

  subtract(other: IntervalSet): IntervalSet {
    if (this === other) return IntervalSet.empty;
    if (this.#isApart(other)) return this;
    const ends: Value[] = [];
    let from = Math.max(0, evenBelow(other.#firstEndFrom(this.#end(0))));
    for (let at = 0; at < this.#ends.length; at += 2) {
      const low = this.#end(at);
      while (from < other.#ends.length && other.#end(from + 1) < low) from += 2;
      other.#cutOut(low, this.#end(at + 1), from, ends);
    }
    return ends.length === 0 ? IntervalSet.empty : new IntervalSet(ends);
  }

  /** Adds what is left of an interval without this set's own ones, from that place on. */
  #cutOut(low: Value, high: Value, from: number, ends: Value[]): void {
    let rest = low;
    for (let at = from; at < this.#ends.length && this.#end(at) <= high; at += 2) {
      if (this.#end(at) > rest) ends.push(rest, before(this.#end(at)));
      if (this.#end(at + 1) >= high) return;
      rest = after(this.#end(at + 1));
    }
    ends.push(rest, high);
  }

  unite(other: IntervalSet): IntervalSet {
    if (this.isEmpty || this === other) return other;
    if (other.isEmpty) return this;
    return IntervalSet.of([...this.intervals(), ...other.intervals()]);
  }

  #end(at: number): Value {
    return this.#ends[at] ?? 0;
  }

  #isApart(other: IntervalSet): boolean {
    const [a, b] = [this.#ends, other.#ends];
    if (a.length === 0 || b.length === 0) return true;
    return this.#end(a.length - 1) < other.#end(0) || other.#end(b.length - 1) < this.#end(0);
  }

  /** The place of the first end that is the value or above it. */
  #firstEndFrom(value: Value): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#end(middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function evenBelow(at: number): number {
  return at - (at % 2);
}

function after(value: Value): Value {
  return typeof value === "bigint" ? value + 1n : value + 1;
}

function before(value: Value): Value {
  return typeof value === "bigint" ? value - 1n : value - 1;
}

function larger(a: Value, b: Value): Value {
  return a > b ? a : b;
}

function smaller(a: Value, b: Value): Value {
  return a < b ? a : b;
}
