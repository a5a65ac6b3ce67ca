// One line of a journal: a record as JSON text (RFC 8259), a blank, and the text's CRC-32 (zlib's) in 8 hex digits. JSON
// text made by JSON.stringify has no line feed, so a line that was cut or damaged takes no other line with it.
import { crc32 } from "node:zlib";
import type { Fault } from "../target/fault.js";

const BLANK = 0x20;
/** The blank and the digits. */
const TAIL_BYTES = 9;

/** Writes a record, which JSON must be able to hold, as a line with its line feed. */
export function encodeLine(record: unknown): string {
  const text = JSON.stringify(record);
  return `${text} ${crc32(text).toString(16).padStart(8, "0")}\n`;
}

/** Reads a line without its line feed. What it gives back is JSON of any shape: whoever takes it must look closely. */
export function decodeLine(line: Buffer): { readonly record: unknown } | Fault {
  const end = line.length - TAIL_BYTES;
  if (end < 1 || line[end] !== BLANK) return { fault: "no checksum at its end" };
  const digits = line.toString("latin1", end + 1);
  const text = line.subarray(0, end);
  if (!/^[0-9a-f]{8}$/.test(digits) || Number.parseInt(digits, 16) !== crc32(text)) {
    return { fault: "the checksum does not fit" };
  }
  try {
    return { record: JSON.parse(text.toString("utf8")) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: "no JSON" };
    throw error;
  }
}
