// Checks of values from a file that anybody may have written: type guards, and ways to put them together.

/** True for values of the type. */
export type Check<Value> = (value: unknown) => value is Value;

/** A string. */
export const isText: Check<string> = (value) => typeof value === "string";

/** True or false. */
export const isBoolean: Check<boolean> = (value) => typeof value === "boolean";

/** A number that is neither infinite nor none. */
export const isNumber: Check<number> = (value): value is number => Number.isFinite(value);

/** A whole number from 0 on that can be counted with. */
export const isCount: Check<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** A whole number between two bounds, both included. */
export function isWithin(min: number, max: number): Check<number> {
  return (value): value is number => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
}

/** One of a few values. */
export function isOneOf<const Value extends string | number>(values: readonly Value[]): Check<Value> {
  const known: ReadonlySet<unknown> = new Set(values);
  return (value): value is Value => known.has(value);
}

/** The value, or nothing. */
export function isMaybe<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value): value is Value | undefined => value === undefined || check(value);
}

/** An array of such values. */
export function isListOf<Value>(check: Check<Value>): Check<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.every((one) => check(one));
}

/** An object with these properties and no others; a property that is missing counts as undefined. */
export function hasShape<Value extends object>(
  checks: { readonly [Key in keyof Value]-?: Check<Value[Key]> },
): Check<Value> {
  const known = new Map<string, Check<unknown>>(Object.entries(checks));
  return (value): value is Value => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const own = new Map<string, unknown>(Object.entries(value));
    for (const key of own.keys()) if (!known.has(key)) return false;
    for (const [key, check] of known) if (!check(own.get(key))) return false;
    return true;
  };
}
