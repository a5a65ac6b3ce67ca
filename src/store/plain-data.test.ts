import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InternalError } from "../model/errors.js";
import { isFault } from "../target/fault.js";
import { fromJson, toJson } from "./plain-data.js";

const { value: VALUE } = fc.letrec((own) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.double(),
    fc.constantFrom(null, true, -0, Number.NaN, Number.MAX_SAFE_INTEGER),
    fc.string({ unit: "binary" }),
    fc.uint8Array(),
    fc.array(own("value"), { maxLength: 5 }),
    fc.dictionary(
      fc.string().filter((key) => !key.startsWith("$")),
      own("value"),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
}));

describe("plain data", () => {
  it("comes back as it was, by way of JSON", () => {
    fc.assert(
      fc.property(VALUE, (value) => {
        expect(fromJson(JSON.parse(JSON.stringify(toJson(value))))).toStrictEqual(value);
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  it("is the same text in whatever order its keys are", () => {
    expect(JSON.stringify(toJson({ b: 1, a: { d: undefined, c: 2 } }))).toBe('{"a":{"c":2},"b":1}');
  });

  it("is nothing else", () => {
    for (const value of [
      undefined,
      [undefined],
      1n,
      () => {},
      new Map(),
      new Date(),
      { $bytes: "" },
      new Uint16Array(1),
    ]) {
      expect(() => toJson(value)).toThrow(InternalError);
    }
  });

  it("is a fault where nobody can have written it", () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    for (const json of [deep, { $bytes: 1 }, { $bytes: "", more: 1 }, { $number: "1" }, { $x: 1 }, [{ a: { $: 1 } }]]) {
      expect(isFault(fromJson(json))).toBe(true);
    }
  });

  it("cannot reach a prototype", () => {
    const value = fromJson(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value as object, "__proto__")).toBe(true);
  });
});
