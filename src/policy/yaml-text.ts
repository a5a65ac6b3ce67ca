// YAML as a settings file may use it: a tree of mappings, lists and single values, each with its place. What makes YAML
// dangerous or surprising is refused: anchors and aliases, tags, directives, several documents, odd keys, endless nesting.
// YAML 1.2.2, core schema (§10.3).
import { Composer, type Document, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, Parser } from "yaml";
import { InputError, type InputPlace } from "../model/errors.js";
import { quote } from "../target/fault.js";

/** Levels of mappings and lists. The library that reads them dies of some ten thousand, and not by an exception. */
const DEPTH_MAX = 32;
/** The parser has some levels of its own for each document. */
const PARSER_DEPTH_MAX = DEPTH_MAX + 4;

/** Where something stands: the keys and numbers that lead to it. */
export type YamlPath = readonly PropertyKey[];

/** A text that was read. */
export interface YamlText {
  /** Plain data; undefined for a text with nothing in it. */
  readonly value: unknown;
  /** Where a value stands; the place of what is around it, if it is not there. */
  placeOf(path: YamlPath): InputPlace;
  /** Where the key of a value stands. */
  keyPlaceOf(path: YamlPath): InputPlace;
  /** True where a list stands. */
  isList(path: YamlPath): boolean;
}

/**
 * Reads the text.
 *
 * @throws InputError with line and column
 */
export function readYaml(text: string, file: string): YamlText {
  const reader = new YamlReader(text, file);
  return reader.read();
}

class YamlReader {
  readonly #text: string;
  readonly #file: string;
  readonly #lines: LineCounter = new LineCounter();
  /** By path as JSON: offsets of values, and of keys. */
  readonly #values: Map<string, number> = new Map();
  readonly #keys: Map<string, number> = new Map();
  readonly #lists: Set<string> = new Set();

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): YamlText {
    const document = this.#compose();
    const root = document?.contents ?? undefined;
    return {
      value: root === undefined ? undefined : this.#valueOf(root, []),
      placeOf: (path) => this.#placeAt(this.#nearest(path)),
      isList: (path) => this.#lists.has(JSON.stringify(path)),
      keyPlaceOf: (path) => this.#placeAt(this.#keys.get(JSON.stringify(path)) ?? this.#nearest(path)),
    };
  }

  #compose(): Document.Parsed | undefined {
    const parser = new Parser(this.#lines.addNewLine);
    this.#lines.addNewLine(0); // as Parser.parse() does it
    const composer = new Composer({ version: "1.2", schema: "core", merge: false, uniqueKeys: false, strict: true });
    const documents: Document.Parsed[] = [];
    for (const lexeme of new Lexer().lex(this.#text)) {
      for (const token of parser.next(lexeme)) {
        if (token.type === "directive") throw this.#fault("directives (%) are not taken", token.offset);
        documents.push(...composer.next(token));
      }
      if (parser.stack.length > PARSER_DEPTH_MAX) {
        throw this.#fault(`nested more than ${DEPTH_MAX} levels deep`, parser.offset);
      }
    }
    for (const token of parser.end()) documents.push(...composer.next(token));
    documents.push(...composer.end());
    const [document, second] = documents;
    const [error] = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
    if (error !== undefined) throw this.#fault(firstWords(error.message), error.pos[0]);
    if (second !== undefined) throw this.#fault("a second document begins: one was expected", second.range[0]);
    return document;
  }

  /** Only what is in the document once stands in the data once, so it can be no larger than the text. */
  #valueOf(node: Node, path: YamlPath): unknown {
    const offset = node.range?.[0] ?? 0;
    if (isAlias(node)) throw this.#fault("aliases (*) are not taken", offset);
    if ("anchor" in node && node.anchor !== undefined) throw this.#fault("anchors (&) are not taken", offset);
    if (node.tag !== undefined) throw this.#fault("tags (!) are not taken", offset);
    this.#values.set(JSON.stringify(path), offset);
    if (isScalar(node)) return node.value;
    if (isSeq<Node>(node)) this.#lists.add(JSON.stringify(path));
    if (isSeq<Node>(node)) return node.items.map((item, at) => this.#valueOf(item, [...path, at]));
    if (isMap<Node, Node | null>(node)) {
      const names = new Set<string>(); // the library looks for each key among all others, which takes minutes
      const entries = node.items.map(({ key, value }): [string, unknown] => {
        const name = this.#keyOf(key);
        if (name === "__proto__") throw this.#fault(`the key ${quote(name)} is not taken`, key.range?.[0] ?? offset);
        if (names.has(name)) throw this.#fault(`the key ${quote(name)} stands there twice`, key.range?.[0] ?? offset);
        names.add(name);
        const inner = [...path, name];
        this.#keys.set(JSON.stringify(inner), key.range?.[0] ?? offset);
        return [name, value === null ? null : this.#valueOf(value, inner)];
      });
      return Object.fromEntries(entries);
    }
    throw this.#fault("this cannot be read", offset);
  }

  #keyOf(key: Node): string {
    const offset = key.range?.[0] ?? 0;
    if (!isScalar(key) || typeof key.value !== "string") throw this.#fault("a key must be a word", offset);
    if (key.anchor !== undefined || key.tag !== undefined) {
      throw this.#fault(`the key ${quote(key.value)} may have no anchor and no tag`, offset);
    }
    return key.value;
  }

  #nearest(path: YamlPath): number {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#values.get(JSON.stringify(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return 0;
  }

  #placeAt(offset: number): InputPlace {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  #fault(message: string, offset: number): InputError {
    return new InputError(message, this.#placeAt(offset));
  }
}

/** What the library says, without the place and the excerpt, which errors of ours have themselves. */
function firstWords(message: string): string {
  const [line = ""] = message.split("\n");
  const words = line.replace(/ at line \d+, column \d+:?$/, "").replace(/:$/, "");
  return words.charAt(0).toLowerCase() + words.slice(1);
}
