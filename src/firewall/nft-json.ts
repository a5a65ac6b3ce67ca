// Reads what `nft -j list ruleset` writes: libnftables-json(5), with what nft 1.0.6 does otherwise than it says.
import { InputError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { isJsonObject, type JsonObject, onlyEntry, parseListing, textAt } from "./json-tree.js";
import { NftRulesetBuilder } from "./nft-ruleset.js";
import type { BaseChain, Ruleset } from "./ruleset.js";

/** How messages call a listing without a file. */
const UNNAMED = "nft -j list ruleset";

/**
 * Reads a ruleset in JSON. What is not understood of it is told in its notes.
 *
 * @param onlyNat True to pass over tables without a chain of NAT
 * @throws InputError when it is no listing of nftables in JSON
 */
export function readNftJson(text: string, file?: string, onlyNat = false): Ruleset {
  const { value, isCut } = parseListing(text, file ?? UNNAMED);
  const list = isJsonObject(value) ? value.nftables : undefined;
  if (!Array.isArray(list)) {
    throw new InputError(`an object with a list "nftables" was expected`, {
      file: file ?? UNNAMED,
      line: 1,
      column: 1,
    });
  }
  const builder = new NftRulesetBuilder(file);
  for (const one of list) addObject(builder, one);
  if (isCut) builder.markCut({}, true);
  return builder.finish(onlyNat ? hasNat : undefined);
}

function hasNat(bases: readonly BaseChain[]): boolean {
  return bases.some(({ type }) => type === "nat");
}

/** What rules name, besides sets. */
const OBJECTS: ReadonlySet<string> = new Set([
  "counter",
  "quota",
  "limit",
  "ct helper",
  "ct timeout",
  "ct expectation",
  "synproxy",
  "secmark",
  "flowtable",
]);

type Add = (builder: NftRulesetBuilder, body: JsonObject) => void;

const PARTS: ReadonlyMap<string, Add> = new Map<string, Add>([
  ["metainfo", checkSchema],
  ["table", (builder, body) => builder.addTable(body)],
  ["chain", (builder, body) => builder.addChain(body)],
  ["set", (builder, body) => builder.addSet(body, false)],
  ["map", (builder, body) => builder.addSet(body, true)],
  ["element", (builder, body) => builder.addElements(body)],
  ["rule", (builder, body) => builder.addRule(body)],
]);

function addObject(builder: NftRulesetBuilder, json: unknown): void {
  const [kind, body] = onlyEntry(json) ?? ["", undefined];
  if (!isJsonObject(body)) {
    builder.note("unknown-object", "the listing has something that is no object with one key");
    return;
  }
  const add = PARTS.get(kind);
  if (add !== undefined) add(builder, body);
  else if (OBJECTS.has(kind)) builder.addObject(kind, body);
  else builder.note("unknown-object", `the listing has ${quote(kind)}, which is not known`);
}

function checkSchema(builder: NftRulesetBuilder, body: JsonObject): void {
  const schema = body.json_schema_version;
  if (schema === 1 || schema === undefined) return;
  const version = quote(textAt(body, "version") ?? "");
  builder.note("newer-schema", `nft ${version} writes schema ${String(schema)}; known is 1`);
}
