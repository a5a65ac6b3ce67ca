// Lines of a file in chunks, so that a journal of a gigabyte needs no gigabyte of memory.
import { readSync } from "node:fs";

const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

/** A line with its line feed behind it. */
export interface FileLine {
  /** Without the line feed; good until the next line is asked for. Undefined for a line that is too long to be kept. */
  readonly bytes: Buffer | undefined;
  /** 1-based. */
  readonly number: number;
  /** Where the next line begins. */
  readonly endByte: number;
}

/** Bytes of a line that goes on in the next chunk. */
class Carry {
  #parts: Buffer[] = [];
  #bytes = 0;

  /** Keeps a copy of a part, unless the line gets too long with it. */
  add(part: Buffer, maxBytes: number): void {
    this.#bytes += part.length;
    if (this.#bytes > maxBytes) this.#parts = [];
    else this.#parts.push(Buffer.from(part));
  }

  /** The whole line with its last part; forgets it. */
  finish(last: Buffer, maxBytes: number): Buffer | undefined {
    const bytes = this.#bytes + last.length;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > maxBytes) return undefined;
    return parts.length === 0 ? last : Buffer.concat([...parts, last]);
  }
}

/**
 * Reads the lines of an open file; what comes behind the last line feed is left out.
 *
 * @param maxBytes How long a line may be, by its number
 * @param endByte Where to stop reading
 */
export function* readLines(
  file: number,
  maxBytes: (lineNumber: number) => number,
  endByte: number,
): Generator<FileLine> {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, endByte));
  const carry = new Carry();
  let number = 1;
  for (let position = 0; position < endByte; ) {
    const count = readSync(file, chunk, 0, Math.min(chunk.length, endByte - position), position);
    if (count === 0) return;
    let start = 0;
    for (let feed = chunk.indexOf(LINE_FEED); feed >= 0 && feed < count; feed = chunk.indexOf(LINE_FEED, start)) {
      const bytes = carry.finish(chunk.subarray(start, feed), maxBytes(number));
      start = feed + 1;
      yield { bytes, number, endByte: position + start };
      number++;
    }
    carry.add(chunk.subarray(start, count), maxBytes(number));
    position += count;
  }
}
