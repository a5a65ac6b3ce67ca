// Bytes of a conversation in hexadecimal and ASCII, 16 a line, with who sent them and how many went before.

const LINE_BYTES = 16;
const GROUP_BYTES = 8;
const OFFSET_DIGITS = 8;

/** Who sent the bytes: ">" this side, "<" the other one. */
export type Direction = ">" | "<";

/** Counts both directions by itself. */
export class HexView {
  readonly #counts: Record<Direction, number> = { ">": 0, "<": 0 };

  /** The lines for a chunk, each with a line feed; empty for no bytes. */
  lines(direction: Direction, chunk: Uint8Array): string {
    let text = "";
    for (let at = 0; at < chunk.length; at += LINE_BYTES) {
      const bytes = chunk.subarray(at, at + LINE_BYTES);
      text += `${direction} ${this.#offset(direction, bytes.length)}  ${digitsOf(bytes)}  |${charactersOf(bytes)}|\n`;
    }
    return text;
  }

  #offset(direction: Direction, byteCount: number): string {
    const offset = this.#counts[direction];
    this.#counts[direction] += byteCount;
    return offset.toString(16).padStart(OFFSET_DIGITS, "0");
  }
}

function digitsOf(bytes: Uint8Array): string {
  const pairs = Array.from({ length: LINE_BYTES }, (_, index) => bytes[index]?.toString(16).padStart(2, "0") ?? "  ");
  return `${pairs.slice(0, GROUP_BYTES).join(" ")}  ${pairs.slice(GROUP_BYTES).join(" ")}`;
}

function charactersOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).replace(/[^\x20-\x7e]/g, ".");
}
