// JSON from outside: what is in it is looked at piece by piece, and what is not as expected is not there.

/** Any JSON value (RFC 8259). */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object; whatever key is asked for may be missing. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Longer names and texts are cut: nobody reads them, and a row must fit. */
const TEXT_CHARACTERS_MAX = 512;

/** The value of a text; undefined where it is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue; // JSON.parse makes nothing else
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What stands at these keys, one within the other; keys that an object only inherits are not there. */
export function jsonAt(value: JsonValue | undefined, ...keys: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const key of keys) {
    if (!isJsonObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** The text there; undefined where there is none, or an empty one. */
export function jsonTextAt(value: JsonValue | undefined, ...keys: readonly string[]): string | undefined {
  const found = jsonAt(value, ...keys);
  return typeof found === "string" && found !== "" ? found.slice(0, TEXT_CHARACTERS_MAX) : undefined;
}

/** The list there; empty where there is none. */
export function jsonListAt(value: JsonValue | undefined, ...keys: readonly string[]): readonly JsonValue[] {
  const found = jsonAt(value, ...keys);
  return Array.isArray(found) ? found : [];
}

/** The entries of the object there; none where there is none. */
export function jsonEntriesAt(
  value: JsonValue | undefined,
  ...keys: readonly string[]
): readonly (readonly [key: string, value: JsonValue | undefined])[] {
  const found = jsonAt(value, ...keys);
  return isJsonObject(found) ? Object.entries(found) : [];
}

/** True for an object that is no list. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
