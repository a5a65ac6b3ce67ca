// IGMP version 2, a general query, 8 bytes: RFC 2236 §2 (format), §8.3 (default of the response time).

import { writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { foldChecksum, sumBytes } from "./checksum.js";

const TYPE_AT = 0;
const MAX_RESPONSE_AT = 1;
const CHECKSUM_AT = 2;
const GROUP_AT = 4;
const MEMBERSHIP_QUERY = 0x11;
/** In tenths of a second; 0 would be a query of version 1. */
const MAX_RESPONSE_DS = 100;

/** Protocol number of IGMP. */
export const PROTOCOL_IGMP = 2;
/** Length of a message, in bytes. */
export const IGMP_BYTES = 8;

/** Writes a query for all groups, its checksum included, and returns its 8 bytes. */
export function writeIgmpQuery(out: Uint8Array, at: number): number {
  writeUint8(out, at + TYPE_AT, MEMBERSHIP_QUERY);
  writeUint8(out, at + MAX_RESPONSE_AT, MAX_RESPONSE_DS);
  writeUint16(out, at + CHECKSUM_AT, 0);
  writeUint32(out, at + GROUP_AT, 0);
  writeUint16(out, at + CHECKSUM_AT, foldChecksum(sumBytes(out, at, at + IGMP_BYTES)));
  return IGMP_BYTES;
}
