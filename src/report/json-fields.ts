// Fields of JSON that anybody may have written: each is checked when it is asked for.
import { InputError, type InputPlace } from "../model/errors.js";
import { quote } from "../target/fault.js";

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for an object that is no array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text as JSON; `undefined` where it is none. V8's parser does not recurse: no depth exhausts the stack (measured). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** One object, with the place that errors name. */
export class JsonFields {
  readonly #object: JsonObject;
  readonly #place: InputPlace;

  constructor(object: JsonObject, place: InputPlace) {
    this.#object = object;
    this.#place = place;
  }

  /** @throws InputError when it is no text */
  text(key: string): string {
    return this.maybeText(key) ?? this.#refuse(key, "text");
  }

  /** Undefined when it is missing. */
  maybeText(key: string): string | undefined {
    const value = this.#object[key];
    return value === undefined || typeof value === "string" ? value : this.#refuse(key, "text");
  }

  /** A time in ISO 8601, as it stands. */
  maybeTime(key: string): string | undefined {
    const value = this.maybeText(key);
    return value === undefined || isTime(value) ? value : this.#refuse(key, "a time in ISO 8601");
  }

  time(key: string): string {
    return this.maybeTime(key) ?? this.#refuse(key, "a time in ISO 8601");
  }

  texts(key: string): readonly string[] {
    const value = this.#object[key];
    return Array.isArray(value) && value.every((one) => typeof one === "string")
      ? value
      : this.#refuse(key, "a list of texts");
  }

  /** A whole number from 0 to `max`. */
  count(key: string, max: number = Number.MAX_SAFE_INTEGER): number {
    return this.maybeCount(key, max) ?? this.#refuse(key, `a whole number up to ${max}`);
  }

  maybeCount(key: string, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.#object[key];
    if (value === undefined) return undefined;
    const isCount = typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max;
    return isCount ? value : this.#refuse(key, `a whole number up to ${max}`);
  }

  /** A number from 0 on. */
  number(key: string): number {
    return this.maybeNumber(key) ?? this.#refuse(key, "a number");
  }

  maybeNumber(key: string): number | undefined {
    const value = this.#object[key];
    if (value === undefined) return undefined;
    return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : this.#refuse(key, "a number");
  }

  isTrue(key: string): boolean {
    const value = this.#object[key];
    return typeof value === "boolean" ? value : this.#refuse(key, "true or false");
  }

  /** One of a few words or numbers. */
  oneOf<const Value extends string | number>(key: string, values: readonly Value[]): Value {
    const value = this.#object[key];
    return values.find((known) => known === value) ?? this.#refuse(key, `one of ${values.join(", ")}`);
  }

  /** True when it is there. */
  has(key: string): boolean {
    return this.#object[key] !== undefined;
  }

  /** The fields of an object in it. */
  object(key: string): JsonFields {
    return this.maybeObject(key) ?? this.#refuse(key, "an object");
  }

  maybeObject(key: string): JsonFields | undefined {
    const value = this.#object[key];
    if (value === undefined) return undefined;
    return isJsonObject(value) ? new JsonFields(value, this.#place) : this.#refuse(key, "an object");
  }

  /** A list of objects. */
  objects(key: string): readonly JsonFields[] {
    const value = this.#object[key];
    return Array.isArray(value) && value.every(isJsonObject)
      ? value.map((one) => new JsonFields(one, this.#place))
      : this.#refuse(key, "a list of objects");
  }

  #refuse(key: string, wanted: string): never {
    throw new InputError(`${quote(key)} must be ${wanted}`, this.#place);
  }
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text));
}
