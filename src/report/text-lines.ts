// Lines of a text that comes in pieces of any size, for readers of reports.
import { InputError } from "../model/errors.js";
import { TEXT_MAX } from "./read-limits.js";

/** One line without what ends it. */
export interface TextLine {
  readonly text: string;
  /** 1-based. */
  readonly number: number;
  /** False for the last line of a text that does not end in a line feed. */
  readonly isEnded: boolean;
}

/**
 * The lines one after the other; a line may end in LF or CR LF.
 *
 * @param file The text's name, for errors
 * @throws InputError for a line that is longer than any report has
 */
export async function* linesOf(chunks: AsyncIterable<string>, file: string): AsyncGenerator<TextLine, void, void> {
  let parts: string[] = [];
  let units = 0;
  let number = 1;
  for await (const chunk of chunks) {
    let begin = 0;
    for (let feed = chunk.indexOf("\n"); feed >= 0; feed = chunk.indexOf("\n", begin)) {
      parts.push(chunk.slice(begin, feed));
      yield { text: withoutReturn(parts.join("")), number, isEnded: true };
      parts = [];
      units = 0;
      number += 1;
      begin = feed + 1;
    }
    parts.push(chunk.slice(begin));
    units += chunk.length - begin;
    if (units > TEXT_MAX) throw new InputError(`a line of more than ${TEXT_MAX} characters`, { file, line: number });
  }
  const rest = parts.join("");
  if (rest !== "") yield { text: rest, number, isEnded: false };
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}
