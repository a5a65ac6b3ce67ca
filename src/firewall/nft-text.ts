// Reads the text that `nft list ruleset` writes, also with -a, -s, -n, -y and -S: tables, chains, sets and objects, which
// are handed on in libnftables-json's form. nft(8), "TABLES", "CHAINS", "SETS", "MAPS", "STATEFUL OBJECTS".
import { InputError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { placeIn } from "./json-tree.js";
import { NftRulesetBuilder } from "./nft-ruleset.js";
import { parseChainHook } from "./nft-text-chain.js";
import { NftTextLexer } from "./nft-text-lexer.js";
import { parseNamedSet } from "./nft-text-named-set.js";
import { oneLine, parseRule } from "./nft-text-rule.js";
import { takeWords } from "./nft-text-set.js";
import { parseLimit, parseQuota } from "./nft-text-stateful.js";
import { takeString, takeWord, unexpected } from "./nft-text-tokens.js";
import { NotUnderstood } from "./not-understood.js";
import type { Origin, Ruleset } from "./ruleset.js";

/** How messages call a listing without a file. */
const UNNAMED = "nft list ruleset";

/**
 * Reads a ruleset in nft's text. What is not understood of it is told in its notes, and the rest is read.
 * @throws InputError when it is no text of nftables
 */
export function readNftText(text: string, file?: string): Ruleset {
  return new NftTextReader(text, file).read();
}

/** A table or a chain that is being read. */
interface Block {
  readonly family: string;
  readonly table: string;
}

class NftTextReader {
  readonly #lexer: NftTextLexer;
  readonly #builder: NftRulesetBuilder;
  readonly #file: string | undefined;
  /** The comment above the next table: nft warns there of iptables. */
  #warning = "";

  constructor(text: string, file: string | undefined) {
    this.#lexer = new NftTextLexer(text);
    this.#builder = new NftRulesetBuilder(file);
    this.#file = file;
  }

  read(): Ruleset {
    const lexer = this.#lexer;
    let hasTables = false;
    while (lexer.kind !== "end") {
      this.#warning = lexer.comment === "" ? this.#warning : lexer.comment;
      if (this.#skipEmpty() || this.#skipFlush()) continue;
      if (lexer.is("table")) {
        hasTables = true;
        this.#try(() => this.#readTable());
      } else if (hasTables) {
        this.#skipStatement("a table was expected");
      } else {
        throw this.#noListing();
      }
    }
    return this.#builder.finish();
  }

  #noListing(): InputError {
    const place = { file: this.#file ?? UNNAMED, ...placeIn(this.#lexer.text, this.#lexer.start) };
    return new InputError(`a table of nftables was expected, not ${quote(this.#lexer.value)}`, place);
  }

  #skipEmpty(): boolean {
    const { kind } = this.#lexer;
    if (kind !== "newline" && !this.#lexer.is(";")) return false;
    this.#lexer.advance();
    return true;
  }

  /** A file for `nft -f` may begin so; it says nothing of what the rules are. */
  #skipFlush(): boolean {
    if (!this.#lexer.accept("flush")) return false;
    while (this.#lexer.kind === "word") this.#lexer.advance();
    return true;
  }

  /** Runs a part; what is not understood of it is skipped up to the end of the line or block, and told. */
  #try(read: () => void): void {
    const { line, depth } = this.#lexer;
    try {
      read();
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      this.#builder.note("not-understood", error.message, { line });
      this.#skipTo(depth);
    }
  }

  #skipStatement(why: string): void {
    const { line, depth, value } = this.#lexer;
    this.#builder.note("not-understood", `${why}, not ${quote(value)}`, { line });
    if (this.#lexer.is("}")) this.#lexer.advance();
    this.#skipTo(depth);
  }

  /** Goes to the end of the line, behind all braces that were opened on it. */
  #skipTo(depth: number): void {
    const lexer = this.#lexer;
    while (lexer.kind !== "end" && (lexer.depth > depth || (lexer.kind !== "newline" && !lexer.is("}")))) {
      if (lexer.is("}") && lexer.depth <= depth) return;
      lexer.advance();
    }
  }

  #readTable(): void {
    const lexer = this.#lexer;
    const { line } = lexer;
    lexer.advance();
    const first = takeString(lexer);
    const isNamed = lexer.kind === "word" || lexer.kind === "string";
    const block = { family: isNamed ? first : "ip", table: isNamed ? takeString(lexer) : first };
    this.#open();
    const handle = this.#handle();
    const flags = this.#tableFlags();
    const table = { family: block.family, name: block.table, ...handle, ...flags };
    this.#builder.addTable(table, { line }, this.#origin());
    this.#inBlock(() => this.#readTablePart(block));
  }

  /** `flags dormant` is the first thing in a table. */
  #tableFlags(): { readonly flags?: readonly string[] } {
    while (this.#lexer.kind === "newline") this.#lexer.advance();
    return this.#lexer.accept("flags") ? { flags: takeWords(this.#lexer) } : {};
  }

  #origin(): Origin {
    const isWarned = /managed by iptables-nft/.test(this.#warning);
    this.#warning = "";
    return isWarned ? "iptables-nft" : "nft";
  }

  /** Goes into a block's braces: within them, lines end things. */
  #open(): void {
    if (!this.#lexer.is("{")) throw unexpected(this.#lexer, '"{"');
    this.#lexer.lineDepth = this.#lexer.depth + 1;
    this.#lexer.advance();
  }

  /** The handle of `-a`, in the comment behind what the line has. */
  #handle(): { readonly handle?: number } {
    const match = / handle (\d{1,15})\s*$/.exec(this.#lexer.comment);
    return match === null ? {} : { handle: Number(match[1]) };
  }

  /** Reads parts up to the brace that closes the block; at the end of the text says that it was cut. */
  #inBlock(readPart: () => void): void {
    const lexer = this.#lexer;
    const depth = lexer.lineDepth;
    while (!lexer.is("}")) {
      if (lexer.kind === "end") {
        this.#cut();
        return;
      }
      if (!this.#skipEmpty()) readPart();
    }
    lexer.lineDepth = depth - 1;
    lexer.advance();
  }

  #isCut = false;

  #cut(): void {
    if (!this.#isCut) this.#builder.markCut({ line: this.#lexer.line });
    this.#isCut = true;
  }

  #readTablePart(block: Block): void {
    this.#try(() => this.#readNamedPart(block));
  }

  #readNamedPart(block: Block): void {
    const lexer = this.#lexer;
    const { line } = lexer;
    const word = takeWord(lexer);
    if (word === "comment" || word === "flags") {
      this.#skipTo(lexer.depth);
      return;
    }
    const kind = word === "ct" ? `ct ${takeWord(lexer)}` : word;
    const name = takeString(lexer);
    this.#open();
    const facts = { family: block.family, table: block.table, name, ...this.#handle() };
    if (kind === "chain") this.#readChain(facts, line);
    else if (kind === "set" || kind === "map" || kind === "meter") this.#readSet(facts, kind === "map", line);
    else this.#readObject(kind, facts, line);
  }

  #readChain(facts: PartFacts, line: number): void {
    const rule = { family: facts.family, table: facts.table, chain: facts.name };
    this.#builder.addChain(facts, { line });
    this.#inBlock(() => {
      const hook = this.#chainFact();
      if (hook === undefined) this.#readRule(rule);
      else this.#builder.addChain({ ...facts, ...hook }, { line });
    });
  }

  /** `type … hook …;`, `policy …;` and what else is no rule; `undefined` for a rule. */
  #chainFact(): Readonly<Record<string, unknown>> | undefined {
    const lexer = this.#lexer;
    if (lexer.is("type")) return parseChainHook(lexer);
    if (lexer.is("comment") || lexer.is("policy") || lexer.is("flags")) {
      lexer.advance();
      takeString(lexer);
      return {};
    }
    return undefined;
  }

  #readRule(facts: { readonly family: string; readonly table: string; readonly chain: string }): void {
    const lexer = this.#lexer;
    const { line, start } = lexer;
    const { fault, ...rule } = parseRule(lexer);
    if (lexer.kind === "end") return; // cut: nobody knows how it goes on
    const text = oneLine(lexer.text.slice(start, lexer.previousEnd));
    const handle = this.#handle();
    if (fault !== undefined) this.#builder.note("not-understood", `${fault}: ${quote(text)}`, { line });
    this.#builder.addRule({ ...facts, ...rule, ...handle }, { line, text });
    if (lexer.start === start) lexer.advance();
  }

  #readSet(facts: PartFacts, isMap: boolean, line: number): void {
    const { json, fault } = parseNamedSet(this.#lexer);
    const cut = this.#lexer.kind === "end" ? "the end of the listing in the middle of it" : undefined;
    this.#builder.addSet({ ...facts, ...json }, isMap, { line }, cut ?? fault);
    this.#inBlock(() => this.#skipTo(this.#lexer.depth));
  }

  #readObject(kind: string, facts: PartFacts, line: number): void {
    const body = OBJECTS.get(kind);
    while (this.#lexer.kind === "newline") this.#lexer.advance();
    const numbers = body === undefined ? {} : body(this.#lexer);
    this.#builder.addObject(kind, { ...facts, ...(typeof numbers === "object" ? numbers : {}) });
    if (!KNOWN_OBJECTS.has(kind)) this.#builder.note("unknown-object", `${quote(kind)} is not known`, { line });
    this.#inBlock(() => this.#skipTo(this.#lexer.depth));
  }
}

/** What every part of a table has. */
type PartFacts = Readonly<Record<string, unknown>> & {
  readonly family: string;
  readonly table: string;
  readonly name: string;
};

/** Objects whose numbers rules hang on. */
const OBJECTS: ReadonlyMap<string, (lexer: NftTextLexer) => unknown> = new Map([
  ["limit", parseLimit],
  ["quota", parseQuota],
]);

const KNOWN_OBJECTS: ReadonlySet<string> = new Set([
  "limit",
  "quota",
  "counter",
  "ct helper",
  "ct timeout",
  "ct expectation",
  "synproxy",
  "secmark",
  "flowtable",
]);
