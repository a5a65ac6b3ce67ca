// NAT in nft's text: an address and a port in one word, either of which may be a map. nft(8), "NAT STATEMENTS", "TPROXY
// STATEMENT".
import { parseExpression } from "./nft-text-expression.js";
import type { NftTextLexer } from "./nft-text-lexer.js";
import { takeWords } from "./nft-text-set.js";
import { expect, isPlainNumber, takeString, takeWord } from "./nft-text-tokens.js";

const TYPE_FLAGS: readonly string[] = ["prefix", "interval"];
const FLAGS: readonly string[] = ["random", "fully-random", "persistent"];

/** Reads what stands behind dnat, snat, masquerade, redirect and tproxy. @throws NotUnderstood */
export function parseNat(lexer: NftTextLexer, word: string): unknown {
  const family = lexer.is("ip") || lexer.is("ip6") ? takeWord(lexer) : undefined;
  const typeFlag = TYPE_FLAGS.includes(lexer.value) ? takeWord(lexer) : undefined;
  if (lexer.accept("addr")) {
    expect(lexer, ".");
    expect(lexer, "port");
  }
  const target = lexer.accept("to") ? parseTarget(lexer) : {};
  const flags = FLAGS.includes(lexer.value) ? { flags: takeWords(lexer) } : {};
  const facts = {
    ...(family === undefined ? {} : { family }),
    ...target,
    ...flags,
    ...(typeFlag === "prefix" ? { type_flags: "prefix" } : {}),
  };
  return { [word]: Object.keys(facts).length === 0 ? null : facts };
}

/** An address, a port behind a colon, or both. */
function parseTarget(lexer: NftTextLexer): { readonly addr?: unknown; readonly port?: unknown } {
  const colon = lexer.kind === "word" ? portColon(lexer.value) : -1;
  if (colon < 0) {
    const addr = withoutBrackets(parseExpression(lexer));
    return lexer.kind === "word" && portColon(lexer.value) === 0 ? { addr, port: parsePort(lexer, 1) } : { addr };
  }
  const address = lexer.value.slice(0, colon);
  const port = parsePort(lexer, colon + 1);
  return address === "" ? { port } : { addr: withoutBrackets(address), port };
}

function parsePort(lexer: NftTextLexer, behind: number): unknown {
  lexer.dropCharacters(behind);
  // With -S a name in quotes follows the colon.
  if (lexer.value === "") {
    lexer.advance();
    return takeString(lexer);
  }
  if (/^\d/.test(lexer.value)) {
    const word = takeWord(lexer);
    return isPlainNumber(word) ? Number(word) : word;
  }
  return parseExpression(lexer);
}

/** Where the colon before a port stands, -1 when there is none: IPv6 addresses with a port are in brackets. */
function portColon(word: string): number {
  if (word.startsWith("[")) {
    const at = word.lastIndexOf("]:");
    return at < 0 ? -1 : at + 1;
  }
  const at = word.indexOf(":");
  return at >= 0 && word.indexOf(":", at + 1) < 0 ? at : -1;
}

function withoutBrackets(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll(/[[\]]/g, "") : value;
}
