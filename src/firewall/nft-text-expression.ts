// Expressions of nft's text, taken apart into libnftables-json's form, which then has the one meaning. nft(8), "PRIMARY
// EXPRESSIONS", "PAYLOAD EXPRESSIONS"; written against what nft 1.0.6 lists.
import type { NftTextLexer } from "./nft-text-lexer.js";
import { parseSet } from "./nft-text-set.js";
import {
  expect,
  isPlainNumber,
  parseConstant,
  takeNumber,
  takeSetName,
  takeWord,
  unexpected,
} from "./nft-text-tokens.js";
import {
  extensionType,
  ipOptionType,
  isExtensionHeader,
  isPayloadProtocol,
  metaType,
  payloadType,
  sctpChunkType,
  tcpOptionType,
} from "./nft-types.js";
import { NotUnderstood } from "./not-understood.js";

/** Parentheses within parentheses; nft writes one. */
const DEPTH_MAX = 32;

/** Operators by how strongly they bind, the weakest first (parser_bison.y of nft). */
const OPERATORS: readonly (readonly string[])[] = [["|"], ["^"], ["&"], ["<<", ">>"]];

/** Reads an expression with all that may follow it: others beside it, a map. @throws NotUnderstood */
export function parseExpression(lexer: NftTextLexer, depth = 0): unknown {
  const key = parseConcat(lexer, depth);
  if (!lexer.accept("map")) return key;
  return { map: { key, data: parseMapData(lexer) } };
}

/** Reads `{ … }` or `@name` behind "map" and "vmap". */
export function parseMapData(lexer: NftTextLexer): unknown {
  if (lexer.is("{")) return { set: parseSet(lexer) };
  return takeSetName(lexer);
}

/**
 * Reads an expression, or several with dots between them; `begun` is one whose words are taken already.
 * @throws NotUnderstood
 */
export function parseConcat(lexer: NftTextLexer, depth = 0, begun?: unknown): unknown {
  const first = parseBinary(lexer, 0, depth, begun);
  if (!lexer.is(".")) return first;
  const parts = [first];
  while (lexer.accept(".")) parts.push(parseBinary(lexer, 0, depth));
  return { concat: parts };
}

function parseBinary(lexer: NftTextLexer, level: number, depth: number, begun?: unknown): unknown {
  const operators = OPERATORS[level];
  if (operators === undefined) return begun ?? parsePrimary(lexer, depth);
  let left = parseBinary(lexer, level + 1, depth, begun);
  while (lexer.kind === "sign" && operators.includes(lexer.value)) {
    const operator = lexer.value;
    lexer.advance();
    left = { [operator]: [left, parseBinary(lexer, level + 1, depth)] };
  }
  return left;
}

function parsePrimary(lexer: NftTextLexer, depth: number): unknown {
  if (depth > DEPTH_MAX) throw new NotUnderstood("so many brackets");
  if (lexer.accept("(")) {
    const inner = parseConcat(lexer, depth + 1);
    expect(lexer, ")");
    return inner;
  }
  if (lexer.kind !== "word") return parseConstant(lexer);
  return parseField(lexer, depth) ?? parseConstant(lexer);
}

type FieldParser = (lexer: NftTextLexer, depth: number) => unknown;

/** Words that begin an expression, behind which only such can follow. */
const FIELDS: ReadonlyMap<string, FieldParser> = new Map<string, FieldParser>([
  ["meta", (lexer) => ({ meta: { key: takeWord(lexer) } })],
  ["ct", parseCt],
  ["fib", parseFib],
  ["exthdr", (lexer) => ({ exthdr: { name: takeWord(lexer) } })],
  ["socket", parseSocket],
  ["osf", parseOsf],
  ["ipsec", parseIpsec],
  [
    "numgen",
    (lexer) => ({
      numgen: { mode: takeWord(lexer), mod: takeAfter(lexer, "mod"), offset: maybe(lexer, "offset") ?? 0 },
    }),
  ],
  ["symhash", (lexer) => ({ symhash: { mod: takeAfter(lexer, "mod"), ...named(lexer, "offset") } })],
  ["jhash", parseJhash],
]);

/** Keys of meta that nft takes, and mostly lists, without "meta". */
const BARE_META: ReadonlySet<string> = new Set(
  "iif oif iifname oifname iifgroup oifgroup iiftype oiftype mark skuid skgid nftrace rtclassid pkttype cpu cgroup".split(
    " ",
  ),
);

/** Reads a field; `undefined`, with nothing taken, when the word begins none. */
function parseField(lexer: NftTextLexer, depth: number): unknown {
  const word = lexer.value;
  if (word.startsWith("@")) return parseAt(lexer);
  if (BARE_META.has(word) && metaType(word) !== undefined) {
    lexer.advance();
    return { meta: { key: word } };
  }
  const parse = FIELDS.get(word);
  if (parse !== undefined) {
    lexer.advance();
    return parse(lexer, depth);
  }
  return word === "rt" ? parseRt(lexer) : parseHeaderField(lexer, word);
}

/** Bits at a place (@nh,96,32), or the name of a set. */
function parseAt(lexer: NftTextLexer): unknown {
  const base = takeWord(lexer).slice(1);
  if (!lexer.is(",")) return `@${base}`;
  lexer.advance();
  const offset = takeNumber(lexer);
  expect(lexer, ",");
  return { payload: { base, offset, len: takeNumber(lexer) } };
}

function parseHeaderField(lexer: NftTextLexer, protocol: string): unknown {
  if (isPayloadProtocol(protocol)) return parsePayload(lexer, protocol);
  if (!isExtensionHeader(protocol)) return undefined;
  lexer.advance();
  return extensionField(lexer, protocol);
}

/** `ip saddr`, `tcp option maxseg size`. A protocol's name alone is a constant: `ether type ip`. */
function parsePayload(lexer: NftTextLexer, protocol: string): unknown {
  const word = lexer.value;
  lexer.advance();
  if (lexer.is("option") && (protocol === "tcp" || protocol === "ip")) return parseOption(lexer, protocol);
  if (lexer.is("chunk") && protocol === "sctp") return parseChunk(lexer);
  if (lexer.kind !== "word") return word;
  const field = protocol === "arp" ? arpField(lexer) : lexer.value;
  if (payloadType(protocol, field) === undefined) return word;
  lexer.advance();
  return { payload: { protocol, field } };
}

/** `arp saddr ip` is a field of two words. */
function arpField(lexer: NftTextLexer): string {
  const word = lexer.value;
  if (word !== "saddr" && word !== "daddr") return word;
  lexer.advance();
  return `${word} ${lexer.value}`;
}

function parseOption(lexer: NftTextLexer, protocol: "tcp" | "ip"): unknown {
  lexer.advance();
  const key = `${protocol} option`;
  const name = takeWord(lexer);
  if (protocol === "tcp" && name.startsWith("@")) return rawOption(lexer, Number(name.slice(1)));
  if (isPlainNumber(name)) return { [key]: { base: Number(name), offset: 0, len: 8 } };
  const type = protocol === "tcp" ? tcpOptionType(lexer.value) : ipOptionType(lexer.value);
  if (type === undefined || lexer.kind !== "word") return { [key]: { name } };
  return { [key]: { name, field: takeWord(lexer) } };
}

function rawOption(lexer: NftTextLexer, base: number): unknown {
  expect(lexer, ",");
  const offset = takeNumber(lexer);
  expect(lexer, ",");
  return { "tcp option": { base, offset, len: takeNumber(lexer) } };
}

function parseChunk(lexer: NftTextLexer): unknown {
  lexer.advance();
  const name = takeWord(lexer);
  if (lexer.kind !== "word" || sctpChunkType(lexer.value) === undefined) return { "sctp chunk": { name } };
  return { "sctp chunk": { name, field: takeWord(lexer) } };
}

function extensionField(lexer: NftTextLexer, name: string): unknown {
  const field = lexer.value;
  if (extensionType(name, field.replace(/\[\d+\]$/, "")) === undefined) throw unexpected(lexer, `a field of ${name}`);
  return { exthdr: { name, field: takeWord(lexer) } };
}

/** `rt` is the route, and the routing header, too. */
function parseRt(lexer: NftTextLexer): unknown {
  lexer.advance();
  if (lexer.is("ip") || lexer.is("ip6")) {
    const family = takeWord(lexer);
    return { rt: { key: takeWord(lexer), family } };
  }
  if (["classid", "nexthop", "mtu", "ipsec"].includes(lexer.value)) return { rt: { key: takeWord(lexer) } };
  return extensionField(lexer, "rt");
}

function parseCt(lexer: NftTextLexer): unknown {
  const dir = lexer.is("original") || lexer.is("reply") ? { dir: takeWord(lexer) } : {};
  const family = lexer.is("ip") || lexer.is("ip6") ? `${takeWord(lexer)} ` : "";
  return { ct: { key: `${family}${takeWord(lexer)}`, ...dir } };
}

function parseFib(lexer: NftTextLexer): unknown {
  const flags = [takeWord(lexer)];
  while (lexer.accept(".")) flags.push(takeWord(lexer));
  return { fib: { result: takeWord(lexer), flags } };
}

function parseSocket(lexer: NftTextLexer): unknown {
  return { socket: { key: takeWord(lexer), ...named(lexer, "level") } };
}

function parseOsf(lexer: NftTextLexer): unknown {
  const ttl = lexer.accept("ttl") ? { ttl: takeWord(lexer) } : {};
  return { osf: { key: takeWord(lexer), ...ttl } };
}

function parseIpsec(lexer: NftTextLexer): unknown {
  const dir = takeWord(lexer);
  const spnum = maybe(lexer, "spnum") ?? 0;
  const family = lexer.is("ip") || lexer.is("ip6") ? { family: takeWord(lexer) } : {};
  return { ipsec: { key: takeWord(lexer), ...family, dir, spnum } };
}

function parseJhash(lexer: NftTextLexer, depth: number): unknown {
  const expr = parseConcat(lexer, depth + 1);
  return { jhash: { mod: takeAfter(lexer, "mod"), ...named(lexer, "seed"), ...named(lexer, "offset"), expr } };
}

function takeAfter(lexer: NftTextLexer, word: string): number {
  expect(lexer, word);
  return takeNumber(lexer);
}

/** The number behind a word, when the word is there. */
function maybe(lexer: NftTextLexer, word: string): number | undefined {
  return lexer.accept(word) ? takeNumber(lexer) : undefined;
}

function named(lexer: NftTextLexer, word: string): Readonly<Record<string, number>> {
  const value = maybe(lexer, word);
  return value === undefined ? {} : { [word]: value };
}
