// A line of iptables-save as words. xtables_save_string() puts in double quotes what is not plain, with backslashes before
// quotes and backslashes; add_param_to_argv() of iptables-restore reads it (iptables 1.8.9, libxtables/xtables.c,
// iptables/xshared.c).

/**
 * The words of a line; `undefined` when a quote is not closed.
 *
 * @param escape What takes the meaning from a quote; ipset knows no such thing
 */
export function splitWords(line: string, escape: "\\" | "" = "\\"): readonly string[] | undefined {
  if (line.includes('"')) return quotedWords(line, escape);
  return line.split(/[ \t]+/).filter((word) => word !== "");
}

function quotedWords(line: string, escape: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') {
      const end = closingQuote(line, at, escape);
      if (end < 0) return undefined;
      const inner = line.slice(at + 1, end);
      word = (word ?? "") + (escape === "" ? inner : inner.replaceAll(/\\(.)/g, "$1"));
      at = end;
    } else if (character !== " " && character !== "\t") word = (word ?? "") + character;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** The place of the quote that ends the one at `at`; -1 when there is none. */
function closingQuote(line: string, at: number, escape: string): number {
  for (let place = at + 1; place < line.length; place++) {
    const character = line.charAt(place);
    if (character === '"') return place;
    if (character === escape) place++;
  }
  return -1;
}
