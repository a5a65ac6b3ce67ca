// The notation in which data/udp-payloads.tsv writes bytes, as data/README.md describes it: hexadecimal bytes, quoted
// ASCII, repetition, and groups that are preceded by their length. Read character by character: every start pays for it.
import { quote } from "../target/fault.js";

/** A payload is small, so that it fits everywhere and asks nobody for much. */
export const PAYLOAD_BYTES_MAX = 420;

/** The longest payload there is: one marked `long`, which fits into an IPv6 packet of 1280 bytes. */
export const LONG_PAYLOAD_BYTES_MAX = 1232;

const LONG = "long ";
const GROUPS_MAX = 16;
const NUMBER_DIGITS_MAX = 4;
const SPACE = 0x20;
const QUOTE = 0x22;
const STAR = 0x2a;
const PLUS = 0x2b;
const ZERO = 0x30;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const TILDE = 0x7e;

/** A group that is open: where its length stands, how long that is, and what it counts besides the group. */
interface Group {
  readonly at: number;
  readonly widthBytes: number;
  readonly extraBytes: number;
}

/** Reads payloads one after another. */
export class PayloadReader {
  readonly #out = new Uint8Array(LONG_PAYLOAD_BYTES_MAX);
  readonly #groups: Group[] = [];
  #text = "";
  #at = 0;
  #bytes = 0;
  #bytesMax = PAYLOAD_BYTES_MAX;

  /** The bytes that a notation stands for, or what is wrong with it. */
  read(notation: string): Uint8Array | string {
    const isLong = notation.startsWith(LONG);
    this.#text = notation;
    this.#at = isLong ? LONG.length : 0;
    this.#bytes = 0;
    this.#bytesMax = isLong ? LONG_PAYLOAD_BYTES_MAX : PAYLOAD_BYTES_MAX;
    this.#groups.length = 0;
    while (this.#at < notation.length) {
      const fault = this.#readPart();
      if (fault !== undefined) return fault;
      if (this.#bytes > this.#bytesMax) return `the payload is longer than ${this.#bytesMax} bytes`;
    }
    if (this.#groups.length > 0) return "a group is not closed";
    return this.#bytes === 0 ? "the payload is empty" : this.#out.slice(0, this.#bytes);
  }

  #readPart(): string | undefined {
    const code = this.#text.charCodeAt(this.#at);
    if (code === SPACE) this.#at++;
    else if (code === CLOSE) return this.#closeGroup();
    else if (this.#isGroup(code)) return this.#openGroup(code - ZERO);
    else return this.#readBytes(code);
    return undefined;
  }

  #isGroup(code: number): boolean {
    const next = this.#text.charCodeAt(this.#at + 1);
    return code > ZERO && code <= ZERO + 4 && (next === OPEN || next === PLUS);
  }

  /** `2[` and `2+4[`: leaves room for a length. */
  #openGroup(widthBytes: number): string | undefined {
    const start = this.#at++;
    const isPlus = this.#text.charCodeAt(this.#at) === PLUS;
    const extraBytes = isPlus ? this.#readNumber() : 0;
    if (extraBytes < 0 || this.#text.charCodeAt(this.#at) !== OPEN) return this.#nonsense(start);
    if (this.#groups.length === GROUPS_MAX) return `more than ${GROUPS_MAX} groups in each other`;
    this.#at++;
    this.#groups.push({ at: this.#bytes, widthBytes, extraBytes });
    for (let i = 0; i < widthBytes; i++) this.#put(0);
    return undefined;
  }

  /** `]`: writes the group's length in front of it, in network byte order. */
  #closeGroup(): string | undefined {
    this.#at++;
    const group = this.#groups.pop();
    if (group === undefined) return "a group is closed that is not open";
    let length = this.#bytes - group.at - group.widthBytes + group.extraBytes;
    for (let i = group.widthBytes - 1; i >= 0; i--) {
      this.#out[group.at + i] = length % 256;
      length = Math.floor(length / 256);
    }
    return length > 0 ? `a group is too long for a length of ${group.widthBytes} bytes` : undefined;
  }

  /** `00ff` and `"text"`, either with `*7` behind it. */
  #readBytes(code: number): string | undefined {
    const start = this.#at;
    const first = this.#bytes;
    const isGood = code === QUOTE ? this.#readText() : this.#readHex();
    if (!isGood) return this.#nonsense(start);
    if (this.#text.charCodeAt(this.#at) !== STAR) return undefined;
    const times = this.#readNumber();
    return times < 1 ? this.#nonsense(start) : this.#repeat(first, times);
  }

  #readText(): boolean {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) {
        this.#at++;
        return true;
      }
      const byte = code === BACKSLASH ? escaped(this.#text.charCodeAt(++this.#at)) : code;
      if (!(byte >= 0 && byte <= TILDE) || code < SPACE) return false;
      this.#put(byte);
    }
    return false;
  }

  #readHex(): boolean {
    const start = this.#at;
    for (;;) {
      const high = hexDigit(this.#text.charCodeAt(this.#at));
      if (high < 0) return this.#at > start;
      const low = hexDigit(this.#text.charCodeAt(this.#at + 1));
      if (low < 0) return false;
      this.#put(high * 16 + low);
      this.#at += 2;
    }
  }

  /** The number behind `+` or `*`; -1 when there is none. */
  #readNumber(): number {
    const start = ++this.#at;
    let number = 0;
    for (; this.#at < start + NUMBER_DIGITS_MAX; this.#at++) {
      const digit = this.#text.charCodeAt(this.#at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      number = number * 10 + digit;
    }
    return this.#at === start ? -1 : number;
  }

  #repeat(first: number, times: number): undefined {
    const runBytes = this.#bytes - first;
    const end = first + runBytes * times;
    if (end <= this.#bytesMax) {
      for (let at = this.#bytes; at < end; at++) this.#out[at] = this.#out[at - runBytes] ?? 0;
    }
    this.#bytes = end;
  }

  /** Counts on past the end, where typed arrays take nothing: `read` looks at the count. */
  #put(byte: number): void {
    this.#out[this.#bytes++] = byte;
  }

  #nonsense(at: number): string {
    return `${quote(this.#text.slice(at, at + 20))} is no part of a payload`;
  }
}

/** The byte behind a backslash; -1 when it is not one of `\r`, `\n`, `\"` and `\\`. */
function escaped(code: number): number {
  if (code === 0x72) return 0x0d;
  if (code === 0x6e) return 0x0a;
  return code === QUOTE || code === BACKSLASH ? code : -1;
}

/** The value of a hexadecimal digit; -1 when it is none. */
function hexDigit(code: number): number {
  if (code >= ZERO && code <= 0x39) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
