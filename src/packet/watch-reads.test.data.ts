// What the tests of all readers share: bytes that say how far they were read, and cuts at every length.
import { expect } from "vitest";
import { READ_OK } from "./read-fault.js";

/** Bytes that remember the highest index that anyone has read. */
export interface WatchedBytes {
  readonly bytes: Uint8Array;
  highestRead(): number;
}

/** Wraps bytes so that reading them is noticed, past their end too. */
export function watchReads(bytes: Uint8Array): WatchedBytes {
  let highest = -1;
  const watched = new Proxy(bytes, {
    get(target, key): unknown {
      if (typeof key === "string" && /^\d+$/.test(key)) highest = Math.max(highest, Number(key));
      return Reflect.get(target, key);
    },
  });
  return { bytes: watched, highestRead: () => highest };
}

/** Fills a buffer such that a field that a writer forgets shows. */
export function unwritten(length: number): Uint8Array {
  return new Uint8Array(length).fill(0xa5);
}

/**
 * Gives a reader `whole` with `end` at every length, the bytes behind `end` still there: below `neededBytes` it must
 * return a fault, never throw, and never look at them.
 */
export function expectFaultAtEveryCut(
  whole: Uint8Array,
  neededBytes: number,
  read: (bytes: Uint8Array, at: number, end: number) => number,
): void {
  for (const at of [0, 3]) {
    const shifted = new Uint8Array(at + whole.length);
    shifted.set(whole, at);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const watched = watchReads(shifted);
      const result = read(watched.bytes, at, at + cut);
      expect(result !== READ_OK, `cut at ${cut} of ${whole.length}: ${result}`).toBe(cut < neededBytes);
      expect(watched.highestRead()).toBeLessThan(at + cut);
    }
  }
}

/** The same, for bytes that nobody chose: returns what the reader said. */
export function expectBounded(
  bytes: Uint8Array,
  at: number,
  end: number,
  read: (bytes: Uint8Array, at: number, end: number) => number,
): number {
  const watched = watchReads(bytes);
  const result = read(watched.bytes, at, end);
  expect([0, 1, 2, 3, 4]).toContain(result);
  expect(watched.highestRead()).toBeLessThan(Math.max(end, 0));
  return result;
}
