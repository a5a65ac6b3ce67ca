// Rulesets as administrators have them, listed by nft 1.0.6 in both of its forms: `nft list ruleset` and `nft -j list ruleset`
// in a network namespace of its own (test/firewall/rulesets/; test/firewall/nft-listings.test.ts makes them anew).
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readNftJson } from "./nft-json.js";
import { readNftText } from "./nft-text.js";
import { comparable } from "./ruleset-compare.test.data.js";

const RULESETS = fileURLToPath(new URL("../../test/firewall/rulesets/", import.meta.url));
const NAMES = readdirSync(RULESETS).flatMap((name) => (name.endsWith(".nft") ? [name.slice(0, -".nft".length)] : []));

function read(name: string): string {
  return readFileSync(path.join(RULESETS, name), "utf8");
}

test("there are rulesets", () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(12);
});

describe.each(NAMES)("%s", (name) => {
  const text = readNftText(read(`${name}.txt`), `${name}.txt`);
  const json = readNftJson(read(`${name}.json`), `${name}.json`);

  test("text and JSON make one model", () => {
    expect(comparable(text)).toEqual(comparable(json));
  });

  test("nothing is unknown in it but what the model has no word for", () => {
    const known = name === "refusals" ? ["not-understood"] : [];
    expect(text.notes.map(({ code }) => code)).toEqual(known);
    expect(json.notes.map(({ code }) => code)).toEqual(known);
  });

  test("rules of text know their lines", () => {
    const lines = read(`${name}.txt`).split("\n");
    for (const rule of text.tables.flatMap((table) => [...table.chains.values()].flatMap((chain) => chain.rules))) {
      expect(lines[(rule.place.line ?? 0) - 1]?.trim()).toBe(rule.text);
    }
  });

  test("rules of JSON have nft's own words", () => {
    const all = (ruleset: typeof text) =>
      ruleset.tables.flatMap((table) => [...table.chains.values()].flatMap((chain) => chain.rules));
    expect(all(json).map((rule) => rule.text)).toEqual(all(text).map((rule) => rule.text));
  });
});
