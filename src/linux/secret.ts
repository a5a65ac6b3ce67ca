// Chance that nobody can guess, for the cookies of a run. Read from the device itself: loading node:crypto takes longer
// than a scan of one port.
import { closeSync, openSync, readSync } from "node:fs";

/** So many random words of 32 bits (random(4)). */
export function randomWords(count: number): Uint32Array {
  const words = new Uint32Array(count);
  const device = openSync("/dev/urandom", "r");
  try {
    readSync(device, new Uint8Array(words.buffer));
  } finally {
    closeSync(device);
  }
  return words;
}
