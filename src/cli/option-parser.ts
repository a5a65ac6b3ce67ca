// Splits a command line by nmap's grammar: long options with = or a blank and abbreviated where that is clear, short
// ones with their value attached or not, letters bundled (-nF, -vv, -sSV), options before and after targets, -- ends them.
import { UsageError } from "../model/errors.js";
import { nearest } from "../target/nearest.js";
import { isLongName, type LaterOption, type Option, type OptionGrammar } from "./option.js";

/**
 * Applies the options among the words to the draft, in their order, and returns the words that are none.
 * @param isSettled Asked after each option: true ends the reading, as -h does.
 */
export function parseOptions<Draft>(
  grammar: OptionGrammar<Draft>,
  words: readonly string[],
  draft: Draft,
  isSettled: (draft: Draft) => boolean,
): string[] {
  const parser = new OptionParser(grammar, words, draft);
  return parser.run(isSettled);
}

class OptionParser<Draft> {
  readonly #grammar: OptionGrammar<Draft>;
  readonly #words: readonly string[];
  readonly #draft: Draft;
  readonly #byName: Map<string, Option<Draft>> = new Map();
  #at = 0;

  constructor(grammar: OptionGrammar<Draft>, words: readonly string[], draft: Draft) {
    this.#grammar = grammar;
    this.#words = words;
    this.#draft = draft;
    for (const option of grammar.options) {
      for (const name of option.names) {
        this.#byName.set(name, option);
      }
    }
  }

  run(isSettled: (draft: Draft) => boolean): string[] {
    const rest: string[] = [];
    while (this.#at < this.#words.length && !isSettled(this.#draft)) {
      const word = this.#words[this.#at] ?? "";
      this.#at += 1;
      if (word === "--") {
        return [...rest, ...this.#words.slice(this.#at)];
      }
      if (isLongName(word)) {
        this.#takeLong(word);
      } else if (word.startsWith("-") && word !== "-") {
        this.#takeShort(word);
      } else {
        rest.push(word);
      }
    }
    return rest;
  }

  #takeLong(word: string): void {
    const equals = word.indexOf("=");
    const typed = equals < 0 ? word : word.slice(0, equals);
    const value = equals < 0 ? undefined : word.slice(equals + 1);
    // getopt and nmap take max_rate for max-rate.
    const option = this.#findLong(`--${typed.slice(2).replaceAll("_", "-")}`, typed);
    if (option.value !== undefined) {
      option.apply(this.#draft, value ?? this.#nextWord(typed, option));
    } else if (value === undefined) {
      option.apply(this.#draft, "");
    } else {
      throw new UsageError(`${typed} takes no value, but it was given "${value}"`);
    }
  }

  #findLong(name: string, typed: string): Option<Draft> {
    const exact = this.#byName.get(name);
    if (exact !== undefined) {
      return exact;
    }
    const laterExact = this.#grammar.later.find((later) => later.name === name);
    if (laterExact !== undefined) {
      throw notYet(laterExact, typed);
    }
    // Options of later versions count too: what is an abbreviation today must not mean something else tomorrow.
    const ours = [...this.#byName.keys()].filter((known) => known.startsWith(name) && isLongName(known));
    const theirs = this.#grammar.later.filter((later) => later.name.startsWith(name));
    const [first] = ours;
    if (name === "--" || (first === undefined && theirs[0] === undefined)) {
      throw this.#unknown(typed);
    }
    const meanings = new Set<unknown>([...ours.map((known) => this.#byName.get(known)), ...theirs]);
    if (meanings.size > 1) {
      const names = [...ours, ...theirs.map((later) => later.name)];
      throw new UsageError(`${typed} is ambiguous: it may mean ${names.join(" or ")}`);
    }
    const option = first === undefined ? undefined : this.#byName.get(first);
    if (option !== undefined) {
      return option;
    }
    throw theirs[0] === undefined ? this.#unknown(typed) : notYet(theirs[0], typed);
  }

  #takeShort(word: string): void {
    const exact = this.#byName.get(word);
    if (exact !== undefined) {
      const isAlone = exact.value === undefined || exact.isAttached === true;
      exact.apply(this.#draft, isAlone ? "" : this.#nextWord(word, exact));
    } else if (this.#byName.has(`-${word}`)) {
      throw new UsageError(`unknown option ${word}; did you mean -${word}?`);
    } else if (!this.#takeAttached(word) && !this.#takeLetterGroup(word) && !this.#takeBundle(word)) {
      throw this.#notOurs(word);
    }
  }

  /** "-p22": the longest name that takes a value and begins the word. */
  #takeAttached(word: string): boolean {
    for (let end = word.length - 1; end >= 2; end -= 1) {
      const option = this.#byName.get(word.slice(0, end));
      if (option?.value !== undefined) {
        option.apply(this.#draft, word.slice(end));
        return true;
      }
    }
    return false;
  }

  /** "-sSV": each letter behind the prefix is an option of its own. */
  #takeLetterGroup(word: string): boolean {
    const prefix = this.#grammar.letterPrefixes.find((known) => word.startsWith(known));
    if (prefix === undefined) {
      return false;
    }
    if (word === prefix) {
      throw new UsageError(`${word} needs a letter that says which kind of scan`, { hint: `for example ${prefix}S` });
    }
    for (const letter of word.slice(prefix.length)) {
      const option = this.#byName.get(prefix + letter);
      if (option === undefined) {
        throw this.#notOurs(prefix + letter);
      }
      option.apply(this.#draft, "");
    }
    return true;
  }

  /** "-nF", "-vv", "-Fvp22": letters of which each but the last is an option without a value. Nothing is done by halves. */
  #takeBundle(word: string): boolean {
    const bundle: Option<Draft>[] = [];
    for (let at = 1; at < word.length; at += 1) {
      const option = this.#byName.get(`-${word.charAt(at)}`);
      if (option === undefined) {
        return false;
      }
      bundle.push(option);
      if (option.value !== undefined) {
        const attached = word.slice(at + 1);
        const value = attached === "" ? this.#nextWord(`-${word.charAt(at)}`, option) : attached;
        this.#applyAll(bundle, value);
        return true;
      }
    }
    this.#applyAll(bundle, "");
    return true;
  }

  #applyAll(bundle: readonly Option<Draft>[], lastValue: string): void {
    for (const option of bundle) {
      option.apply(this.#draft, option.value === undefined ? "" : lastValue);
    }
  }

  #nextWord(typed: string, option: Option<Draft>): string {
    const next = this.#words[this.#at];
    if (next === undefined || next === "--") {
      throw new UsageError(`${typed} needs a value: ${typed} ${option.value}`);
    }
    // "-p -100" is a range; "-p -sS" is a forgotten value.
    if (this.#byName.has(next)) {
      throw new UsageError(`${typed} needs a value (${option.value}), but the next word is the option ${next}`);
    }
    this.#at += 1;
    return next;
  }

  #notOurs(word: string): UsageError {
    const fitting = this.#grammar.later
      .filter((later) => !isLongName(later.name) && word.startsWith(later.name))
      .sort((a, b) => b.name.length - a.name.length);
    const [longest] = fitting;
    return longest === undefined ? this.#unknown(word) : notYet(longest, word);
  }

  #unknown(typed: string): UsageError {
    const names = [...this.#byName.keys()];
    const candidates = isLongName(typed) ? names.filter(isLongName) : [...names, ...names.map((name) => name.slice(1))];
    // Every option of one letter is one slip away from every other: a guess would be noise.
    const meant = typed.length < 4 ? undefined : nearest(typed, candidates);
    if (meant === undefined) {
      return new UsageError(`unknown option ${typed}`, { hint: "postern --help lists the options" });
    }
    return new UsageError(`unknown option ${typed}; did you mean ${names.includes(meant) ? meant : `-${meant}`}?`);
  }
}

function notYet(later: LaterOption, typed: string): UsageError {
  if (later.instead !== undefined) {
    return new UsageError(`${typed}: ${later.instead}`);
  }
  return new UsageError(`${typed} (${later.what}) is not in this version`);
}
