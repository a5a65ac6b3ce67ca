// Line ends on the wire: CR LF, as text protocols want them (RFC 9112 §2.2, RFC 5321 §2.3.8).

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Makes CR LF of each LF that has no CR before it, across chunks. */
export class LineEnds {
  #isBehindReturn = false;

  convert(chunk: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(chunk.length * 2);
    let length = 0;
    for (const byte of chunk) {
      if (byte === NEWLINE && !this.#isBehindReturn) bytes[length++] = RETURN;
      bytes[length++] = byte;
      this.#isBehindReturn = byte === RETURN;
    }
    return bytes.subarray(0, length);
  }
}
