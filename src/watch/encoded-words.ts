// Text in a header of mail, or of ntfy: ASCII as it is, everything else as encoded words (RFC 2047). What comes out has no control
// character, so it cannot end the header.
import { printable } from "../report/printable.js";

/** RFC 2047 §2: a word has at most 75 characters; so many bytes of text fit into one beside "=?UTF-8?B?" and "?=". */
const WORD_BYTES_MAX = 45;

/** The words, to be put in lines of their own where lines may be folded. */
export function encodedWords(text: string): readonly string[] {
  const safe = printable(text);
  // What looks like an encoded word would be taken for one.
  if (/^[\x20-\x7e]*$/.test(safe) && !safe.includes("=?")) return [safe];
  const words: string[] = [];
  let word = "";
  for (const character of safe) {
    // §5: no character may be torn apart.
    if (Buffer.byteLength(word + character) > WORD_BYTES_MAX) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((one) => `=?UTF-8?B?${Buffer.from(one).toString("base64")}?=`);
}
