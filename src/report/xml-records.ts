// Takes XML apart for readers of reports: the root's start, and each of its children as a whole, never two at a time.
// Nothing is expanded but XML's own five entities, and a document type may name the root but not declare anything.
import { SaxesParser } from "saxes";
import { InputError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { printable } from "./printable.js";
import { ATTRIBUTES_MAX, DEPTH_MAX, ELEMENT_COST, HOST_COST_MAX, TEXT_MAX } from "./read-limits.js";

/** An element with all that is in it. A processing instruction is one, too: its name begins with "?". */
export interface XmlElement {
  readonly name: string;
  /** Has no prototype: any name may be asked for. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly in it. */
  readonly text: string;
  /** Where it begins; 1-based. */
  readonly line: number;
}

/** Who takes the records. */
export interface XmlRecordTaker {
  root(attributes: Readonly<Record<string, string>>): void;
  /** A child of the root has ended, or an instruction between the children. */
  child(element: XmlElement): void;
  /** There is a character that XML forbids (§2.2), or a reference to one; they stay in the text, as `\x1b` or `&#27;`. */
  oddCharacter(): void;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** Longer chunks are handed on in pieces: a limit can only be seen between two of them. */
const PIECE = 64 * 1024;

/** The characters that XML 1.0 §2.2 forbids below U+D800. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ODD = /[\0-\x08\x0b\x0c\x0e-\x1f]/g;

/** The children of the root, as they end. */
export class XmlRecords {
  readonly #parser: SaxesParser = new SaxesParser();
  readonly #taker: XmlRecordTaker;
  readonly #rootName: string;
  readonly #file: string;
  /** The child of the root that is under way, with those in it. */
  readonly #open: OpenElement[] = [];
  #hasRoot = false;
  #isEnded = false;
  #attributeCount = 0;
  #cost = 0;
  #tokenBegin = 0;
  #tagLine = 1;

  /**
   * @param rootName The only root that is taken
   * @param file The document's name, for errors
   */
  constructor(taker: XmlRecordTaker, rootName: string, file: string) {
    this.#taker = taker;
    this.#rootName = rootName;
    this.#file = file;
    this.#listen();
  }

  /** True when the root was closed: the document is whole. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * Takes the next piece of the document.
   *
   * @throws InputError with line and column, when it is not well-formed or passes a limit
   */
  write(chunk: string): void {
    for (let at = 0; at < chunk.length; at += PIECE) {
      this.#parser.write(chunk.slice(at, at + PIECE).replace(ODD, (odd) => this.#visible(odd)));
      if (this.#parser.position - this.#tokenBegin > TEXT_MAX) {
        this.#refuse(`more than ${TEXT_MAX} characters in one piece`);
      }
    }
  }

  /** Reports of older nmaps have what services said as it came, and are read all the same. */
  #visible(odd: string): string {
    this.#taker.oddCharacter();
    return printable(odd);
  }

  #listen(): void {
    const parser = this.#parser;
    parser.on("error", ({ message }) => {
      const what = message.replace(/^\d+:\d+: /, "").replace(/\.$/, "");
      if (what === "malformed character entity") this.#taker.oddCharacter();
      else this.#refuse(`not well-formed XML: ${what}`);
    });
    parser.on("doctype", (text) => {
      this.#tokenBegin = parser.position;
      if (text.includes("[")) this.#refuse("a document type with declarations of its own: nothing of that is expanded");
    });
    parser.on("comment", () => {
      this.#tokenBegin = parser.position;
    });
    parser.on("opentagstart", () => {
      this.#tokenBegin = parser.position;
      this.#attributeCount = 0;
      this.#tagLine = parser.line;
    });
    parser.on("attribute", () => {
      this.#attributeCount += 1;
      if (this.#attributeCount > ATTRIBUTES_MAX) this.#refuse(`more than ${ATTRIBUTES_MAX} attributes`);
    });
    parser.on("opentag", ({ name, attributes }) => this.#begin(name, attributes));
    parser.on("closetag", () => this.#end());
    parser.on("text", (text) => this.#addText(text));
    parser.on("cdata", (text) => this.#addText(text));
    parser.on("processinginstruction", ({ target, body }) => {
      this.#tagLine = parser.line;
      // Those before the root are about how to show the document.
      if (!this.#hasRoot || this.#isEnded) this.#tokenBegin = parser.position;
      else {
        this.#push(`?${target}`, instructionAttributes(body));
        this.#end();
      }
    });
  }

  #begin(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#hasRoot) {
      this.#push(name, attributes);
      return;
    }
    this.#tokenBegin = this.#parser.position;
    if (name !== this.#rootName) this.#refuse(`the root is ${quote(name)} and not ${quote(this.#rootName)}`);
    this.#hasRoot = true;
    this.#taker.root(attributes);
  }

  #push(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#tokenBegin = this.#parser.position;
    if (this.#open.length >= DEPTH_MAX) this.#refuse(`elements nested deeper than ${DEPTH_MAX}`);
    let units = name.length;
    for (const key in attributes) units += key.length + (attributes[key] ?? "").length;
    this.#charge(units + ELEMENT_COST);
    this.#open.push({ name, attributes, children: [], text: "", line: this.#tagLine });
  }

  #end(): void {
    this.#tokenBegin = this.#parser.position;
    const element = this.#open.pop();
    if (element === undefined) {
      this.#isEnded = true;
      return;
    }
    const parent = this.#open.at(-1);
    if (parent !== undefined) {
      parent.children.push(element);
      return;
    }
    this.#cost = 0;
    this.#taker.child(element);
  }

  #addText(text: string): void {
    this.#tokenBegin = this.#parser.position;
    const element = this.#open.at(-1);
    if (element === undefined || /^\s*$/.test(text)) return;
    this.#charge(text.length);
    element.text += text;
  }

  #charge(cost: number): void {
    this.#cost += cost;
    if (this.#cost > HOST_COST_MAX) this.#refuse("more in one host than a report can hold");
  }

  #refuse(why: string): never {
    const { line, column } = this.#parser;
    throw new InputError(why, { file: this.#file, line, column: column + 1 });
  }
}

/** Instructions have no attributes in XML (§2.6), but ours are written as if: `name="value"` with XML's five entities. */
function instructionAttributes(body: string): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = Object.create(null);
  for (const [, name = "", value = ""] of body.matchAll(/([\w-]+)="([^"]*)"/g)) attributes[name] = unescaped(value);
  return attributes;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(value: string): string {
  return value.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? "");
}
