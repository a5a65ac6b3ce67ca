// What the readers of a rule's parts share: the table that it stands in, and strictness about keys that nobody knows.

import { quote } from "../target/fault.js";
import type { DataType } from "./data-type.js";
import { isJsonObject, type JsonObject } from "./json-tree.js";
import { NotUnderstood } from "./not-understood.js";

/** What reading a rule needs to know of its table, and tells it. */
export interface RuleScope {
  readonly family: string;
  /** A set that the rule looks into, with the types of its keys there. */
  readonly onSet: (name: string, types: readonly DataType[]) => void;
  /** A set that the rule adds to or takes from. */
  readonly onUpdate: (name: string) => void;
  /** A chain that the rule goes to. */
  readonly onChain: (name: string) => void;
  /** A named object of the table ("limit", "quota"); `undefined` when it is not there. */
  readonly objectNamed: (kind: string, name: string) => JsonObject | undefined;
}

/** Refuses an object with keys that are not known: it would mean more than what is read of it. @throws NotUnderstood */
export function requireKeys(body: unknown, known: readonly string[]): JsonObject {
  if (!isJsonObject(body)) throw new NotUnderstood("an expression that is no object");
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new NotUnderstood(`the key ${quote(unknown)}`, "unknown-key");
  return body;
}
