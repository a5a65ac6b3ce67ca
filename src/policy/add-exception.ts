// Adds an exception to the text of a policy. Lines are put in where they belong, and everything else stays as it is, byte by byte;
// where the text has a form in which that cannot be done, the library writes it anew, with its comments.
import { isMap, isSeq, parseDocument, type YAMLSeq } from "yaml";
import { InternalError } from "../model/errors.js";
import { yamlQuoted } from "./yaml-quoted.js";
import { readYaml } from "./yaml-text.js";

/** An exception as it is written. */
export interface ExceptionText {
  readonly finding: string;
  readonly reason: string;
  readonly until: string | undefined;
}

const KEY = "accepted";
/** What YAML reads as these very words, whatever stands around them. */
const PLAIN = /^[A-Za-z][A-Za-z0-9 ,.()/@_-]*$/;
const NO_WORDS = /^(?:true|false|null)$/i;

/** The text with one more exception; the text must be one that can be read. */
export function addException(text: string, exception: ExceptionText): string {
  const before = acceptedIn(text);
  for (const changed of [withLines(text, exception), rewritten(text, exception)]) {
    if (changed !== undefined && isOneMore(changed, before, exception)) return changed;
  }
  throw new InternalError("an exception could not be put into the policy");
}

interface Parts {
  readonly accepted: readonly unknown[];
  /** Everything else, as JSON. */
  readonly others: string;
}

function acceptedIn(text: string): Parts {
  const { value } = readYaml(text, KEY);
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const accepted: unknown = entries.find(([key]) => key === KEY)?.[1];
  return {
    accepted: Array.isArray(accepted) ? accepted : [],
    others: JSON.stringify(entries.filter(([key]) => key !== KEY)),
  };
}

function isOneMore(changed: string, before: Parts, exception: ExceptionText): boolean {
  const { accepted, others } = acceptedIn(changed);
  const expected = [...before.accepted, plainOf(exception)];
  return others === before.others && JSON.stringify(accepted) === JSON.stringify(expected);
}

function plainOf({ finding, reason, until }: ExceptionText): Readonly<Record<string, string>> {
  return until === undefined ? { finding, reason } : { finding, reason, until };
}

/** Undefined where the text has no place for lines of their own. */
function withLines(text: string, exception: ExceptionText): string | undefined {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  if (/^\.\.\.(?:\s|$)/m.test(text)) return undefined; // the end of a document, behind which nothing may stand
  const root = parseDocument(text).contents;
  if (root === null) return appended(text, exception, end);
  if (!isMap(root) || root.flow === true) return undefined;
  const accepted = root.get(KEY, true);
  if (accepted === undefined) return appended(text, exception, end);
  if (!isSeq(accepted)) return undefined;
  if (accepted.flow !== true) return added(text, accepted, exception, end);
  return accepted.items.length > 0 ? undefined : filled(text, accepted.range, exception, end);
}

/** Behind the last entry of a list that has a line for each. */
function added(text: string, list: YAMLSeq, exception: ExceptionText, end: string): string | undefined {
  const last = list.items.at(-1);
  const range = isMap(last) ? last.range : undefined;
  if (range === undefined || range === null) return undefined;
  const at = lineEnd(text, range[1]);
  const column = columnOf(text, list.range?.[0] ?? 0);
  const isCut = at === text.length && !text.endsWith("\n");
  const lines = linesOf(exception, " ".repeat(column), end);
  return `${text.slice(0, at)}${isCut ? end : ""}${lines}${text.slice(at)}`;
}

/** An empty list in brackets makes room; what stands behind it on its line stays there. */
function filled(
  text: string,
  range: readonly number[] | null | undefined,
  exception: ExceptionText,
  end: string,
): string | undefined {
  const [from, to] = range ?? [];
  if (from === undefined || to === undefined) return undefined;
  const at = lineEnd(text, to);
  const isCut = at === text.length && !text.endsWith("\n");
  const rest = `${text.slice(to, at)}${isCut ? end : ""}`;
  return `${text.slice(0, from).trimEnd()}${rest}${linesOf(exception, "  ", end)}${text.slice(at)}`;
}

function appended(text: string, exception: ExceptionText, end: string): string {
  const body = text.trimEnd();
  const before = body.trim() === "" ? "" : `${body}${end}${end}`;
  return `${before}${KEY}:${end}${linesOf(exception, "  ", end)}`;
}

/** Where the line ends that a value ends on; a block of text ends behind its line already. */
function lineEnd(text: string, valueEnd: number): number {
  if (text[valueEnd - 1] === "\n") return valueEnd;
  const found = text.indexOf("\n", valueEnd);
  return found < 0 ? text.length : found + 1;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

function linesOf(exception: ExceptionText, indent: string, end: string): string {
  const lines = Object.entries(plainOf(exception)).map(([key, value]) => `${key}: ${scalar(value)}`);
  return lines.map((line, at) => `${indent}${at === 0 ? "- " : "  "}${line}${end}`).join("");
}

function scalar(value: string): string {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(value);
  if (isDate || (PLAIN.test(value) && !NO_WORDS.test(value) && value.trim() === value)) return value;
  return yamlQuoted(value);
}

function rewritten(text: string, exception: ExceptionText): string {
  const document = parseDocument(text, { version: "1.2", schema: "core" });
  const accepted = document.get(KEY, true);
  const entry = document.createNode(plainOf(exception));
  if (isSeq(accepted)) {
    accepted.flow = false;
    accepted.add(entry);
  } else {
    document.set(KEY, document.createNode([entry]));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
