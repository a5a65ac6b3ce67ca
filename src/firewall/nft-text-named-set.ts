// What stands in the braces of a named set or map: its types, its flags, its elements. nft(8), "SETS", "MAPS".
import { quote } from "../target/fault.js";
import { parseConcat } from "./nft-text-expression.js";
import type { NftTextLexer } from "./nft-text-lexer.js";
import { parseElements } from "./nft-text-set.js";
import { parseStatement } from "./nft-text-statement.js";
import { expect, takeWord } from "./nft-text-tokens.js";
import { NotUnderstood } from "./not-understood.js";

/** A set as it was found. */
export interface ParsedSet {
  /** In libnftables-json's form. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What of it was not understood; then it is not known. */
  readonly fault?: string;
}

/** Reads a set up to the brace that closes it, or to what is not understood. Never throws. */
export function parseNamedSet(lexer: NftTextLexer): ParsedSet {
  const json: Record<string, unknown> = {};
  try {
    while (!lexer.is("}") && lexer.kind !== "end") {
      if (lexer.kind === "newline" || lexer.is(";")) lexer.advance();
      else parseFact(lexer, json);
    }
    return { json };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return { json, fault: error.message };
  }
}

type Facts = Record<string, unknown>;

const FACTS: ReadonlyMap<string, (lexer: NftTextLexer, json: Facts) => void> = new Map<
  string,
  (lexer: NftTextLexer, json: Facts) => void
>([
  ["type", (lexer, json) => parseTypes(lexer, json, parseTypeNames)],
  ["typeof", (lexer, json) => parseTypes(lexer, json, parseTypeOf)],
  ["elements", parseElementList],
]);

const WORDS: ReadonlySet<string> = new Set([
  "flags",
  "timeout",
  "gc-interval",
  "size",
  "policy",
  "comment",
  "auto-merge",
]);

function parseFact(lexer: NftTextLexer, json: Facts): void {
  if (isStatement(lexer.value)) {
    json.stmt = [parseStatement(lexer)];
    return;
  }
  const word = takeWord(lexer);
  const parse = FACTS.get(word);
  if (parse !== undefined) parse(lexer, json);
  else if (!WORDS.has(word)) throw new NotUnderstood(`${quote(word)} in a set`);
  else skipValues(lexer);
}

/** Flags, sizes and times say nothing of what is in the set. */
function skipValues(lexer: NftTextLexer): void {
  while (lexer.kind === "word" || lexer.kind === "string" || lexer.is(",")) lexer.advance();
}

function parseElementList(lexer: NftTextLexer, json: Facts): void {
  const elements: unknown[] = [];
  json.elem = elements;
  expect(lexer, "=");
  parseElements(lexer, elements);
}

/** What every element gets when it is added: counter, limit, quota, ct count, last. */
function isStatement(word: string): boolean {
  return word === "counter" || word === "limit" || word === "quota" || word === "ct" || word === "last";
}

/** Types of the keys, and behind a colon those of the data. */
function parseTypes(lexer: NftTextLexer, json: Facts, parse: (lexer: NftTextLexer) => unknown): void {
  json.type = parse(lexer);
  if (lexer.accept(":")) json.map = parse(lexer);
}

function parseTypeNames(lexer: NftTextLexer): string {
  const names = [takeWord(lexer)];
  while (lexer.accept(".")) names.push(takeWord(lexer));
  // Objects of connection tracking have names of two words: ct helper.
  return names[0] === "ct" ? `ct ${takeWord(lexer)}` : names.join(" . ");
}

function parseTypeOf(lexer: NftTextLexer): unknown {
  const expression = parseConcat(lexer);
  return typeof expression === "string" ? expression : { typeof: expression };
}
