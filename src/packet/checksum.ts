// The Internet checksum: RFC 1071 (sum, carry, odd ends), RFC 9293 §3.1 (pseudo header).

import { readUint8, readUint16 } from "./bytes.js";

/** Below 2^30, so that one more 16-bit word never leaves V8's small integers, whatever the length. */
const CARRY_AT = 0x3fff_0000;

function foldCarry(sum: number): number {
  return (sum & 0xffff) + (sum >>> 16);
}

/**
 * Adds `bytes[at..end)` to a partial sum and returns the new partial sum, below 2^31. An odd end is padded with a zero
 * byte, so only the last of several pieces may have an odd length. `sum` is 0 or what this function
 * returned, plus what a pseudo header adds.
 */
export function sumBytes(bytes: Uint8Array, at: number, end: number, sum = 0): number {
  let total = foldCarry(sum);
  let index = at;
  for (; index + 1 < end; index += 2) {
    total += readUint16(bytes, index);
    if (total >= CARRY_AT) {
      total = foldCarry(total);
    }
  }
  return index < end ? total + (readUint8(bytes, index) << 8) : total;
}

/** Turns a partial sum into the checksum, 0 to 65535; over bytes that contain their own good checksum it is 0. */
export function foldChecksum(sum: number): number {
  return ~foldCarry(foldCarry(sum)) & 0xffff;
}
