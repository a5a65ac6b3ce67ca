// JSON that anybody may have written, taken apart without trust: how deep it may be, what is an object, who has which key.
// V8's parser does not recurse, but what walks over its result does: hence a bound before anything is parsed.
import { InputError } from "../model/errors.js";

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Brackets within brackets that are read; nft's deepest are chains of "|", two for each flag. */
const DEPTH_MAX = 256;

/** True for an object that is no array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The only key of an object and its value; `undefined` for everything else. */
export function onlyEntry(value: unknown): readonly [key: string, body: unknown] | undefined {
  if (!isJsonObject(value)) return undefined;
  let only: string | undefined;
  // What was parsed inherits no keys, and a list of them for each of a hundred thousand elements would take its time.
  for (const key in value) {
    if (only !== undefined) return undefined;
    only = key;
  }
  return only === undefined ? undefined : [only, value[only]];
}

/** A text under a key; `undefined` when there is none. */
export function textAt(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === "string" ? value : undefined;
}

/** A number under a key; `undefined` when there is none. */
export function numberAt(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A value as a list: a list as it is, one value alone as a list of it, nothing as an empty one. */
export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** JSON as far as it goes. */
export interface ParsedJson {
  readonly value: unknown;
  /** True when the text ends in the middle: `value` has the elements of the list inside of it that were whole. */
  readonly isCut: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the brackets of a text lead. */
interface Nesting {
  /** Where it gets too deep; -1 when it does not. */
  readonly tooDeepAt: number;
  /** Brackets that are open at the end; below 0 when more were closed. */
  readonly openCount: number;
  /** Behind the last bracket that closed an element of the outer object's list: `{"nftables": [{…}` ends there. */
  readonly wholeEnd: number;
}

/** Goes over the text once, without recursion. */
function nestingOf(text: string): Nesting {
  let depth = 0;
  let wholeEnd = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > DEPTH_MAX) return { tooDeepAt: at, openCount: depth, wholeEnd };
    } else if (code === 0x7d || code === 0x5d) {
      if (--depth === 2) wholeEnd = at + 1;
    }
  }
  return { tooDeepAt: -1, openCount: depth, wholeEnd };
}

/** The closing quote of the string that begins at `start`, or the end of the text. */
function stringEnd(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at < 0 ? text.length : at;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

/** Line and column of a place, both from 1 on. */
export function placeIn(text: string, at: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < at; end = text.indexOf("\n", end + 1)) {
    line++;
    start = end + 1;
  }
  return { line, column: at - start + 1 };
}

/**
 * Parses a listing: an object with one list in it. One that ends in the middle gives what was whole of it.
 * @throws InputError when it is no JSON, or is nested too deep
 */
export function parseListing(text: string, file: string): ParsedJson {
  const nesting = nestingOf(text);
  if (nesting.tooDeepAt >= 0) {
    throw new InputError(`more than ${DEPTH_MAX} brackets within brackets`, {
      file,
      ...placeIn(text, nesting.tooDeepAt),
    });
  }
  try {
    return { value: JSON.parse(text), isCut: false };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const rest = nesting.openCount > 0 ? parseWhole(text, nesting.wholeEnd) : undefined;
    if (rest !== undefined) return { value: rest, isCut: true };
    const place = { file, ...placeIn(text, faultAt(error, text)) };
    // biome-ignore lint/style/useErrorCause: the cause is in the third argument
    throw new InputError("this is not JSON", place, { cause: error });
  }
}

/** What comes before the cut, closed; `undefined` when that is not JSON, either. */
function parseWhole(text: string, end: number): unknown {
  if (end < 0) return undefined;
  try {
    return JSON.parse(`${text.slice(0, end)}]}`);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** V8 tells the place of most mistakes in its message; of the others, the end of the text is where it stopped. */
function faultAt(error: SyntaxError, text: string): number {
  const match = /at position (\d+)/.exec(error.message);
  return match === null ? text.length : Math.min(Number(match[1]), text.length);
}
