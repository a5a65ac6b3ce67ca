// A command line of a report, taken apart into the words that it was made of. nmap joins words with blanks and puts those
// that have blanks into double quotes, with a backslash before quotes and backslashes (reports of nmap 7.93); ours does the
// same (nmap-words.ts). An empty word of nmap's leaves two blanks, and control characters are escaped for the eye: both
// cannot be told from what else they may have been, and are refused.
import { type Fault, isFault } from "../target/fault.js";

/** A word that was read, and where the next one begins. */
interface ReadWord {
  readonly word: string;
  readonly next: number;
}

/** The words; a fault where it is not certain which they were. */
export function splitCommandLine(text: string): readonly string[] | Fault {
  const words: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const read = text[at] === '"' ? quotedWord(text, at + 1) : plainWord(text, at);
    if (isFault(read)) return read;
    words.push(read.word);
    at = read.next;
  }
  return words;
}

function quotedWord(text: string, begin: number): ReadWord | Fault {
  let word = "";
  for (let at = begin; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') {
      const isLast = at + 1 === text.length;
      if (!isLast && text[at + 1] !== " ") return { fault: "text stands directly behind a closing quote" };
      return { word, next: at + 2 };
    }
    const read = characterAt(text, at);
    if (isFault(read)) return read;
    word += read.word;
    at = read.next - 1;
  }
  return { fault: "a quote is not closed" };
}

function plainWord(text: string, begin: number): ReadWord | Fault {
  let word = "";
  let at = begin;
  while (at < text.length && text[at] !== " ") {
    if (text[at] === '"') return { fault: "a quote stands within a word" };
    const read = characterAt(text, at);
    if (isFault(read)) return read;
    word += read.word;
    at = read.next;
  }
  return word === "" ? { fault: "an empty word, or two blanks, cannot be told apart" } : { word, next: at + 1 };
}

/** One character, or what stands behind a backslash. */
function characterAt(text: string, at: number): ReadWord | Fault {
  const character = text[at] ?? "";
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(character)) return { fault: "a control character stands in it" };
  if (character !== "\\") return { word: character, next: at + 1 };
  const escaped = text[at + 1];
  if (escaped !== '"' && escaped !== "\\") return { fault: "a character was escaped, and it is not certain which" };
  return { word: escaped, next: at + 2 };
}
