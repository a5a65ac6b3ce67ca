// The files below /proc/sys as settings: each is read once, whatever it is asked for.
import { readdirSync } from "node:fs";
import path from "node:path";
import { codeOf, readBoundedFile } from "./bounded-file.js";
import type { SettingValue } from "./careful-value.js";

/** What is known of one file. */
export type SettingFile =
  | { readonly kind: "value"; readonly value: SettingValue }
  /** This kernel, or its modules that are loaded, have no such setting. */
  | { readonly kind: "absent" }
  /** It is there and says nothing to us: symbolic errno, "EACCES". */
  | { readonly kind: "unreadable"; readonly code: string };

/** No setting that is read here is longer than a page. */
const BYTES_MAX = 4096;
/** A part of the path that is not there: no such setting, or its interface has gone. */
const ABSENT_CODES: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ENODEV"]);
/** Decimal integers with blanks between, as the kernel writes them. */
const INTEGERS = /^-?\d+(?:\s+-?\d+)*$/;

/** Settings below one folder. */
export class SettingTree {
  readonly #root: string;
  readonly #files = new Map<string, SettingFile>();

  /** @param root As /proc/sys */
  constructor(root: string) {
    this.#root = root;
  }

  /** One setting by its path below the root. */
  read(name: string): SettingFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const file = this.#readFile(name);
    this.#files.set(name, file);
    return file;
  }

  /** The first number of a setting; undefined where there is none to be read. */
  numberAt(name: string): number | undefined {
    const file = this.read(name);
    return file.kind === "value" ? file.value.numbers?.[0] : undefined;
  }

  /** Names in a folder, or why there are none. */
  list(name: string): readonly string[] | Exclude<SettingFile, { readonly kind: "value" }> {
    try {
      return readdirSync(path.join(this.#root, name));
    } catch (error) {
      return faultOf(codeOf(error));
    }
  }

  #readFile(name: string): SettingFile {
    const file = readBoundedFile(path.join(this.#root, name), BYTES_MAX);
    if (file.kind === "fault") return faultOf(file.code);
    const text = file.text.trim().replace(/[ \t]+/g, " "); // the kernel puts tabs between numbers
    if (file.isCut) return { kind: "unreadable", code: "EFBIG" };
    return { kind: "value", value: { text, numbers: numbersOf(text) } };
  }
}

function faultOf(code: string): Exclude<SettingFile, { readonly kind: "value" }> {
  return ABSENT_CODES.has(code) ? { kind: "absent" } : { kind: "unreadable", code };
}

function numbersOf(text: string): readonly number[] | undefined {
  if (!INTEGERS.test(text)) return undefined;
  const numbers = text.split(/\s+/).map(Number);
  return numbers.every(Number.isSafeInteger) ? numbers : undefined;
}
