// Markup that cannot be written without being escaped: a tagged template in which everything but markup is text.
// HTML Living Standard §13.1.2 (quoted attribute values) and §13.1.4 (character references).
import { printable } from "./printable.js";

/** A piece of a page that may stand there as it is. Only {@link markup} makes it. */
export class Markup {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Fixed text of ours around values: see {@link markup}. */
  static of(pieces: readonly string[], values: readonly MarkupValue[]): Markup {
    let text = pieces[0] ?? "";
    for (const [index, value] of values.entries()) text += written(value) + (pieces[index + 1] ?? "");
    return new Markup(text);
  }
}

/** What may stand in a template. `undefined` stands for nothing. */
export type MarkupValue = string | number | undefined | Markup | readonly Markup[];

/**
 * Writes a piece of a page: `` markup`<td title="${name}">${name}</td>` ``. Strings are escaped for text and for quoted
 * attributes alike, and what would steer, hide or turn text becomes visible ({@link printable}).
 */
export function markup(pieces: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return Markup.of(pieces, values);
}

/** Nothing. */
export const NOTHING: Markup = markup``;

/** Text from outside in the middle of a line: letters that run from right to left must not move what stands beside it. */
export function isolated(text: string): Markup {
  return markup`<bdi>${text}</bdi>`;
}

/** The pieces with something between them: ", ". */
export function joined(pieces: readonly Markup[], between: string): Markup {
  return markup`${pieces.map((piece, index) => (index === 0 ? piece : markup`${between}${piece}`))}`;
}

const TAB: Markup = Markup.of(["\t"], []);
const LINE_END: Markup = Markup.of(["\n"], []);

/** Text of several lines for `<pre>`: line ends and tabs stay, every other control character becomes visible. */
export function preformatted(text: string): Markup {
  const parts = text.split(/(\r?\n|\t)/);
  return markup`${parts.map((part, index) => (index % 2 === 0 ? markup`${part}` : part === "\t" ? TAB : LINE_END))}`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

function written(value: MarkupValue): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  if (typeof value === "string")
    return printable(value).replace(/[&<>"']/g, (character) => ESCAPES.get(character) ?? "");
  if (value instanceof Markup) return value.text;
  return value.map(({ text }) => text).join("");
}
