// Words of nft's text. Listings put blanks around whatever is not one value, so a value is one word: 10.0.0.0/8, 80-90,
// [fe80::1]:80, 59m59s992ms. nft(8), "INPUT FILE FORMATS", "LEXICAL CONVENTIONS".

/** What a token is; "sign" for brackets, commas and operators. */
export type TokenKind = "word" | "string" | "sign" | "newline" | "end";

const BLANK = 1;
const SIGN = 2;

/** What ends a word, by its character's code. */
const ENDS = new Uint8Array(128);
for (const character of " \t\r\n") ENDS[character.charCodeAt(0)] = BLANK;
for (const character of '{}(),;"#&|^<>=!') ENDS[character.charCodeAt(0)] = SIGN;

const NEWLINE = 10;
const QUOTE = 0x22;
const HASH = 0x23;
const BACKSLASH = 0x5c;
const TWO_SIGNS: readonly string[] = ["==", "!=", "<=", ">=", "<<", ">>"];

/** Signs of one character, by its code: no new text for each comma of a large set. */
const SIGNS: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
/** What can begin a sign of two characters. */
const MAY_BE_TWO: ReadonlySet<number> = new Set([..."=!<>"].map((character) => character.charCodeAt(0)));

function signAt(text: string, at: number, code: number): string {
  const one = SIGNS[code] ?? "";
  if (!MAY_BE_TWO.has(code)) return one;
  const two = text.slice(at, at + 2);
  return TWO_SIGNS.includes(two) ? two : one;
}

/** Goes through a text token by token; the current one is in its fields. */
export class NftTextLexer {
  readonly text: string;
  kind: TokenKind = "newline";
  /** The token's characters, of a string those between its quotes. */
  value = "";
  /** Where the token begins, and where the one before it ended. */
  start = 0;
  previousEnd = 0;
  /** Its line, from 1 on. */
  line = 1;
  /** Braces that are open before it. */
  depth = 0;
  /** Within more braces than these, the end of a line means nothing. */
  lineDepth = 0;
  /** The comment that stands before the token on its line, without the #. */
  comment = "";
  #at = 0;

  constructor(text: string) {
    this.text = text;
    this.advance();
  }

  /** True when the current token is this word or sign; strings in quotes never are. */
  is(value: string): boolean {
    return this.value === value && (this.kind === "word" || this.kind === "sign");
  }

  /** Goes to the next token. */
  advance(): void {
    if (this.kind === "sign") this.#countBrace();
    if (this.kind === "newline") this.comment = "";
    this.previousEnd = this.#at;
    this.#skipBlanks();
    this.#take();
  }

  /** Goes on behind the current token when it is this word or sign. */
  accept(value: string): boolean {
    if (!this.is(value)) return false;
    this.advance();
    return true;
  }

  /** Leaves of the current word only what is behind its first `count` characters. */
  dropCharacters(count: number): void {
    this.value = this.value.slice(count);
    this.start += count;
  }

  #countBrace(): void {
    if (this.value === "{") this.depth++;
    else if (this.value === "}") this.depth--;
  }

  #skipBlanks(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === NEWLINE) {
        if (this.depth <= this.lineDepth) return;
        this.line++;
        this.#at++;
      } else if (code === BACKSLASH && text.charCodeAt(this.#at + 1) === NEWLINE) {
        this.line++;
        this.#at += 2;
      } else if (code === HASH) {
        this.#skipComment();
      } else if (ENDS[code] === BLANK) {
        this.#at++;
      } else {
        return;
      }
    }
  }

  #skipComment(): void {
    const end = this.text.indexOf("\n", this.#at);
    const stop = end < 0 ? this.text.length : end;
    this.comment = this.text.slice(this.#at + 1, stop);
    this.#at = stop;
  }

  #take(): void {
    const { text } = this;
    this.start = this.#at;
    const code = text.charCodeAt(this.#at);
    if (Number.isNaN(code)) {
      this.#set("end", "", this.#at);
    } else if (code === NEWLINE) {
      this.line++;
      this.#set("newline", "\n", this.#at + 1);
    } else if (code === QUOTE) {
      this.#takeString();
    } else if (ENDS[code] === SIGN) {
      const sign = signAt(text, this.#at, code);
      this.#set("sign", sign, this.#at + sign.length);
    } else {
      this.#takeWord();
    }
  }

  #takeWord(): void {
    const { text } = this;
    let end = this.#at + 1;
    while (end < text.length) {
      const code = text.charCodeAt(end);
      if (code < 128 && ENDS[code] !== 0) break;
      end++;
    }
    this.#set("word", text.slice(this.#at, end), end);
  }

  /** nft knows no escapes in strings. One without an end is the last token. */
  #takeString(): void {
    const { text } = this;
    const end = text.indexOf('"', this.#at + 1);
    const stop = end < 0 ? text.length : end;
    const value = text.slice(this.#at + 1, stop);
    for (let at = value.indexOf("\n"); at >= 0; at = value.indexOf("\n", at + 1)) this.line++;
    if (end < 0) this.#set("end", "", text.length);
    else this.#set("string", value, stop + 1);
  }

  #set(kind: TokenKind, value: string, end: number): void {
    this.kind = kind;
    this.value = value;
    this.#at = end;
  }
}
