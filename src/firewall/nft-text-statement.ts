// Statements of nft's text, taken apart into libnftables-json's form, which then has the one meaning. nft(8), "STATEMENTS";
// written against what nft 1.0.6 lists, with -n, -s and -S, too.
import { parseConcat, parseExpression, parseMapData } from "./nft-text-expression.js";
import type { NftTextLexer } from "./nft-text-lexer.js";
import { parseNat } from "./nft-text-nat.js";
import { parseSet, parseVerdict, takeWords } from "./nft-text-set.js";
import { parseCount, parseCounter, parseLast, parseLimit, parseQuota, takeSeconds } from "./nft-text-stateful.js";
import { expect, parseConstant, takeNumber, takeSetName, takeString, takeWord, unexpected } from "./nft-text-tokens.js";

/** Braces within braces: a table, a chain, a change of a set, and some more. */
const DEPTH_MAX = 16;

/** True where a rule ends. */
export function isRuleEnd(lexer: NftTextLexer): boolean {
  return lexer.kind === "newline" || lexer.kind === "end" || lexer.is(";") || lexer.is("}");
}

/** Reads one statement. @throws NotUnderstood */
export function parseStatement(lexer: NftTextLexer): unknown {
  if (lexer.kind === "word") {
    const verdict = parseVerdict(lexer);
    if (verdict !== undefined) return verdict;
    const word = lexer.value;
    const parse = STATEMENTS.get(word);
    if (parse !== undefined) {
      lexer.advance();
      return parse(lexer, word);
    }
  }
  return parseCondition(lexer);
}

type StatementParser = (lexer: NftTextLexer, word: string) => unknown;

const STATEMENTS: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ["counter", (lexer) => ({ counter: parseNamed(lexer) ?? parseCounter(lexer) })],
  ["limit", (lexer) => ({ limit: parseNamed(lexer) ?? parseLimit(lexer) })],
  ["quota", (lexer) => ({ quota: parseNamed(lexer) ?? parseQuota(lexer) })],
  ["synproxy", (lexer) => ({ synproxy: parseNamed(lexer) ?? parseSynproxy(lexer) })],
  ["last", (lexer) => ({ last: parseLast(lexer) })],
  ["ct", parseCtStatement],
  ["meta", parseMetaStatement],
  ["log", parseLog],
  ["reject", parseReject],
  ["dnat", parseNat],
  ["snat", parseNat],
  ["masquerade", parseNat],
  ["redirect", parseNat],
  ["tproxy", parseNat],
  ["notrack", () => ({ notrack: null })],
  ["queue", parseQueue],
  ["add", parseUpdate],
  ["update", parseUpdate],
  ["delete", parseUpdate],
  ["meter", parseMeter],
  ["flow", parseFlow],
  ["fwd", parseSend],
  ["dup", parseSend],
  ["reset", (lexer) => ({ reset: parseExpression(lexer) })],
  ["xt", (lexer) => ({ xt: { type: takeWord(lexer), name: takeString(lexer) } })],
]);

/** A condition, a change, or the verdict of a map. */
function parseCondition(lexer: NftTextLexer): unknown {
  return parseBehind(lexer, parseConcat(lexer));
}

function parseBehind(lexer: NftTextLexer, left: unknown): unknown {
  if (typeof left !== "object") throw unexpected(lexer, "a statement");
  if (lexer.accept("vmap")) return { vmap: { key: left, data: parseMapData(lexer) } };
  if (lexer.accept("set")) return { mangle: { key: left, value: parseSetValue(lexer) } };
  return parseMatch(lexer, left);
}

/** A new value: an expression, or flags with commas between them. */
function parseSetValue(lexer: NftTextLexer): unknown {
  const value = parseExpression(lexer);
  if (!lexer.is(",")) return value;
  const list = [value];
  while (lexer.accept(",")) list.push(parseConstant(lexer));
  return list;
}

const COMPARISONS: readonly string[] = ["==", "!=", "<", "<=", ">", ">=", "!"];

function parseMatch(lexer: NftTextLexer, left: unknown): unknown {
  const operator = lexer.kind === "sign" && COMPARISONS.includes(lexer.value) ? takeSign(lexer) : undefined;
  const right = parseRight(lexer);
  // tcp flags syn / syn,ack: the value under a mask.
  if (lexer.accept("/")) {
    const masked = { "&": [left, parseList(lexer)] };
    return { match: { op: operator ?? "==", left: masked, right } };
  }
  return { match: { op: operator ?? implied(left, right), left, right } };
}

function takeSign(lexer: NftTextLexer): string {
  const { value } = lexer;
  lexer.advance();
  return value;
}

/** Fields of flags: a value alone behind them asks whether one of its bits is set. */
const FLAG_KEYS: readonly string[] = ["state", "status", "label", "event"];

/** What no operator means: for flags that one of them is there, for all else that it is the same. */
function implied(left: unknown, right: unknown): "in" | "==" {
  return isFlagField(left) && !isSet(right) ? "in" : "==";
}

function isSet(right: unknown): boolean {
  return (typeof right === "object" && right !== null && "set" in right) || String(right).startsWith("@");
}

function isFlagField(left: unknown): boolean {
  if (typeof left !== "object" || left === null) return false;
  if ("ct" in left) return FLAG_KEYS.includes(keyOf(left.ct, "key"));
  return (
    "payload" in left && FLAG_FIELDS.includes(`${keyOf(left.payload, "protocol")} ${keyOf(left.payload, "field")}`)
  );
}

const FLAG_FIELDS: readonly string[] = ["tcp flags", "comp flags"];

function keyOf(body: unknown, key: string): string {
  const value = typeof body === "object" && body !== null ? Reflect.get(body, key) : undefined;
  return typeof value === "string" ? value : "";
}

/** What a field is compared with. */
function parseRight(lexer: NftTextLexer): unknown {
  if (lexer.is("{")) return { set: parseSet(lexer) };
  if (lexer.is("(")) return parseConcat(lexer);
  if (lexer.kind === "word" && lexer.value.startsWith("@")) return takeSetName(lexer);
  const first = parseList(lexer);
  if (!lexer.is(".")) return first;
  const parts = [first];
  while (lexer.accept(".")) parts.push(parseConstant(lexer));
  return { concat: parts };
}

/** One value; several with commas; or flags joined by "|". */
function parseList(lexer: NftTextLexer): unknown {
  const first = parseConstant(lexer);
  if (lexer.is("|")) return parseJoined(lexer, first);
  if (!lexer.is(",")) return first;
  const list = [first];
  while (lexer.accept(",")) list.push(parseConstant(lexer));
  return list;
}

function parseJoined(lexer: NftTextLexer, first: unknown): unknown {
  let value = first;
  while (lexer.accept("|")) value = { "|": [value, parseConstant(lexer)] };
  return value;
}

/** `name "x"`, or a map that gives the name; `undefined` when there is neither. */
function parseNamed(lexer: NftTextLexer): unknown {
  if (!lexer.accept("name")) return undefined;
  return lexer.kind === "string" ? takeString(lexer) : parseExpression(lexer);
}

const CT_OBJECTS: ReadonlySet<string> = new Set(["helper", "timeout", "expectation"]);

function parseCtStatement(lexer: NftTextLexer): unknown {
  if (lexer.accept("count")) return { "ct count": parseCount(lexer) };
  const dir = lexer.is("original") || lexer.is("reply") ? { dir: takeWord(lexer) } : {};
  const family = lexer.is("ip") || lexer.is("ip6") ? `${takeWord(lexer)} ` : "";
  const key = takeWord(lexer);
  if (CT_OBJECTS.has(key) && lexer.accept("set")) return { [`ct ${key}`]: parseObject(lexer) };
  return parseBehind(lexer, parseRest(lexer, { ct: { key: `${family}${key}`, ...dir } }));
}

function parseMetaStatement(lexer: NftTextLexer): unknown {
  const key = takeWord(lexer);
  if (key === "secmark" && lexer.accept("set")) {
    return lexer.kind === "string"
      ? { secmark: takeString(lexer) }
      : { mangle: { key: { meta: { key } }, value: parseExpression(lexer) } };
  }
  return parseBehind(lexer, parseRest(lexer, { meta: { key } }));
}

/** What follows a field whose words are taken already: operators, further fields. */
function parseRest(lexer: NftTextLexer, first: unknown): unknown {
  return parseConcat(lexer, 0, first);
}

function parseObject(lexer: NftTextLexer): unknown {
  return lexer.kind === "string" ? takeString(lexer) : parseExpression(lexer);
}

function parseLog(lexer: NftTextLexer): unknown {
  const facts: Record<string, unknown> = {};
  for (;;) {
    if (lexer.accept("prefix")) facts.prefix = takeString(lexer);
    else if (lexer.accept("level")) facts.level = takeWord(lexer);
    else if (lexer.is("group") || lexer.is("snaplen") || lexer.is("queue-threshold")) {
      const key = takeWord(lexer);
      facts[key] = takeNumber(lexer);
    } else if (lexer.accept("flags")) addLogFlags(lexer, facts);
    else break;
  }
  return { log: Object.keys(facts).length === 0 ? null : facts };
}

function addLogFlags(lexer: NftTextLexer, facts: Record<string, unknown>): void {
  const group = lexer.is("tcp") || lexer.is("ip") ? `${takeWord(lexer)} ` : "";
  const flags = takeWords(lexer).map((flag) => `${group}${flag}`);
  const before = Array.isArray(facts.flags) ? facts.flags : [];
  facts.flags = [...before, ...flags];
}

function parseReject(lexer: NftTextLexer): unknown {
  if (!lexer.accept("with")) return { reject: null };
  const type = takeWord(lexer);
  if (type === "tcp") {
    expect(lexer, "reset");
    return { reject: { type: "tcp reset" } };
  }
  lexer.accept("type");
  return { reject: { type, expr: parseConstant(lexer) } };
}

function parseSynproxy(lexer: NftTextLexer): unknown {
  const facts: Record<string, unknown> = {};
  const flags: string[] = [];
  for (;;) {
    if (lexer.is("mss") || lexer.is("wscale")) {
      const key = takeWord(lexer);
      facts[key] = takeNumber(lexer);
    } else if (lexer.is("timestamp") || lexer.is("sack-perm")) flags.push(takeWord(lexer));
    else break;
  }
  if (flags.length > 0) facts.flags = flags;
  return facts;
}

function parseQueue(lexer: NftTextLexer): unknown {
  const flags = lexer.accept("flags") ? { flags: takeWords(lexer) } : {};
  if (!lexer.accept("to") && !lexer.accept("num")) return { queue: flags };
  const num = parseExpression(lexer);
  const late = lexer.is("bypass") || lexer.is("fanout") ? { flags: takeWords(lexer) } : {};
  return { queue: { num, ...flags, ...late } };
}

function parseUpdate(lexer: NftTextLexer, op: string): unknown {
  const set = takeSetName(lexer);
  const { key, stmt } = parseBraced(lexer);
  if (lexer.accept(":")) {
    const data = parseExpression(lexer);
    expect(lexer, "}");
    return { map: { op, elem: key, data, map: set, ...stmt } };
  }
  expect(lexer, "}");
  return { set: { op, elem: key, set, ...stmt } };
}

function parseMeter(lexer: NftTextLexer): unknown {
  const name = takeString(lexer);
  const size = lexer.accept("size") ? { size: takeNumber(lexer) } : {};
  const { key, stmt } = parseBraced(lexer);
  expect(lexer, "}");
  return { meter: { key, ...stmt, ...size, name } };
}

/** `{ key timeout 1m statement`, up to what ends it. */
function parseBraced(lexer: NftTextLexer): { readonly key: unknown; readonly stmt: { readonly stmt?: unknown[] } } {
  if (lexer.depth > DEPTH_MAX) throw unexpected(lexer, "so many braces");
  expect(lexer, "{");
  const value = parseConcat(lexer);
  const timeout = lexer.accept("timeout") ? { timeout: takeSeconds(lexer) } : {};
  const expires = lexer.accept("expires") ? { expires: takeSeconds(lexer) } : {};
  const hasFacts = "timeout" in timeout || "expires" in expires;
  const key = hasFacts ? { elem: { val: value, ...timeout, ...expires } } : value;
  const statements: unknown[] = [];
  while (!lexer.is("}") && !lexer.is(":")) statements.push(parseStatement(lexer));
  return { key, stmt: statements.length === 0 ? {} : { stmt: statements } };
}

function parseFlow(lexer: NftTextLexer): unknown {
  lexer.accept("offload");
  lexer.accept("add");
  return { flow: { op: "add", flowtable: takeSetName(lexer) } };
}

function parseSend(lexer: NftTextLexer, word: string): unknown {
  const family = lexer.is("ip") || lexer.is("ip6") ? { family: takeWord(lexer) } : {};
  expect(lexer, "to");
  const first = parseExpression(lexer);
  const device = lexer.accept("device") ? { dev: parseExpression(lexer) } : {};
  const isDevice = word === "fwd" && !("family" in family) && !("dev" in device);
  return { [word]: isDevice ? { dev: first } : { ...family, addr: first, ...device } };
}
