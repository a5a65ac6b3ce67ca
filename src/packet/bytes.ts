// Big-endian (network order) numbers in a Uint8Array. The only place in packet/ that indexes bytes, and so the only one
// that answers for a missing index: readers check lengths first, and a byte past the end reads as 0.

/** Reads one byte, 0 to 255. */
export function readUint8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** Reads two bytes, 0 to 65535. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Reads four bytes as an unsigned number, 0 to 2^32 - 1. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((readUint16(bytes, at) << 16) | readUint16(bytes, at + 2)) >>> 0;
}

/** Writes the low 8 bits of `value`. */
export function writeUint8(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
}

/** Writes the low 16 bits of `value`. */
export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Writes the low 32 bits of `value`; a signed 32-bit number gives the same bytes as its unsigned twin. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
