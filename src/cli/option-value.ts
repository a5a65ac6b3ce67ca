// Values of options, read where they are typed: each function throws a UsageError that names the option and the value.
import { UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A month: no scan waits longer for anything. */
const DURATION_MAX_MS = 31 * 24 * 3_600_000;

/** Text that is not empty. */
export function needed(option: string, value: string): string {
  if (value === "") {
    throw new UsageError(`${option} needs a value, but was given an empty one`);
  }
  return value;
}

/** Text that may be given once. A second -p would silently replace the first: as in nmap, that is an error. */
export function once(option: string, earlier: string | undefined, value: string): string {
  if (earlier !== undefined) {
    throw new UsageError(`${option} was given twice`, { hint: `separate with commas: ${option} ${earlier},${value}` });
  }
  return needed(option, value);
}

/** A file that may be named once. */
export function oneFile(option: string, earlier: string | undefined, value: string): string {
  if (earlier !== undefined) throw new UsageError(`${option} was given twice: one file was expected`);
  return needed(option, value);
}

/** A whole number between two bounds, both included. */
export function wholeNumber(option: string, value: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw new UsageError(`${option} needs a whole number from ${min} to ${max}, but was given ${quote(value)}`);
  }
  return number;
}

/** Probes a second. */
export function rate(option: string, value: string): number {
  const number = /^\d{1,15}(?:\.\d{1,9})?$/.test(value) ? Number(value) : 0;
  if (number > 0) return number;
  throw new UsageError(`${option} needs a number of probes a second greater than 0, but was given ${quote(value)}`);
}

/** A time in nmap's spelling, in ms: `2.5`, `2.5s`, `300ms`, `15m`, `1h`; without a unit they are seconds. */
export function duration(option: string, value: string, minMs: number): number {
  const [, digits, unit = "s"] = /^(\d{1,12}(?:\.\d{1,9})?|\.\d{1,9})(ms|s|m|h)?$/i.exec(value) ?? [];
  const ms = digits === undefined ? Number.NaN : Number(digits) * (MS[unit.toLowerCase()] ?? 1);
  if (ms >= minMs && ms <= DURATION_MAX_MS) return ms;
  const what = minMs > 0 ? "a time greater than 0" : "a time";
  throw new UsageError(`${option} needs ${what}, such as 500ms, 2.5s, 15m or 1h, but was given ${quote(value)}`);
}

/** Texts with commas between them, none of them empty. */
export function listOf(option: string, what: string, value: string): readonly string[] {
  const texts = value.split(",").map((text) => text.trim());
  if (texts.includes("")) {
    throw new UsageError(`${option} needs ${what} separated by commas, but was given ${quote(value)}`);
  }
  return texts;
}
