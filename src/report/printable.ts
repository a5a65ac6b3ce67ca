// Makes text from the network or the user safe to show: what moves the cursor, colours or hides text becomes visible.
// Unicode general categories Cc, Cf, Cs, Zl and Zp (UAX #44), and fillers that are letters by category but show nothing.

/** Hangul fillers U+115F, U+1160, U+3164, U+FFA0 are category Lo; the braille blank U+2800 is So. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/gu;

/**
 * The text with every control, bidirectional, zero-width and line-breaking character written as an escape: `\x1b`,
 * `\u202e`, `\u{e0041}`. What comes out is one line and cannot steer a terminal.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) {
    return `\\x${hex.padStart(2, "0")}`;
  }
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
