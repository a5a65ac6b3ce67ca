// Which host comes next: all targets in an order that the seed decides, so that no network is hit in a burst. A shard has
// the hosts at every so manyth place of that order.
import { Permutation } from "../target/permutation.js";
import { hasPlace, type Shard } from "../target/shard.js";
import type { Target, TargetSet } from "../target/target-set.js";

/** Looks at this many indexes in a row at most, so that a large exclusion does not hold up the engine. */
const LOOKS_AT_ONCE = 1024;

/** Walks the targets once. */
export class Admission {
  readonly #targets: TargetSet;
  readonly #permutation: Permutation;
  readonly #shard: Shard | undefined;
  #cursor = 0;

  /** `shard` undefined: all hosts. */
  constructor(targets: TargetSet, seed: number, shard?: Shard) {
    this.#targets = targets;
    this.#shard = shard;
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
      const place = this.#cursor++;
      if (this.#shard !== undefined && !hasPlace(this.#shard, place)) continue;
      const target = this.#targets.at(this.#permutation.at(place));
      if (target !== undefined) return target;
    }
    return undefined;
  }
}
