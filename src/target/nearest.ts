// The word that the user may have meant: Damerau-Levenshtein distance in its optimal string alignment form
// (Damerau 1964, Levenshtein 1966), so that two letters in the wrong order count as one slip.

const WORD_CHARACTERS_MAX = 64;

/** The candidate nearest to a word, the first of equals; `undefined` when none is near enough to be worth a mention. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word === "" || word.length > WORD_CHARACTERS_MAX) return undefined;
  let best: string | undefined;
  let bound = slipsAllowed(word.length);
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > bound) continue;
    const slips = distance(word, candidate, bound);
    if (slips > bound || slips >= Math.max(word.length, candidate.length)) continue;
    if (slips === 0) return candidate;
    best = candidate;
    bound = slips - 1;
    if (bound === 0) break;
  }
  return best;
}

/** One slip in a short word, two from six letters on, three from ten. */
function slipsAllowed(length: number): number {
  if (length < 6) return 1;
  return length < 10 ? 2 : 3;
}

/** The number of slips between two words, or `bound + 1` as soon as it is known to be more than `bound`. */
function distance(one: string, other: string, bound: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      let slips = Math.min(
        cell(previous, column) + 1,
        cell(current, column - 1) + 1,
        cell(previous, column - 1) + (isSame ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwap) slips = Math.min(slips, cell(before, column - 2) + 1);
      current.push(slips);
      least = Math.min(least, slips);
    }
    if (least > bound) return bound + 1;
    before = previous;
    previous = current;
  }
  return cell(previous, other.length);
}

function cell(row: readonly number[], at: number): number {
  return row[at] ?? Number.POSITIVE_INFINITY;
}
