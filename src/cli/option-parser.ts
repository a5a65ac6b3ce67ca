// Splits a command line by nmap's grammar: long options with = or a blank and abbreviated where that is clear, also behind
// one dash where they are written out, short ones with their value attached or not, letters bundled (-nF, -vv, -sSV),
// options before and after targets, -- ends them.
import { UsageError } from "../model/errors.js";
import { nearest } from "../target/nearest.js";
import { allNames, isLongName, type Option, type OptionGrammar } from "./option.js";

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
      for (const name of allNames(option)) {
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
        this.#takeLong(word, false);
      } else if (word.startsWith("-") && word !== "-") {
        this.#takeShort(word);
      } else {
        rest.push(word);
      }
    }
    return rest;
  }

  /** `isExact` false: abbreviations count, too. */
  #takeLong(word: string, isExact: boolean): void {
    const equals = word.indexOf("=");
    const typed = equals < 0 ? word : word.slice(0, equals);
    const value = equals < 0 ? undefined : word.slice(equals + 1);
    const name = longName(typed);
    const option = isExact ? this.#byName.get(name) : this.#findLong(name, typed);
    if (option === undefined) {
      throw this.#unknown(typed);
    }
    this.#refuse(option, typed);
    if (option.value !== undefined && option.isAttached !== true) {
      option.apply(this.#draft, value ?? this.#nextWord(typed, option));
    } else if (value === undefined || option.value !== undefined) {
      option.apply(this.#draft, value ?? "");
    } else {
      throw new UsageError(`${typed} takes no value, but it was given "${value}"`);
    }
  }

  #findLong(name: string, typed: string): Option<Draft> {
    const exact = this.#byName.get(name);
    if (exact !== undefined) {
      return exact;
    }
    // Refused options count too: what is an abbreviation today must not mean something else when they are there.
    const fitting = [...this.#byName.keys()].filter((known) => known.startsWith(name) && isLongName(known));
    const options = new Set(fitting.map((known) => this.#byName.get(known)));
    const [option] = options;
    if (name === "--" || option === undefined) {
      throw this.#unknown(typed);
    }
    if (options.size > 1) {
      throw new UsageError(`${typed} is ambiguous: it may mean ${fitting.join(" or ")}`);
    }
    return option;
  }

  #takeShort(word: string): void {
    const exact = this.#byName.get(word);
    if (exact !== undefined) {
      this.#refuse(exact, word);
      const isAlone = exact.value === undefined || exact.isAttached === true;
      exact.apply(this.#draft, isAlone ? "" : this.#nextWord(word, exact));
    } else if (this.#byName.has(longName(word.split("=", 1)[0] ?? word))) {
      this.#takeLong(word, true); // nmap's getopt_long_only(3): -open is --open
    } else if (!this.#takeAttached(word) && !this.#takeLetterGroup(word) && !this.#takeBundle(word)) {
      throw this.#unknown(word);
    }
  }

  /** "-p22": the longest name that takes a value and begins the word. */
  #takeAttached(word: string): boolean {
    for (let end = word.length - 1; end >= 2; end -= 1) {
      const option = this.#byName.get(word.slice(0, end));
      const value = word.slice(end);
      if (option?.value !== undefined && (option.attachable?.test(value) ?? true)) {
        this.#refuse(option, word);
        option.apply(this.#draft, value);
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
        throw this.#unknown(prefix + letter);
      }
      this.#refuse(option, prefix + letter);
      option.apply(this.#draft, "");
    }
    return true;
  }

  /** "-nF", "-vv", "-Fvp22", "-nv4": letters of which only the last takes a value. Nothing is done by halves. */
  #takeBundle(word: string): boolean {
    const bundle: Option<Draft>[] = [];
    for (let at = 1; at < word.length; at += 1) {
      const name = `-${word.charAt(at)}`;
      const option = this.#byName.get(name);
      // "-reasn" is --reason mistyped rather than -r and the refused -e.
      if (option === undefined || (option.state === "refused" && this.#meant(word) !== undefined)) {
        return false;
      }
      this.#refuse(option, name);
      bundle.push(option);
      const value = this.#restOfBundle(option, name, word.slice(at + 1));
      if (value !== undefined) {
        this.#applyAll(bundle, value);
        return true;
      }
    }
    this.#applyAll(bundle, "");
    return true;
  }

  /** The value that an option within a bundle has; `undefined` when the bundle goes on behind it. */
  #restOfBundle(option: Option<Draft>, name: string, rest: string): string | undefined {
    if (option.value === undefined) return undefined;
    if (option.isAttached === true) return option.attachable?.test(rest) === true ? rest : undefined;
    return rest === "" ? this.#nextWord(name, option) : rest;
  }

  #applyAll(bundle: readonly Option<Draft>[], lastValue: string): void {
    for (const [at, option] of bundle.entries()) {
      option.apply(this.#draft, at === bundle.length - 1 ? lastValue : "");
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

  /** Before anything else is said of it: whoever types a refused option need not get its value right. */
  #refuse({ state, help, why }: Option<Draft>, typed: string): void {
    if (state === "refused") {
      throw new UsageError(`${typed} (${help}) ${why}`);
    }
  }

  #unknown(typed: string): UsageError {
    const meant = this.#meant(typed);
    return meant === undefined
      ? new UsageError(`unknown option ${typed}`, { hint: "postern --help lists the options" })
      : new UsageError(`unknown option ${typed}; did you mean ${meant}?`);
  }

  /** The option that may have been mistyped. */
  #meant(typed: string): string | undefined {
    const names = [...this.#byName.keys()];
    const candidates = isLongName(typed) ? names : [...names, ...names.map((name) => name.slice(1))];
    // Every option of one letter is one slip away from every other: a guess would be noise.
    const meant = typed.length < 4 ? undefined : nearest(typed, candidates);
    return meant === undefined || names.includes(meant) ? meant : `-${meant}`;
  }
}

/** The long name behind what was typed with one dash or two; underscores stand for dashes, as older programs have them. */
function longName(typed: string): string {
  return `--${typed.replace(/^--?/, "").replaceAll("_", "-")}`;
}
