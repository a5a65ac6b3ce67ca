// Chance that nobody can guess, for the cookies of a run.
import { randomBytes } from "node:crypto";

/** Four random words of 32 bits. */
export function randomSecret(): Uint32Array {
  return new Uint32Array(new Uint8Array(randomBytes(16)).buffer);
}
