// The line that makes a chain a base chain: type filter hook input device "eth0" priority filter - 5; policy drop; nft(8),
// "CHAINS", "Standard priority names".
import type { NftTextLexer } from "./nft-text-lexer.js";
import { parseSet } from "./nft-text-set.js";
import { expect, takeString, takeWord, unexpected } from "./nft-text-tokens.js";

/** Priorities by name; of bridges nft has others. */
const PRIORITIES: ReadonlyMap<string, number> = new Map([
  ["raw", -300],
  ["mangle", -150],
  ["dstnat", -100],
  ["filter", 0],
  ["security", 50],
  ["srcnat", 100],
]);

/** Reads the line, with the policy behind it, into the keys of libnftables-json. @throws NotUnderstood */
export function parseChainHook(lexer: NftTextLexer): Readonly<Record<string, unknown>> {
  expect(lexer, "type");
  const type = takeWord(lexer);
  expect(lexer, "hook");
  const hook = takeWord(lexer);
  const dev = parseDevices(lexer);
  expect(lexer, "priority");
  const prio = parsePriority(lexer);
  lexer.accept(";");
  const policy = lexer.accept("policy") ? { policy: takeWord(lexer) } : {};
  const flags = parseFlags(lexer);
  return { type, hook, prio, ...(dev.length === 0 ? {} : { dev }), ...policy, ...flags };
}

/** `device "eth0"`, or `devices = { "eth0", "eth1" }`. */
function parseDevices(lexer: NftTextLexer): readonly unknown[] {
  if (lexer.accept("device")) return [takeString(lexer)];
  if (!lexer.accept("devices")) return [];
  expect(lexer, "=");
  return parseSet(lexer);
}

/** A number, a name, or a name with a number added or taken away. */
function parsePriority(lexer: NftTextLexer): number {
  const word = takeWord(lexer);
  if (/^-?\d{1,10}$/.test(word)) return Number(word);
  const base = PRIORITIES.get(word);
  if (base === undefined) throw unexpected(lexer, `a priority behind "${word}"`);
  if (lexer.accept("+")) return base + Number(takeWord(lexer));
  return lexer.accept("-") ? base - Number(takeWord(lexer)) : base;
}

function parseFlags(lexer: NftTextLexer): { readonly flags?: string } {
  lexer.accept(";");
  return lexer.accept("flags") ? { flags: takeWord(lexer) } : {};
}
