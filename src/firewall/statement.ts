// What a rule does, statement after statement: conditions, verdicts, changes. The statements of a rule are walked in order;
// the first condition that is false ends the rule. nft(8), "STATEMENTS"; iptables-extensions(8).
import type { ElementSet } from "./element-set.js";
import type { Expression, Field, SetReference } from "./expression.js";

/** Where a packet goes on. */
export type Verdict =
  | { readonly kind: "accept" }
  | { readonly kind: "drop" }
  /** On to the next rule: what a verdict map may say. */
  | { readonly kind: "continue" }
  /** Back behind the jump; in a base chain, to the policy. */
  | { readonly kind: "return" }
  | { readonly kind: "jump"; readonly chain: string }
  | { readonly kind: "goto"; readonly chain: string }
  /** To a program, which decides: not known. */
  | { readonly kind: "queue" };

/** With what a packet is refused, as `postern firewall test` says it. */
export type RejectWith =
  | "tcp-reset"
  | `icmp-${"net" | "host" | "port" | "proto"}-unreachable`
  | `icmp-${"net" | "host" | "admin"}-prohibited`
  | `icmp6-${"no-route" | "admin-prohibited" | "addr-unreachable" | "port-unreachable" | "policy-fail" | "reject-route"}`;

/** How the two sides of a condition are compared. `in`: of a mask, whether any of its bits is set. */
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

/** One statement. */
export type Statement =
  /** Goes on when the comparison holds. */
  | {
      readonly kind: "match";
      readonly left: Expression;
      readonly comparison: Comparison;
      readonly right: Expression | ElementSet | SetReference;
    }
  /** Goes on when all, or with `isNegated` not all, of the conditions hold: one match of iptables with several sides. */
  | { readonly kind: "all"; readonly conditions: readonly Statement[]; readonly isNegated: boolean }
  /** Goes on when one of them holds: a match of iptables with alternatives (multiport --ports). */
  | { readonly kind: "any"; readonly conditions: readonly Statement[]; readonly isNegated: boolean }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  /** The verdict of a map; without an element for the key, on to the next rule. */
  | { readonly kind: "verdict-map"; readonly key: Expression; readonly map: ElementSet | SetReference }
  /** Refuses, which ends the walk; `icmp` may be limited to a family: then the rule does nothing for the other. */
  | { readonly kind: "reject"; readonly ipv4: RejectWith | undefined; readonly ipv6: RejectWith | undefined }
  | {
      readonly kind: "nat";
      readonly direction: "dnat" | "snat" | "masquerade" | "redirect";
      readonly family?: "ip" | "ip6";
      /** New address, or range of them; undefined keeps it, or takes the interface's. */
      readonly address?: Expression;
      readonly port?: Expression;
      /** The old port that gets the first of the new ones, later ones those behind it: DNAT's PORTS/BASE. */
      readonly portBase?: number;
      /** True when the address is a network whose host bits stay (netmap). */
      readonly isPrefix: boolean;
      /** True when the kernel draws the new port (random, fully-random), though the old one would do. */
      readonly isRandom?: boolean;
    }
  /** Writes into a field: meta mark set, ct mark set, ip dscp set, ttl … */
  | {
      readonly kind: "set-field";
      readonly field: Field;
      readonly value: Expression;
      /** True where nothing is written, and the rule goes on, when the value is not there to be read: targets of iptables. */
      readonly isOptional?: boolean;
    }
  | { readonly kind: "notrack" }
  /**
   * A limit, quota, number of connections, "recent" and the like: `first` is what it answers for the first packet that
   * comes to it (does the rule go on?), undefined when that cannot be told; `why` says what else it hangs on.
   */
  | { readonly kind: "budget"; readonly text: string; readonly first: boolean | undefined; readonly why: string }
  /** Adds to, or takes from, a named set; a statement inside it may be a budget. */
  | {
      readonly kind: "update-set";
      readonly set: string;
      readonly operation: "add" | "update" | "delete";
      readonly key: Expression;
      readonly inner: readonly Statement[];
    }
  /** counter, log, comment …: what changes nothing for the packet. */
  | { readonly kind: "no-effect"; readonly text: string }
  /** Takes the packet away to a local socket or elsewhere (tproxy, fwd, synproxy): the end is not known from rules. */
  | { readonly kind: "diversion"; readonly text: string }
  /** What this model cannot express; the packet's end is not known when it gets here. */
  | { readonly kind: "unknown"; readonly text: string };
