// Destination options of IPv6: RFC 8200 §4.2 (what a host does with options that it does not know) and §4.6 (format).

import { writeUint8, writeUint32 } from "./bytes.js";

const NEXT_HEADER_AT = 0;
const LENGTH_AT = 1;
const OPTION_TYPE_AT = 2;
const OPTION_LENGTH_AT = 3;
const OPTION_DATA_AT = 4;
/** Its two highest bits say: discard the packet and report it, even if it was sent to a group. IANA has not given it out. */
const OPTION_TO_REPORT = 0x80;
const OPTION_DATA_BYTES = 4;

/** Length of destination options with one option of 4 bytes, in bytes. */
export const UNKNOWN_OPTION_BYTES = 8;

/**
 * Writes destination options with one that nobody knows, which every host has to report as a parameter problem with
 * code 2, and returns their 8 bytes. `nextHeader` is the protocol of what follows.
 */
export function writeUnknownOption(out: Uint8Array, at: number, nextHeader: number): number {
  writeUint8(out, at + NEXT_HEADER_AT, nextHeader);
  writeUint8(out, at + LENGTH_AT, 0);
  writeUint8(out, at + OPTION_TYPE_AT, OPTION_TO_REPORT);
  writeUint8(out, at + OPTION_LENGTH_AT, OPTION_DATA_BYTES);
  writeUint32(out, at + OPTION_DATA_AT, 0);
  return UNKNOWN_OPTION_BYTES;
}
