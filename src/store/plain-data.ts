// Plain data in JSON without loss: bytes and the numbers that JSON lacks are written as objects with one marked key.
// Properties that are undefined are left out, as JSON does; arrays may not hold undefined.
import { InternalError } from "../model/errors.js";
import { type Fault, isFault } from "../target/fault.js";

const BYTES = "$bytes";
const NUMBER = "$number";

/** No plan is nested deeper; a file that is may not exhaust the stack. */
const DEPTH_MAX = 64;

const ODD_NUMBERS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** Makes of plain data what JSON can hold, keys in a fixed order: equal data become equal texts. */
export function toJson(value: unknown): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return numberToJson(value);
  if (value instanceof Uint8Array) return { [BYTES]: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || !isPlain(value)) throw new InternalError(`${typeof value} is no plain data`);
  const entries = Object.entries(value).filter(([, own]) => own !== undefined);
  if (entries.some(([key]) => key.startsWith("$"))) throw new InternalError("a key of plain data may not begin with $");
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, own]) => [key, toJson(own)]));
}

/** Makes the data again that {@link toJson} wrote down; a fault where it cannot have written it. */
export function fromJson(json: unknown, depth = 0): unknown | Fault {
  if (typeof json !== "object" || json === null) return json;
  if (depth > DEPTH_MAX) return { fault: `nested deeper than ${DEPTH_MAX}` };
  if (Array.isArray(json)) return arrayFromJson(json, depth);
  const entries: [string, unknown][] = [];
  for (const [key, own] of Object.entries(json)) {
    if (key.startsWith("$")) return markedFromJson(json, key, own);
    const value = fromJson(own, depth + 1);
    if (isFault(value)) return value;
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function numberToJson(value: number): unknown {
  const isOdd = !Number.isFinite(value) || Object.is(value, -0);
  return isOdd ? { [NUMBER]: Object.is(value, -0) ? "-0" : String(value) } : value;
}

function arrayFromJson(json: readonly unknown[], depth: number): unknown[] | Fault {
  const values: unknown[] = [];
  for (const own of json) {
    const value = fromJson(own, depth + 1);
    if (isFault(value)) return value;
    values.push(value);
  }
  return values;
}

function markedFromJson(json: object, key: string, own: unknown): unknown | Fault {
  const isAlone = Object.keys(json).length === 1;
  if (isAlone && key === BYTES && typeof own === "string") return new Uint8Array(Buffer.from(own, "base64"));
  const number = isAlone && key === NUMBER && typeof own === "string" ? ODD_NUMBERS.get(own) : undefined;
  return number ?? { fault: `an object with the key ${key}` };
}
