// Elements of sets and maps in nft's text, taken apart into libnftables-json's form. nft(8), "SETS", "MAPS", "ELEMENTS".
import type { NftTextLexer } from "./nft-text-lexer.js";
import { parseCount, parseCounter, parseLast, parseLimit, parseQuota, takeSeconds } from "./nft-text-stateful.js";
import { expect, parseConstant, takeString, takeWord } from "./nft-text-tokens.js";

/** Reads `{ element, … }`. @throws NotUnderstood */
export function parseSet(lexer: NftTextLexer): unknown[] {
  const elements: unknown[] = [];
  parseElements(lexer, elements);
  return elements;
}

/** Reads `{ element, … }` into a list: what comes before a fault or the end is in it. @throws NotUnderstood */
export function parseElements(lexer: NftTextLexer, into: unknown[]): void {
  expect(lexer, "{");
  while (!lexer.accept("}")) {
    into.push(parseElement(lexer));
    if (!lexer.accept(",")) {
      expect(lexer, "}");
      return;
    }
  }
}

function parseElement(lexer: NftTextLexer): unknown {
  const value = parseKey(lexer);
  if (lexer.is(",") || lexer.is("}")) return value;
  const facts = parseFacts(lexer);
  const key = facts === undefined ? value : { elem: { val: value, ...facts } };
  return lexer.accept(":") ? [key, parseData(lexer)] : key;
}

/** One value, or several with dots between them. */
function parseKey(lexer: NftTextLexer): unknown {
  const first = parsePart(lexer);
  if (!lexer.is(".")) return first;
  const parts = [first];
  while (lexer.accept(".")) parts.push(parsePart(lexer));
  return { concat: parts };
}

/** A value, or flags joined by "|". */
function parsePart(lexer: NftTextLexer): unknown {
  let value = parseConstant(lexer);
  while (lexer.accept("|")) value = { "|": [value, parseConstant(lexer)] };
  return value;
}

type FactParser = (lexer: NftTextLexer) => unknown;

const FACTS: ReadonlyMap<string, FactParser> = new Map<string, FactParser>([
  ["timeout", takeSeconds],
  ["expires", takeSeconds],
  ["comment", takeString],
  ["counter", parseCounter],
  ["limit", parseLimit],
  ["quota", parseQuota],
  ["last", parseLast],
  ["ct", parseConnectionCount],
]);

/** "ct count" is one key of two words. */
function parseConnectionCount(lexer: NftTextLexer): unknown {
  expect(lexer, "count");
  return parseCount(lexer);
}

function parseFacts(lexer: NftTextLexer): Readonly<Record<string, unknown>> | undefined {
  let facts: Record<string, unknown> | undefined;
  while (lexer.kind === "word") {
    const word = lexer.value;
    const parse = FACTS.get(word);
    if (parse === undefined) return facts;
    lexer.advance();
    facts ??= {};
    facts[word === "ct" ? "ct count" : word] = parse(lexer);
  }
  return facts;
}

/** What a map has for a key: a verdict or a value. */
function parseData(lexer: NftTextLexer): unknown {
  return lexer.kind === "word" ? (parseVerdict(lexer) ?? parseKey(lexer)) : parseKey(lexer);
}

const PLAIN: ReadonlySet<string> = new Set(["accept", "drop", "continue", "return"]);

/** Reads a verdict; `undefined`, with nothing taken, when the word is none. */
export function parseVerdict(lexer: NftTextLexer): unknown {
  const word = lexer.value;
  if (PLAIN.has(word)) {
    lexer.advance();
    return { [word]: null };
  }
  if (word !== "jump" && word !== "goto") return undefined;
  lexer.advance();
  return { [word]: { target: takeString(lexer) } };
}

/** Takes words with commas between them. */
export function takeWords(lexer: NftTextLexer): string[] {
  const words = [takeWord(lexer)];
  while (lexer.accept(",")) words.push(takeWord(lexer));
  return words;
}
