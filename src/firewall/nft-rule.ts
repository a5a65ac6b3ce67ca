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

/** A rule while it is made. */
type RuleDraft = { -readonly [Key in keyof Rule]: Rule[Key] };

/** Reads a rule; its place is completed by handle and line. */
export function readRule(source: RuleSource, chain: RulePlace, scope: RuleScope, notes: RulesetNotes): Rule {
  const { json, text } = source;
  const listed = asList(json.expr);
  const place = placeOf(chain, numberAt(json, "handle"), source.line);
  const statements: Statement[] = [];
  for (const one of listed) addStatements(one, text === undefined, scope, { place, notes, statements });
  const comment = textAt(json, "comment");
  const counter = counterOf(listed);
  const rule: RuleDraft =
    text === undefined ? lateRule(place, statements, listed, comment) : { place, statements, text };
  if (comment !== undefined) rule.comment = comment;
  if (counter !== undefined) rule.counter = counter;
  return rule;
}

/** A rule whose text is made when somebody wants to see it: of ten thousand, few are shown. */
function lateRule(
  place: RulePlace,
  statements: readonly Statement[],
  listed: readonly unknown[],
  comment: string | undefined,
): RuleDraft {
  return {
    place,
    statements,
    get text() {
      return ruleText(listed, comment, place.family);
    },
  };
}

function placeOf(chain: RulePlace, handle: number | undefined, line: number | undefined): RulePlace {
  const place: { -readonly [Key in keyof RulePlace]: RulePlace[Key] } = { ...chain };
  if (handle !== undefined) place.handle = handle;
  if (line !== undefined) place.line = line;
  return place;
}

/** Where statements go, and what is told of them. */
interface StatementSink {
  readonly place: RulePlace;
  readonly notes: RulesetNotes;
  readonly statements: Statement[];
}

/** What nft's JSON cannot express is in it as text ("stmt ops map have no json callback", nft 1.0.6). */
function addStatements(json: unknown, mayBeText: boolean, scope: RuleScope, sink: StatementSink): void {
  const parts = mayBeText && typeof json === "string" ? parseRule(new NftTextLexer(json)).expr : [json];
  for (const part of parts) sink.statements.push(...readOrKeep(part, scope, sink));
}

/** A statement, or what it says as one that is not known. */
function readOrKeep(json: unknown, scope: RuleScope, { place, notes }: StatementSink): readonly Statement[] {
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
