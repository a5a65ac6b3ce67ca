// Bytes from outside as text that cannot steer a terminal: UTF-8 is decoded across chunks (Unicode 16, table 3-7), bytes
// that are none become \xff, and control and format characters a form that can be seen.

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const TAB = 0x09;
const BELL = 0x07;
const BACKSPACE = 0x08;
const ASCII_END = 0x80;

/** What the second byte behind a first one may be; the rest are 0x80 to 0xbf. Undefined for what begins nothing. */
function shapeOf(first: number): { readonly length: number; readonly low: number; readonly high: number } | undefined {
  if (first >= 0xc2 && first <= 0xdf) return { length: 2, low: 0x80, high: 0xbf };
  if (first === 0xe0) return { length: 3, low: 0xa0, high: 0xbf };
  if (first === 0xed) return { length: 3, low: 0x80, high: 0x9f };
  if (first >= 0xe1 && first <= 0xef) return { length: 3, low: 0x80, high: 0xbf };
  if (first === 0xf0) return { length: 4, low: 0x90, high: 0xbf };
  if (first >= 0xf1 && first <= 0xf3) return { length: 4, low: 0x80, high: 0xbf };
  return first === 0xf4 ? { length: 4, low: 0x80, high: 0x8f } : undefined;
}

/**
 * How many bytes at `at` are one character: 0 where they are none, and negative where the bytes end before the character
 * does.
 */
function characterBytes(bytes: Uint8Array, at: number): number {
  const shape = shapeOf(bytes[at] ?? 0);
  if (shape === undefined) return 0;
  for (let index = 1; index < shape.length; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return -1;
    const [low, high] = index === 1 ? [shape.low, shape.high] : [0x80, 0xbf];
    if (byte < low || byte > high) return 0;
  }
  return shape.length;
}

/** Turns bytes into text, chunk by chunk. */
export class VisibleBytes {
  /**
   * True where the other side draws the line itself, key by key: going back on it and ringing are let through then, since
   * they are how it edits what was typed. They reach no farther than the line.
   */
  isDrawnByOther = false;
  readonly #escape: (text: string) => string;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** The beginning of a character, or a carriage return, whose end has not come yet. */
  #pending: Uint8Array = new Uint8Array(0);

  /** `makeVisible` makes the unsafe characters of a text visible. */
  constructor(makeVisible: (text: string) => string) {
    this.#escape = makeVisible;
  }

  /** The text of a chunk, with what was left of the one before it. */
  write(chunk: Uint8Array): string {
    const bytes = this.#pending.length === 0 ? chunk : concatenated(this.#pending, chunk);
    let text = "";
    let at = 0;
    for (let taken = this.#take(bytes, at); taken !== undefined; taken = this.#take(bytes, at)) {
      text += taken.text;
      at += taken.length;
    }
    this.#pending = bytes.slice(at);
    return text;
  }

  /** What is still held back, when nothing more comes. */
  end(): string {
    const text = [...this.#pending].map((byte) =>
      byte < ASCII_END ? this.#escape(String.fromCharCode(byte)) : hex(byte),
    );
    this.#pending = new Uint8Array(0);
    return text.join("");
  }

  /** One piece of text; undefined at the end, and where a character is cut. */
  #take(bytes: Uint8Array, at: number): { readonly text: string; readonly length: number } | undefined {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    if (byte === RETURN) return this.#takeReturn(bytes, at);
    if (byte < ASCII_END) return { text: this.#asciiText(byte), length: 1 };
    const length = characterBytes(bytes, at);
    if (length < 0) return undefined;
    if (length === 0) return { text: hex(byte), length: 1 };
    return { text: this.#escape(this.#decoder.decode(bytes.subarray(at, at + length))), length };
  }

  /** CR LF is the end of a line; a CR alone would let a server write over what stands in the line. */
  #takeReturn(bytes: Uint8Array, at: number): { readonly text: string; readonly length: number } | undefined {
    if (this.isDrawnByOther) return { text: "\r", length: 1 };
    const next = bytes[at + 1];
    if (next === undefined) return undefined;
    return next === NEWLINE ? { text: "\n", length: 2 } : { text: this.#escape("\r"), length: 1 };
  }

  #asciiText(byte: number): string {
    const isPlain = byte === NEWLINE || byte === TAB;
    const isEditing = this.isDrawnByOther && (byte === BACKSPACE || byte === BELL);
    const text = String.fromCharCode(byte);
    return isPlain || isEditing ? text : this.#escape(text);
  }
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

function concatenated(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
