// Notes about a listing, each thing told once however often it comes.
import type { RulesetNote } from "./ruleset.js";

/** What a note says, before its file and how often it came are known. */
export type NoteFacts = Omit<RulesetNote, "file">;

/** Kinds of notes that are kept; a listing of nothing but riddles shall not fill the memory. */
const NOTES_MAX = 1000;

/** Gathers notes. */
export class RulesetNotes {
  readonly #file: string | undefined;
  readonly #notes = new Map<string, { readonly facts: NoteFacts; count: number }>();

  constructor(file: string | undefined) {
    this.#file = file;
  }

  get isEmpty(): boolean {
    return this.#notes.size === 0;
  }

  /** Adds a note; `what` is what makes it the same as an earlier one, its text where nothing else is said. */
  add(facts: NoteFacts, what: string = facts.text): void {
    const key = `${facts.code} ${what}`;
    const known = this.#notes.get(key);
    if (known !== undefined) known.count++;
    else if (this.#notes.size < NOTES_MAX) this.#notes.set(key, { facts, count: 1 });
  }

  all(): readonly RulesetNote[] {
    const file = this.#file === undefined ? {} : { file: this.#file };
    return [...this.#notes.values()].map(({ facts, count }) => {
      const text = count === 1 ? facts.text : `${facts.text} (${count} times in all)`;
      return { ...facts, text, ...file };
    });
  }
}
