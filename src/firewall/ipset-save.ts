// Reads what `ipset save` prints: sets of all types with their elements. ipset(8).
import { InputError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import type { NamedSet, SetElement } from "./element-set.js";
import { type ElementForm, readElement } from "./ipset-element.js";
import { dimensionsOf, keyTypes } from "./ipset-types.js";
import { splitWords } from "./iptables-words.js";
import { NotUnderstood } from "./not-understood.js";

/**
 * Reads a listing into sets by their names. What a set of a strange type or with a strange element holds is said to be unknown.
 * @throws InputError for text that is no such listing
 */
export function readIpsetSave(text: string, file = "ipset save"): ReadonlyMap<string, NamedSet> {
  const reader = new SetReader(file);
  const lines = text.split("\n");
  // Behind the last line break there is nothing, or a line that was cut.
  const rest = lines.pop() ?? "";
  for (const [at, line] of lines.entries()) reader.line(line.trim(), at + 1);
  if (rest.trim() !== "") reader.cut(rest.trim(), lines.length + 1);
  return reader.sets();
}

interface OpenSet {
  readonly form: ElementForm;
  readonly elements: SetElement[];
  unknown: string | undefined;
}

/** Options of elements that have a value; they count, classify or comment, and end with time. */
const VALUE_OPTIONS: ReadonlySet<string> = new Set([
  "timeout",
  "packets",
  "bytes",
  "comment",
  "skbmark",
  "skbprio",
  "skbqueue",
]);
const WHOLE_MARK = 0xffff_ffff;

class SetReader {
  readonly #file: string;
  readonly #sets = new Map<string, OpenSet>();
  #latest: OpenSet | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  line(line: string, number: number): void {
    if (line === "" || line.startsWith("#")) return;
    const words = splitWords(line, "plain");
    if (words === undefined) this.#fail(`a quote is not closed: ${quote(line)}`, number);
    const [command, name, third] = words;
    if ((command !== "create" && command !== "add") || name === undefined || third === undefined) {
      this.#fail(`expected a line of ipset save (create or add), not ${quote(line)}`, number);
    }
    if (command === "create") this.#create(name, third, words.slice(3), number);
    else this.#add(name, third, words, number);
  }

  /** The set that a cut line was about, or the last one, may hold more. */
  cut(line: string, number: number): void {
    const [command = "", name = ""] = line.split(/[ \t]+/);
    if (!("create".startsWith(command) || "add".startsWith(command))) {
      this.#fail(`expected a line of ipset save (create or add), not ${quote(line)}`, number);
    }
    const set = this.#sets.get(name) ?? this.#latest;
    if (set !== undefined) set.unknown ??= `the listing is cut at line ${number}`;
  }

  sets(): ReadonlyMap<string, NamedSet> {
    const sets = new Map<string, NamedSet>();
    for (const [name, { form, elements, unknown }] of this.#sets) {
      const types = keyTypes(form.dimensions, form.family);
      const isKnown = unknown === undefined ? {} : { unknown };
      sets.set(name, { kind: "element-set", name, types, elements, isDynamic: false, ...isKnown });
    }
    return sets;
  }

  #create(name: string, type: string, options: readonly string[], number: number): void {
    if (this.#sets.has(name)) this.#fail(`the set ${quote(name)} is created twice`, number);
    const dimensions = dimensionsOf(type) ?? [];
    const form: ElementForm = {
      dimensions,
      family: optionValue(options, "family") === "inet6" ? 6 : 4,
      netmask: netmaskOf(optionValue(options, "netmask")),
    };
    const set: OpenSet = { form, elements: [], unknown: createdFault(type, form, options) };
    this.#sets.set(name, set);
    this.#latest = set;
  }

  #add(name: string, element: string, words: readonly string[], number: number): void {
    const set = this.#sets.get(name);
    if (set === undefined) this.#fail(`an element for the set ${quote(name)}, which was not created`, number);
    this.#latest = set;
    if (set.unknown !== undefined) return;
    try {
      set.elements.push(readElement(element, set.form, flagsOf(words)));
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      set.unknown = `line ${number} is not understood: ${error.message}`;
    }
  }

  #fail(message: string, line: number): never {
    throw new InputError(message, { file: this.#file, line }, { hint: "give the output of ipset save as it is" });
  }
}

function optionValue(options: readonly string[], name: string): string | undefined {
  const at = options.indexOf(name);
  return at < 0 ? undefined : options[at + 1];
}

function netmaskOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** Why a set's elements cannot be read by their form alone. */
function createdFault(type: string, form: ElementForm, options: readonly string[]): string | undefined {
  const { dimensions, netmask } = form;
  if (dimensions.length === 0) return `its type ${quote(type)} is not known`;
  if (options.includes("bitmask")) return "its addresses are compared under a mask of their own (bitmask)";
  const isMasked = optionValue(options, "netmask") !== undefined;
  if (isMasked && (netmask === undefined || dimensions.length > 1 || netmask > (form.family === 4 ? 32 : 128))) {
    return "its addresses are compared under a mask of their own (netmask)";
  }
  const markMask = optionValue(options, "markmask");
  if (markMask !== undefined && Number(markMask) !== WHOLE_MARK) return "its marks are compared under a mask";
  return undefined;
}

/** Flags among the options behind an element. @throws NotUnderstood */
function flagsOf(words: readonly string[]): { readonly isExcluded: boolean; readonly isWildcard: boolean } {
  let isExcluded = false;
  let isWildcard = false;
  for (let at = 3; at < words.length; at++) {
    const word = words[at] ?? "";
    if (VALUE_OPTIONS.has(word)) at++;
    else if (word === "nomatch") isExcluded = true;
    else if (word === "wildcard") isWildcard = true;
    else throw new NotUnderstood(`the option ${quote(word)} of an element`);
  }
  return { isExcluded, isWildcard };
}
