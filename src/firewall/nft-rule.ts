// One rule of nftables in libnftables-json's form, made into the model's. What is not understood of it stays as a statement
// that nobody knows, in its place: conditions before it still say when it does not matter.
import { quote } from "../target/fault.js";
import { asList, type JsonObject, numberAt, textAt } from "./json-tree.js";
import { counterOf, readStatement } from "./nft-json-statement.js";
import { NftTextLexer } from "./nft-text-lexer.js";
import { parseRule } from "./nft-text-rule.js";
import { NotUnderstood } from "./not-understood.js";
import type { RuleScope } from "./rule-scope.js";
import { ruleText, statementText } from "./rule-text.js";
import type { Rule, RulePlace } from "./ruleset.js";
import type { RulesetNotes } from "./ruleset-notes.js";
import type { Statement } from "./statement.js";

/** A rule before it is read: of a text, with its line and its own words. */
export interface RuleSource {
  readonly json: JsonObject;
  readonly text?: string;
  readonly line?: number;
}

/** Reads a rule; `place` is completed by handle and line. */
export function readRule(source: RuleSource, place: RulePlace, scope: RuleScope, notes: RulesetNotes): Rule {
  const { json } = source;
  const listed = asList(json.expr);
  const expressions = source.text === undefined ? listed.flatMap(parsedText) : listed;
  const comment = textAt(json, "comment");
  const handle = numberAt(json, "handle");
  const line = source.line === undefined ? {} : { line: source.line };
  const counter = counterOf(expressions);
  const full = { ...place, ...(handle === undefined ? {} : { handle }), ...line };
  return {
    place: full,
    statements: expressions.flatMap((one) => readOrKeep(one, scope, full, notes)),
    text: source.text ?? ruleText(listed, comment),
    ...(comment === undefined ? {} : { comment }),
    ...(counter === undefined ? {} : { counter }),
  };
}

/** What nft's JSON cannot express is in it as text ("stmt ops map have no json callback", nft 1.0.6). */
function parsedText(json: unknown): readonly unknown[] {
  return typeof json === "string" ? parseRule(new NftTextLexer(json)).expr : [json];
}

/** A statement, or what it says as one that is not known. */
function readOrKeep(json: unknown, scope: RuleScope, place: RulePlace, notes: RulesetNotes): readonly Statement[] {
  if (typeof json === "string") return [{ kind: "unknown", text: json }];
  try {
    return readStatement(json, scope);
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    const rule = `${place.family} ${quote(place.table)} ${quote(place.chain)}, rule ${place.index}`;
    const line = place.line === undefined ? {} : { line: place.line };
    notes.add({ code: error.code, text: `${error.message} is not understood (${rule})`, ...line }, error.message);
    return [{ kind: "unknown", text: statementText(json) }];
  }
}
