// Sentences of a report as lines that fit, with what goes on indented.
import { wrapWords } from "../wrap-words.js";

/** Beyond this, lines are hard to read, however wide the terminal is. */
const COLUMNS_MAX = 100;

/** What stands before a text's first line, and before those that follow. */
export interface Indent {
  readonly first: string;
  readonly others: string;
}

const HANGING: Indent = { first: "", others: "  " };

/**
 * The text as lines.
 * @param columns Characters of a line; undefined for no limit
 */
export function folded(text: string, columns: number | undefined, indent: Indent = HANGING): readonly string[] {
  if (columns === undefined) return [`${indent.first}${text}`];
  const widest = Math.max(indent.first.length, indent.others.length);
  const lines = wrapWords(text, Math.max(1, Math.min(columns, COLUMNS_MAX) - widest));
  return lines.map((line, at) => `${at === 0 ? indent.first : indent.others}${line}`);
}
