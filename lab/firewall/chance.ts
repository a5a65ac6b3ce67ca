// Chance with a seed: the same seed gives the same rulesets and packets everywhere.

/** A source of numbers (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below `count`. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in so many of a hundred cases. */
  isIn(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  }

  /** Up to `most` different ones, in their order; at least one. */
  some<Value>(values: readonly Value[], most: number): readonly Value[] {
    const count = this.between(1, Math.min(most, values.length));
    const left = values.map((value, at) => ({ value, at }));
    while (left.length > count) left.splice(this.below(left.length), 1);
    return left.map(({ value }) => value);
  }
}
