// The objects of a JSON text, one after the other, whatever stands between them: masscan's JSON has had commas too many and
// ends too few, and is too large to be taken as a whole.
import { InputError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { DEPTH_MAX, TEXT_MAX } from "./read-limits.js";

/** The text of one object, not parsed yet. */
export interface JsonObjectText {
  readonly text: string;
  /** Where it begins; 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

/** Takes pieces of the text, and gives the objects that are whole. */
export class JsonObjects {
  readonly #file: string;
  #parts: string[] = [];
  #units = 0;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #line = 1;
  #column = 0;
  #begin: { readonly line: number; readonly column: number } = { line: 1, column: 1 };
  #hasEnd = false;

  /** @param file The text's name, for errors */
  constructor(file: string) {
    this.#file = file;
  }

  /** True when an object is under way: the text was cut in it. */
  get isInside(): boolean {
    return this.#depth > 0;
  }

  /** True when the list was closed. */
  get hasEnd(): boolean {
    return this.#hasEnd;
  }

  /**
   * The objects that end in this piece.
   *
   * @throws InputError for what is neither an object nor between two of them, or passes a limit
   */
  *take(chunk: string): Generator<JsonObjectText, void, void> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const character = chunk.charAt(at);
      this.#count(character);
      if (this.#depth === 0) {
        if (character === "{") {
          from = at;
          this.#depth = 1;
          this.#begin = { line: this.#line, column: this.#column };
        } else this.#between(character);
      } else if (this.#isEnd(character)) {
        this.#parts.push(chunk.slice(from, at + 1));
        yield { text: this.#parts.join(""), ...this.#begin };
        this.#parts = [];
        this.#units = 0;
      }
    }
    if (this.#depth === 0) return;
    this.#parts.push(chunk.slice(from));
    this.#units += chunk.length - from;
    if (this.#units > TEXT_MAX) this.#refuse(`an object of more than ${TEXT_MAX} characters`);
  }

  #count(character: string): void {
    this.#column += 1;
    if (character !== "\n") return;
    this.#line += 1;
    this.#column = 0;
  }

  #between(character: string): void {
    if (character === "]") this.#hasEnd = true;
    else if (!/[\s,[\uFEFF]/.test(character)) this.#refuse(`${quote(character)} between two objects`);
  }

  /** True when the character ends the outermost object. */
  #isEnd(character: string): boolean {
    if (this.#isText) {
      const isEscaped = this.#isEscaped;
      this.#isEscaped = !isEscaped && character === "\\";
      if (!isEscaped && character === '"') this.#isText = false;
      return false;
    }
    if (character === '"') this.#isText = true;
    else if (character === "{" || character === "[") this.#deepen();
    else if (character === "}" || character === "]") this.#depth -= 1;
    return this.#depth === 0;
  }

  #deepen(): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) this.#refuse(`nested deeper than ${DEPTH_MAX}`);
  }

  #refuse(why: string): never {
    throw new InputError(why, { file: this.#file, line: this.#line, column: this.#column });
  }
}
