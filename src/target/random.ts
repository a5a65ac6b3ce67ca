// Chance as an argument: what needs it takes a Random, and whoever holds the seed can repeat the run.

/** A source of chance; not fit for secrets. */
export interface Random {
  /** The next number, evenly among 0 to 2^32 - 1. */
  next32(): number;
}

/**
 * A generator that gives the same numbers for the same seed: xoshiro128** 1.1 of Blackman and Vigna
 * (prng.di.unimi.it, public domain), its state filled by `mix32` as they advise.
 */
export function seededRandom(seed: number): Random {
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  const state = new Uint32Array(4);
  for (let at = 0; at < 4; at++) state[at] = mix32((low + Math.imul(at + 1, 0x9e3779b9)) ^ mix32(high + at));
  if (state.every((word) => word === 0)) state[0] = 1;
  return { next32: () => step(state) };
}

function step(state: Uint32Array): number {
  const one = state[1] ?? 0;
  const result = Math.imul(rotateLeft(Math.imul(one, 5), 7), 9) >>> 0;
  const shifted = one << 9;
  state[2] = (state[2] ?? 0) ^ (state[0] ?? 0);
  state[3] = (state[3] ?? 0) ^ one;
  state[1] = one ^ (state[2] ?? 0);
  state[0] = (state[0] ?? 0) ^ (state[3] ?? 0);
  state[2] = (state[2] ?? 0) ^ shifted;
  state[3] = rotateLeft(state[3] ?? 0, 11);
  return result;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Mixes 32 bits so that each of them depends on all: the finaliser of MurmurHash3 (Appleby, public domain). */
export function mix32(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
