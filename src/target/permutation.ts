// A keyed order of 0 to count - 1 in constant memory: the generalised Feistel network over a × b with cycle walking of
// Black and Rogaway, "Ciphers with Arbitrary Finite Domains" (CT-RSA 2002). It spreads load; it keeps no secrets.
import { mix32 } from "./random.js";

/** Four rounds are what makes a Feistel network look random (Luby and Rackoff 1988). */
const ROUNDS = 4;

/** A keyed bijection on 0 to `count - 1`, for any count up to 2^53 - 1. */
export class Permutation {
  readonly count: number;
  /** The index is `right * width + left`: `width` columns, `height` rows, the last of them `lastRow` wide. */
  readonly #width: number;
  readonly #height: number;
  readonly #lastRow: number;
  readonly #keys: Uint32Array;

  /** The key's 53 bits choose the order; the same count and key give the same order in every version of postern. */
  constructor(count: number, key: number) {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`no permutation of ${count} indexes`);
    this.count = count;
    // Both quotients below are exact: width stays below 2^27, so 1 / width is more than the rounding of a quotient.
    this.#width = Math.max(1, Math.ceil(Math.sqrt(count)));
    this.#height = Math.max(1, Math.ceil(count / this.#width));
    this.#lastRow = count - (this.#height - 1) * this.#width;
    this.#keys = roundKeys(key);
  }

  /** The index at this place of the order. */
  at(index: number): number {
    if (!(index >= 0 && index < this.count)) throw new RangeError(`index ${index} of ${this.count}`);
    const width = this.#width;
    const height = this.#height;
    const lastRow = this.#lastRow;
    const keys = this.#keys;
    let right = Math.floor(index / width);
    let left = index - right * width;
    // Less than one row is outside of the domain, so nearly always one walk is enough.
    do {
      for (let round = 0; round < ROUNDS; round += 2) {
        left += mix32(right ^ (keys[round] ?? 0)) % width;
        if (left >= width) left -= width;
        right += mix32(left ^ (keys[round + 1] ?? 0)) % height;
        if (right >= height) right -= height;
      }
    } while (right === height - 1 && left >= lastRow);
    return right * width + left;
  }
}

function roundKeys(key: number): Uint32Array {
  const low = mix32(key >>> 0);
  const high = mix32(Math.floor(Math.abs(key) / 2 ** 32) ^ 0x9e3779b9);
  return Uint32Array.from({ length: ROUNDS }, (_, round) => mix32(low ^ mix32(high + Math.imul(round, 0x9e3779b9))));
}
