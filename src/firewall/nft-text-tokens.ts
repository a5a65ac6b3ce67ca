// Single tokens of nft's text, taken one by one with a word about what was expected.
import { quote } from "../target/fault.js";
import type { NftTextLexer } from "./nft-text-lexer.js";
import { NotUnderstood } from "./not-understood.js";

/** A word that is a constant as JSON would have it: plain digits as a number. */
export function parseConstant(lexer: NftTextLexer): unknown {
  const { kind, value } = lexer;
  if (kind === "string") return parseString(lexer);
  if (kind !== "word") throw unexpected(lexer, "a value");
  lexer.advance();
  if (value === "exists" || value === "missing") return value === "exists";
  return isPlainNumber(value) ? Number(value) : value;
}

/** True for digits that a number holds exactly. */
export function isPlainNumber(word: string): boolean {
  if (word.length > 15) return false;
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return word !== "";
}

/** A string, or a range between two of them: "10:00"-"12:00". */
function parseString(lexer: NftTextLexer): unknown {
  const low = lexer.value;
  lexer.advance();
  if (!lexer.accept("-")) return low;
  const high = takeString(lexer);
  return { range: [low, high] };
}

/** The next token is this word or sign. @throws NotUnderstood when it is not */
export function expect(lexer: NftTextLexer, value: string): void {
  if (!lexer.accept(value)) throw unexpected(lexer, `"${value}"`);
}

/** Takes a word. @throws NotUnderstood when there is none */
export function takeWord(lexer: NftTextLexer): string {
  const { kind, value } = lexer;
  if (kind !== "word") throw unexpected(lexer, "a word");
  lexer.advance();
  return value;
}

/** Takes a string in quotes, or a word in its place. @throws NotUnderstood */
export function takeString(lexer: NftTextLexer): string {
  const { kind, value } = lexer;
  if (kind !== "word" && kind !== "string") throw unexpected(lexer, "a string");
  lexer.advance();
  return value;
}

/** Takes a whole number. @throws NotUnderstood */
export function takeNumber(lexer: NftTextLexer): number {
  if (lexer.kind !== "word" || !/^(\d{1,19}|0x[0-9a-f]{1,12})$/.test(lexer.value)) throw unexpected(lexer, "a number");
  return Number(takeWord(lexer));
}

/** What stands where something else was expected. */
export function unexpected(lexer: NftTextLexer, wanted: string): NotUnderstood {
  const found = lexer.kind === "end" || lexer.kind === "newline" ? "the end" : quote(lexer.value);
  return new NotUnderstood(`${found} in place of ${wanted}`);
}

/** Reads `@name`. */
export function takeSetName(lexer: NftTextLexer): string {
  if (lexer.kind !== "word" || !lexer.value.startsWith("@")) throw unexpected(lexer, "a set");
  return takeWord(lexer);
}
