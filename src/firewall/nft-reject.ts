// With what `reject` answers: the codes of ICMP, of ICMPv6, and those that are one of each (icmpx). nft(8), "REJECT STATEMENT";
// nft_reject_icmp_code and nft_reject_icmpv6_code in net/netfilter/nft_reject.c.
import { isJsonObject, textAt } from "./json-tree.js";
import { typeNamed } from "./nft-types.js";
import { readScalar } from "./nft-values.js";
import { NotUnderstood } from "./not-understood.js";
import { type RuleScope, requireKeys } from "./rule-scope.js";
import type { RejectWith, Statement } from "./statement.js";

const ICMP: ReadonlyMap<number, RejectWith> = new Map<number, RejectWith>([
  [0, "icmp-net-unreachable"],
  [1, "icmp-host-unreachable"],
  [2, "icmp-proto-unreachable"],
  [3, "icmp-port-unreachable"],
  [9, "icmp-net-prohibited"],
  [10, "icmp-host-prohibited"],
  [13, "icmp-admin-prohibited"],
]);

const ICMPV6: ReadonlyMap<number, RejectWith> = new Map<number, RejectWith>([
  [0, "icmp6-no-route"],
  [1, "icmp6-admin-prohibited"],
  [3, "icmp6-addr-unreachable"],
  [4, "icmp6-port-unreachable"],
  [5, "icmp6-policy-fail"],
  [6, "icmp6-reject-route"],
]);

/** By icmpx code: the answer of either family. */
const BOTH: ReadonlyMap<number, readonly [ipv4: RejectWith, ipv6: RejectWith]> = new Map<
  number,
  readonly [RejectWith, RejectWith]
>([
  [0, ["icmp-net-unreachable", "icmp6-no-route"]],
  [1, ["icmp-port-unreachable", "icmp6-port-unreachable"]],
  [2, ["icmp-host-unreachable", "icmp6-addr-unreachable"]],
  [3, ["icmp-admin-prohibited", "icmp6-admin-prohibited"]],
]);

/** Reads `reject`; without more it answers "port unreachable". @throws NotUnderstood */
export function readReject(body: unknown, scope: RuleScope): Statement {
  const object = isJsonObject(body) ? requireKeys(body, ["type", "expr"]) : {};
  const type = textAt(object, "type");
  switch (type) {
    case "tcp reset":
      return { kind: "reject", ...ofFamily(scope, "tcp-reset", "tcp-reset") };
    case undefined:
      return { kind: "reject", ...ofFamily(scope, "icmp-port-unreachable", "icmp6-port-unreachable") };
    case "icmp":
      return { kind: "reject", ipv4: known(ICMP, object.expr, "icmp_code"), ipv6: undefined };
    case "icmpv6":
      return { kind: "reject", ipv4: undefined, ipv6: known(ICMPV6, object.expr, "icmpv6_code") };
    case "icmpx": {
      const [ipv4, ipv6] = known(BOTH, object.expr, "icmpx_code");
      return { kind: "reject", ipv4, ipv6 };
    }
    default:
      throw new NotUnderstood(`reject with ${type}`);
  }
}

/** The answers that a table of its family can give. */
function ofFamily(
  scope: RuleScope,
  ipv4: RejectWith,
  ipv6: RejectWith,
): { readonly ipv4: RejectWith | undefined; readonly ipv6: RejectWith | undefined } {
  return {
    ipv4: scope.family === "ip6" ? undefined : ipv4,
    ipv6: scope.family === "ip" ? undefined : ipv6,
  };
}

function known<Answer>(answers: ReadonlyMap<number, Answer>, code: unknown, typeName: string): Answer {
  const type = typeNamed(typeName);
  const answer = type === undefined ? undefined : answers.get(Number(readScalar(code, type)));
  if (answer === undefined) throw new NotUnderstood(`reject with the code ${String(code)} of ${typeName}`);
  return answer;
}
