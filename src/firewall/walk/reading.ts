// What reading a field of a packet on its way gives.
import type { WalkState } from "./walk-state.js";

/** The packet has no such header, or the kernel no such fact: the rule ends without effect (NFT_BREAK). */
export const BREAK = -1;
/** The question does not tell it. */
export const UNKNOWN = -2;

/** What reading a field gives: a value, or one of the two above; no value is negative. */
export type Reading = number | bigint | string;

/** Reads one field. */
export type FieldReader = (state: WalkState) => Reading;

/** True for a reading that is a value. */
export function isValue(reading: Reading): boolean {
  return typeof reading !== "number" || reading >= 0;
}
