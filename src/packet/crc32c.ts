// CRC32c (Castagnoli), bit-reflected, by a table of 256: RFC 9260 appendix A. What SCTP has for a checksum.

import { readUint8 } from "./bytes.js";

/** The polynomial 0x1edc6f41, its bits in reverse order. */
const REFLECTED_POLYNOMIAL = 0x82f63b78;

const TABLE: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => crcOfByte(byte));

function crcOfByte(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc >>> 1) ^ (crc & 1 ? REFLECTED_POLYNOMIAL : 0);
  }
  return crc;
}

/**
 * The CRC32c of `bytes[at..end)` as a signed 32-bit number; `before` is that of the bytes that come before these. Over
 * "123456789" it is 0xe3069283. SCTP sends its lowest byte first.
 */
export function crc32c(bytes: Uint8Array, at: number, end: number, before = 0): number {
  let crc = ~before;
  for (let index = at; index < end; index += 1) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ readUint8(bytes, index)) & 0xff] ?? 0);
  }
  return ~crc;
}
