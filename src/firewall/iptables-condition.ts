// Conditions of iptables in the model's words. A match of xt always answers yes or no, while an expression of nftables ends
// the rule where the packet has no such field: so what is negated and may be missing is negated as a whole.
import { type DataType, numberType } from "./data-type.js";
import type { ElementSet, KeyPart } from "./element-set.js";
import type { Expression, Field } from "./expression.js";
import type { Masked, MaskedAddress } from "./iptables-values.js";
import { addressType, constant } from "./iptables-values.js";
import type { Comparison, Statement } from "./statement.js";

type MatchStatement = Statement & { readonly kind: "match" };

/** A field as an expression. */
export function fieldOf(field: Field, type: DataType): Expression & { readonly kind: "field" } {
  return { kind: "field", field, type };
}

/** A field of a header. */
export function payload(protocol: string, field: string, type: DataType): Expression {
  return fieldOf({ kind: "payload", protocol, field }, type);
}

/** A fact of the packet's way. */
export function meta(key: string, type: DataType): Expression {
  return fieldOf({ kind: "meta", key }, type);
}

/** Holds where the field is there and is as wanted; negated, where it is there and is not. */
export function isThereAnd(left: Expression, right: MatchStatement["right"], isNegated: boolean): Statement {
  return { kind: "match", left, comparison: isNegated ? "!=" : "==", right };
}

/** Holds where the field is as wanted; negated, where it is not, or is not there at all. */
export function condition(
  left: Expression,
  right: MatchStatement["right"],
  isNegated: boolean,
  comparison: Comparison = "==",
): Statement {
  const match: Statement = { kind: "match", left, comparison, right };
  return isNegated ? notAll([match]) : match;
}

/** Holds where not all of them hold. */
function notAll(conditions: readonly Statement[]): Statement {
  return { kind: "all", conditions, isNegated: true };
}

/** All of them as one condition, perhaps negated as a whole. */
export function allOf(conditions: readonly Statement[], isNegated = false): Statement {
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined && !isNegated ? only : { kind: "all", conditions, isNegated };
}

/** One of them, perhaps negated as a whole. */
export function anyOf(conditions: readonly Statement[], isNegated = false): Statement {
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined && !isNegated ? only : { kind: "any", conditions, isNegated };
}

/** What never holds: not all of nothing. */
export const NEVER: Statement = { kind: "all", conditions: [], isNegated: true };

/** What cannot be expressed: whether it holds is not known. */
export function unknownCondition(text: string): Statement {
  const unknown: Expression = { kind: "unknown", text };
  return { kind: "match", left: unknown, comparison: "==", right: unknown };
}

/** The bits under a mask. */
export function underMask(left: Expression, mask: number | bigint, type: DataType): Expression {
  return { kind: "binary", operator: "&", left, right: { kind: "value", value: mask, type }, type };
}

/** A field whose bits under a mask are as wanted, of a type of up to 32 bits. */
export function maskedMatch(left: Expression, { value, mask }: Masked, type: DataType, isNegated: boolean): Statement {
  const isWhole = mask === 2 ** type.bits - 1;
  return isThereAnd(isWhole ? left : underMask(left, mask, type), constant(value, value, type), isNegated);
}

/** An address within a network. */
export function inNetwork(left: Expression, network: MaskedAddress, family: 4 | 6, isNegated: boolean): Statement {
  const { address, mask, last } = network;
  const type = addressType(family);
  if (last !== undefined) return isThereAnd(left, constant(address, last, type), isNegated);
  return isThereAnd(underMask(left, mask, type), constant(address, address, type), isNegated);
}

/** A set of ranges that stands in a rule. */
export function rangeSet(ranges: readonly (readonly [low: number, high: number])[], type: DataType): ElementSet {
  const elements = ranges.map(([low, high]) => ({ key: [{ kind: "range", low, high } satisfies KeyPart] }));
  return { kind: "element-set", types: [type], elements };
}

const BYTE = numberType("integer", 8);

/** Whether an extension header of IPv6 is there. */
export function hasHeader(name: string, isNegated = false): Statement {
  return isThereAnd(fieldOf({ kind: "extension-header", name }, BYTE), constant(1, 1, BYTE), isNegated);
}
