// Statements of nft's text that keep count: in a rule, in an element of a set, or as an object with a name. nft(8), "STATEFUL
// OBJECTS", "LIMIT STATEMENT".
import type { NftTextLexer } from "./nft-text-lexer.js";
import { takeNumber, takeWord, unexpected } from "./nft-text-tokens.js";

/** What nft leaves out of a limit of packets, and of one of bytes. */
const PACKETS_BURST = 5;

/** Reads what stands behind "counter": nothing in listings without state. */
export function parseCounter(lexer: NftTextLexer): unknown {
  if (!lexer.accept("packets")) return null;
  const packets = takeNumber(lexer);
  lexer.accept("bytes");
  return { packets, bytes: takeNumber(lexer) };
}

/** Reads `rate [over] 5/minute [burst 10 packets]`. */
export function parseLimit(lexer: NftTextLexer): unknown {
  lexer.accept("rate");
  const inv = lexer.accept("over") ? { inv: true } : {};
  const [first = "", unitTime] = takeWord(lexer).split("/");
  const [unit, per] = unitTime === undefined ? takeWord(lexer).split("/") : ["packets", unitTime];
  const rate = Number(first);
  if (!Number.isFinite(rate) || per === undefined) throw unexpected(lexer, "a rate");
  const burst = lexer.accept("burst") ? { size: takeNumber(lexer), unit: takeWord(lexer) } : undefined;
  if (unit === "packets") return { rate, burst: burst?.size ?? PACKETS_BURST, per, ...inv };
  return { rate, burst: burst?.size ?? 0, per, ...inv, rate_unit: unit, burst_unit: burst?.unit ?? "bytes" };
}

/** Reads `[over] 10 mbytes [used 5 kbytes]`. */
export function parseQuota(lexer: NftTextLexer): unknown {
  const inv = takeOver(lexer);
  const val = takeNumber(lexer);
  const val_unit = takeWord(lexer);
  if (!lexer.accept("used")) return { val, val_unit, ...inv };
  const used = takeNumber(lexer);
  return { val, val_unit, used, used_unit: takeWord(lexer), ...inv };
}

/** Reads what stands behind "ct count": `[over] 20`. */
export function parseCount(lexer: NftTextLexer): unknown {
  const inv = takeOver(lexer);
  return { val: takeNumber(lexer), ...inv };
}

function takeOver(lexer: NftTextLexer): { readonly inv?: true } {
  if (lexer.accept("over")) return { inv: true };
  lexer.accept("until");
  return {};
}

/** Reads what stands behind "last": when the rule was last met. */
export function parseLast(lexer: NftTextLexer): unknown {
  if (!lexer.accept("used")) return null;
  return { used: takeWord(lexer) };
}

const DURATION = /(\d+)(w|d|h|ms|m|s)/g;
const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ["w", 604_800],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
  ["ms", 0.001],
]);

/** Takes a time like 1d2h3m4s, in whole seconds as JSON has it. */
export function takeSeconds(lexer: NftTextLexer): number {
  const word = takeWord(lexer);
  if (/^\d+$/.test(word)) return Number(word);
  let seconds = 0;
  for (const [, count, unit] of word.matchAll(DURATION)) seconds += Number(count) * (UNIT_SECONDS.get(unit ?? "") ?? 0);
  return Math.floor(seconds);
}
