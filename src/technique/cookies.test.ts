import fc from "fast-check";
import { expect, test } from "vitest";
import { Cookies, LANE_COUNT, TRIES_MAX } from "./cookies.js";

/** HalfSipHash-c-d over any bytes, 32 bits out, word by word from the reference code of Aumasson and Bernstein. */
function halfSipHash(
  rounds: readonly [c: number, d: number],
  key: readonly [number, number],
  bytes: Uint8Array,
): number {
  const MASK = 0xffff_ffffn;
  const rotate = (word: bigint, bits: bigint): bigint => ((word << bits) | (word >> (32n - bits))) & MASK;
  const k0 = BigInt(key[0] >>> 0);
  const k1 = BigInt(key[1] >>> 0);
  let [v0, v1, v2, v3] = [k0, k1, 0x6c796765n ^ k0, 0x74656462n ^ k1];
  const sipRound = (): void => {
    v0 = (v0 + v1) & MASK;
    v1 = rotate(v1, 5n) ^ v0;
    v0 = rotate(v0, 16n);
    v2 = (v2 + v3) & MASK;
    v3 = rotate(v3, 8n) ^ v2;
    v0 = (v0 + v3) & MASK;
    v3 = rotate(v3, 7n) ^ v0;
    v2 = (v2 + v1) & MASK;
    v1 = rotate(v1, 13n) ^ v2;
    v2 = rotate(v2, 16n);
  };
  const words: bigint[] = [];
  const padded = new Uint8Array(Math.floor(bytes.length / 4) * 4 + 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 4) words.push(BigInt(view.getUint32(at, true)));
  for (const word of words) {
    v3 ^= word;
    for (let round = 0; round < rounds[0]; round++) sipRound();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let round = 0; round < rounds[1]; round++) sipRound();
  return Number(v1 ^ v3);
}

/** The message that a cookie is the hash of: the address, then salt and port, little-endian as the words are read. */
function messageOf(address: number, port: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, address, true);
  view.setUint16(4, salt, true);
  view.setUint16(6, port, true);
  return bytes;
}

test("the reference gives the kernel's test vectors (lib/tests/siphash_kunit.c, hsiphash on 32 bits)", () => {
  const key = [0x0302_0100, 0x0706_0504] as const;
  const vectors = [0x5814_c896, 0xe7e8_64ca, 0xbc4b_0e30, 0x0153_9939, 0x7e05_9ea6, 0x88e3_d89b, 0xa008_0b65];
  const hashes = vectors.map((_, length) =>
    halfSipHash(
      [1, 3],
      key,
      Uint8Array.from({ length }, (_byte, at) => at),
    ),
  );
  expect(hashes).toEqual(vectors);
});

test("a cookie is HalfSipHash-1-3 of address, port and salt", () => {
  const word = fc.nat(0xffff_ffff);
  fc.assert(
    fc.property(word, word, word, fc.nat(65_535), fc.nat(65_535), (key0, key1, address, port, salt) => {
      const cookie = new Cookies(key0, key1, 0).of(address, port, salt) >>> 0;
      expect(cookie).toBe(halfSipHash([1, 3], [key0, key1], messageOf(address, port, salt)));
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test("cookies of a network's addresses and ports do not repeat beyond chance, and use all bits evenly", () => {
  const cookies = new Cookies(1, 2, 0);
  const seen = new Set<number>();
  const ones = new Array<number>(32).fill(0);
  const count = 40_000;
  for (let index = 0; index < count; index++) {
    const cookie = cookies.of(0x0a00_0000 + (index >> 6), index & 63, 0) >>> 0;
    seen.add(cookie);
    for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] ?? 0) + ((cookie >>> bit) & 1);
  }
  // Among 40,000 of 2^32 about 0.2 pairs are expected to be alike (the birthday problem).
  expect(count - seen.size).toBeLessThanOrEqual(3);
  // Each bit is a coin: five standard deviations of 40,000 throws are 500.
  for (const sum of ones) expect(Math.abs(sum - count / 2)).toBeLessThan(500);
});

test("one bit changed in address, port, salt or key changes half of the bits, on average", () => {
  const change = (first: number, second: number): number => {
    let bits = 0;
    for (let rest = (first ^ second) >>> 0; rest !== 0; rest >>>= 1) bits += rest & 1;
    return bits;
  };
  let sum = 0;
  let pairs = 0;
  for (let index = 0; index < 500; index++) {
    const address = Math.imul(index, 0x9e37_79b1) >>> 0;
    const plain = new Cookies(7, 9, 0).of(address, index, 3);
    for (const other of [
      new Cookies(7, 9, 0).of((address ^ (1 << (index & 31))) >>> 0, index, 3),
      new Cookies(7, 9, 0).of(address, index ^ (1 << (index & 15)), 3),
      new Cookies(7, 9, 0).of(address, index, 3 ^ (1 << (index & 7))),
      new Cookies(7 ^ (1 << (index & 31)), 9, 0).of(address, index, 3),
    ]) {
      sum += change(plain, other);
      pairs++;
    }
  }
  expect(sum / pairs).toBeGreaterThan(15.5);
  expect(sum / pairs).toBeLessThan(16.5);
});

test("source ports and tries go both ways, lane by lane, and no two share a port", () => {
  const cookies = new Cookies(1, 2, 31_000);
  const ports = new Set<number>();
  for (let lane = 0; lane < LANE_COUNT; lane++) {
    for (let tryIndex = 0; tryIndex < TRIES_MAX; tryIndex++) {
      const port = cookies.sourcePort(lane, tryIndex);
      ports.add(port);
      for (let other = 0; other < LANE_COUNT; other++) {
        expect(cookies.tryOf(other, port)).toBe(other === lane ? tryIndex : -1);
      }
    }
  }
  expect([Math.min(...ports), Math.max(...ports)]).toEqual([31_000, 31_000 + LANE_COUNT * TRIES_MAX - 1]);
  expect([cookies.tryOf(0, 30_999), cookies.tryOf(1, 31_032), cookies.tryOf(0, 0)]).toEqual([-1, -1, -1]);
});

test("an IPv6 address has a key of 32 bits that depends on all of its bytes, wherever they stand, and on the secret", () => {
  const cookies = new Cookies(1, 2, 0);
  const address = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
  const key = cookies.keyOf(address, 0);
  expect(key).toBe(cookies.keyOf(Uint8Array.of(1, 2, 3, ...address, 4), 3));
  expect(Number.isInteger(key) && key >= 0 && key <= 0xffff_ffff).toBe(true);
  const keys = new Set([key, new Cookies(1, 3, 0).keyOf(address, 0)]);
  for (let bit = 0; bit < 128; bit++) {
    const other = address.slice();
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    keys.add(cookies.keyOf(other, 0));
  }
  expect(keys.size).toBe(130);
});

test("what stands in the same place of two addresses does not cancel out", () => {
  const cookies = new Cookies(1, 2, 0);
  const keys = new Set<number>();
  for (let index = 0; index < 4096; index++) {
    const address = new Uint8Array(16);
    address.set([index >> 8, index, index >> 8, index], (index & 3) * 4);
    keys.add(cookies.keyOf(address, 0));
  }
  // Among 4,096 of 2^32 two that are alike are not to be expected.
  expect(keys.size).toBe(4096);
});
