// What a field of ICMP asks of the message besides: nft adds it to the rule and leaves it out of the listing. nft(8), "ICMP
// HEADER EXPRESSION", "ICMPV6 HEADER EXPRESSION"; seen in `nft --debug=netlink`.
import type { Expression } from "./expression.js";
import { payloadType } from "./nft-types.js";
import type { Statement } from "./statement.js";

/** Types of the message that has the field. */
const TYPES_OF_FIELD: ReadonlyMap<string, readonly number[]> = new Map([
  ["icmp gateway", [5]],
  ["icmp mtu", [3]],
  ["icmp id", [0, 8]],
  ["icmp sequence", [0, 8]],
  ["icmpv6 id", [128, 129]],
  ["icmpv6 sequence", [128, 129]],
  ["icmpv6 mtu", [2]],
  ["icmpv6 packet-too-big", [2]],
  ["icmpv6 parameter-problem", [4]],
  ["icmpv6 max-delay", [130]],
]);

/** Conditions that stand before one on this expression without being listed. */
export function impliedConditions(expression: Expression): readonly Statement[] {
  switch (expression.kind) {
    case "field":
      return ofField(expression);
    case "binary":
      return impliedConditions(expression.left);
    case "concat":
      return expression.parts.flatMap(impliedConditions);
    default:
      return [];
  }
}

function ofField({ field }: Expression & { kind: "field" }): readonly Statement[] {
  if (field.kind !== "payload") return [];
  const types = TYPES_OF_FIELD.get(`${field.protocol} ${field.field}`);
  const type = payloadType(field.protocol, "type");
  if (types === undefined || type === undefined) return [];
  return [
    {
      kind: "match",
      left: { kind: "field", field: { kind: "payload", protocol: field.protocol, field: "type" }, type },
      comparison: "==",
      right: {
        kind: "element-set",
        types: [type],
        elements: types.map((value) => ({ key: [{ kind: "range", low: value, high: value }] })),
      },
    },
  ];
}
