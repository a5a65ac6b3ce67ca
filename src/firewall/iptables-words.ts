// A line of iptables-save or ipset save as words. xtables_save_string() puts in double quotes what is not plain, with
// backslashes before quotes and backslashes; add_param_to_argv() of iptables-restore reads it (iptables 1.8.9,
// libxtables/xtables.c, iptables/xshared.c). ipset quotes comments, which cannot have quotes, and escapes nothing.

/** Whether a backslash takes the meaning from the character behind it. */
export type Quoting = "escaped" | "plain";

/** The words of a line; `undefined` when a quote is not closed. */
export function splitWords(line: string, quoting: Quoting = "escaped"): readonly string[] | undefined {
  if (!line.includes('"')) return line.split(/[ \t]+/).filter((word) => word !== "");
  const words: string[] = [];
  for (let at = afterBlanks(line, 0); at < line.length; ) {
    const piece = wordAt(line, at, quoting);
    if (piece === undefined) return undefined;
    words.push(piece.word);
    at = afterBlanks(line, piece.end);
  }
  return words;
}

/** The word that begins there, and the place behind it. */
function wordAt(line: string, start: number, quoting: Quoting): { word: string; end: number } | undefined {
  let word = "";
  let at = start;
  while (at < line.length && !isBlank(line, at)) {
    if (line.charAt(at) !== '"') {
      const end = plainEnd(line, at);
      word += line.slice(at, end);
      at = end;
      continue;
    }
    const end = closingQuote(line, at, quoting);
    if (end < 0) return undefined;
    const inner = line.slice(at + 1, end);
    word += quoting === "escaped" ? inner.replaceAll(/\\(.)/g, "$1") : inner;
    at = end + 1;
  }
  return { word, end: at };
}

/** The place of the next blank or quote. */
function plainEnd(line: string, at: number): number {
  let place = at;
  while (place < line.length && !isBlank(line, place) && line.charAt(place) !== '"') place++;
  return place;
}

/** The place of the quote that ends the one at `at`; -1 when there is none. */
function closingQuote(line: string, at: number, quoting: Quoting): number {
  if (quoting === "plain") return line.indexOf('"', at + 1);
  for (let place = at + 1; place < line.length; place++) {
    const character = line.charAt(place);
    if (character === '"') return place;
    if (character === "\\") place++;
  }
  return -1;
}

function isBlank(line: string, at: number): boolean {
  const character = line.charAt(at);
  return character === " " || character === "\t";
}

function afterBlanks(line: string, at: number): number {
  let place = at;
  while (place < line.length && isBlank(line, place)) place++;
  return place;
}
