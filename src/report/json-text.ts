// JSON as one line of text that shows all it holds: what is invisible, or steers a terminal, is escaped (RFC 8259 §7).

/** As in {@link printable}; what JSON itself escapes is ASCII already. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/gu;
const PLAIN = /^[\x20-\x7e]*$/;

/** The value as JSON; properties that are undefined are left out. It reads back as the same value. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escaped);
}

function escaped(character: string): string {
  let text = "";
  for (let at = 0; at < character.length; at += 1) {
    text += `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }
  return text;
}
