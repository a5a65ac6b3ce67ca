// The name that a Unix socket is bound to (unix(7), "Address format"): any bytes that a process chooses.

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The name as text, from the bytes of `sun_path`. Of a path it ends at the first zero; an abstract name begins with one,
 * and each of its zeros becomes "@", as in /proc/net/unix and ss. Bytes that are no UTF-8 are written as `\xff`, so that
 * two names which differ never look alike. Not safe for a terminal: see `printable`.
 */
export function socketName(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] === 0) return textOf(bytes.map((byte) => (byte === 0 ? 0x40 : byte)));
  const end = bytes.indexOf(0);
  return textOf(end < 0 ? bytes : bytes.subarray(0, end));
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    // A name of mixed encodings: what is ASCII can be read, the rest cannot be known.
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
    ).join("");
  }
}
