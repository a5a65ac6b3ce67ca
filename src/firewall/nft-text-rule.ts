// One rule of nft's text, in libnftables-json's form. What cannot be read of it stays as its own words.
import type { NftTextLexer } from "./nft-text-lexer.js";
import { isRuleEnd, parseStatement } from "./nft-text-statement.js";
import { takeString, unexpected } from "./nft-text-tokens.js";
import { NotUnderstood } from "./not-understood.js";

/** A rule as it was found. */
export interface ParsedRule {
  readonly expr: readonly unknown[];
  readonly comment?: string;
  /** Why it was read only so far. */
  readonly fault?: string;
}

/** Reads a rule up to its end. Never throws: what is not understood becomes a string, and with it the rule ends. */
export function parseRule(lexer: NftTextLexer): ParsedRule {
  const expr: unknown[] = [];
  const { depth } = lexer;
  while (!isRuleEnd(lexer)) {
    const { start } = lexer;
    try {
      if (lexer.is("comment")) return { expr, comment: parseComment(lexer) };
      expr.push(parseStatement(lexer));
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      skipRule(lexer, depth);
      expr.push(oneLine(lexer.text.slice(start, lexer.previousEnd)));
      return { expr, fault: error.message };
    }
  }
  return { expr };
}

/** The last thing in a rule. */
function parseComment(lexer: NftTextLexer): string {
  lexer.advance();
  const comment = takeString(lexer);
  if (!isRuleEnd(lexer)) throw unexpected(lexer, "the end of the rule");
  return comment;
}

/** Goes to where the rule ends, out of the braces that it has opened. */
function skipRule(lexer: NftTextLexer, depth: number): void {
  while (lexer.kind !== "end" && (lexer.depth > depth || !isRuleEnd(lexer))) lexer.advance();
}

/** A text of several lines as one. */
export function oneLine(text: string): string {
  return text.includes("\n") ? text.replaceAll(/\s*\n\s*/g, " ") : text;
}
