// Which host comes next: all targets in an order that the seed decides, so that no network is hit in a burst.
import { Permutation } from "../target/permutation.js";
import type { Target, TargetSet } from "../target/target-set.js";

/** Looks at this many indexes in a row at most, so that a large exclusion does not hold up the engine. */
const LOOKS_AT_ONCE = 1024;

/** Walks the targets once. */
export class Admission {
  readonly #targets: TargetSet;
  readonly #permutation: Permutation;
  #cursor = 0;

  constructor(targets: TargetSet, seed: number) {
    this.#targets = targets;
    this.#permutation = new Permutation(targets.count, seed);
  }

  /** True when all targets have been given out. */
  get isExhausted(): boolean {
    return this.#cursor >= this.#targets.count;
  }

  /** Share of the targets that have been given out, 0 to 1. */
  get share(): number {
    return this.#targets.count === 0 ? 1 : this.#cursor / this.#targets.count;
  }

  /** The next target; undefined when there is none, or when a long run of excluded ones has to be passed first. */
  next(): Target | undefined {
    for (let looks = 0; looks < LOOKS_AT_ONCE && !this.isExhausted; looks++) {
      const target = this.#targets.at(this.#permutation.at(this.#cursor));
      this.#cursor++;
      if (target !== undefined) return target;
    }
    return undefined;
  }
}
