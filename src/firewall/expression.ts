// What a rule looks at: expressions over a packet, its interfaces and its connection. nft(8), "EXPRESSIONS";
// libnftables-json(5).
import type { DataType, Scalar } from "./data-type.js";
import type { ElementSet } from "./element-set.js";

/** A field of the packet or of what the kernel knows of it. */
export type Field =
  /** Facts of the packet's way: iif, iifname, oif, oifname, l4proto, nfproto, protocol, mark, length, pkttype, skuid … */
  | { readonly kind: "meta"; readonly key: string }
  /**
   * A field of a header, by nft's names: ip saddr, ip6 nexthdr, tcp dport, th sport, icmp type … The packet must have that
   * header, or else the rule does not match.
   */
  | { readonly kind: "payload"; readonly protocol: string; readonly field: string }
  /** Bits at a place: @nh,96,32. */
  | {
      readonly kind: "raw-payload";
      readonly base: "ll" | "nh" | "th" | "ih";
      readonly offsetBits: number;
      readonly lengthBits: number;
    }
  /** What connection tracking knows: state, status, direction, mark, expiration, and addresses of a direction. */
  | {
      readonly kind: "ct";
      readonly key: string;
      readonly direction?: "original" | "reply";
      readonly family?: "ip" | "ip6";
    }
  /** What a lookup of the route says: its type, interface, or whether there is one. */
  | { readonly kind: "fib"; readonly result: "oif" | "oifname" | "type" | "check"; readonly flags: readonly string[] }
  /** An extension header of IPv6; without a field, whether it is there. */
  | { readonly kind: "extension-header"; readonly name: string; readonly field?: string; readonly offset?: number }
  /** An option of TCP; without a field, whether it is there. */
  | { readonly kind: "tcp-option"; readonly name: string; readonly field?: string }
  /** An option of IPv4; without a field, whether it is there. */
  | { readonly kind: "ip-option"; readonly name: string; readonly field?: string }
  | { readonly kind: "sctp-chunk"; readonly name: string; readonly field?: string }
  /** rt, socket, osf, ipsec, numgen, jhash, symhash, time: what cannot be known of a packet that is only described. */
  | { readonly kind: "other"; readonly text: string };

/** An expression; its type tells what it yields. */
export type Expression =
  | { readonly kind: "field"; readonly field: Field; readonly type: DataType }
  | { readonly kind: "value"; readonly value: Scalar; readonly type: DataType }
  | {
      readonly kind: "binary";
      readonly operator: "&" | "|" | "^" | "<<" | ">>";
      readonly left: Expression;
      readonly right: Expression;
      readonly type: DataType;
    }
  /** Several side by side: ip saddr . tcp dport. */
  | { readonly kind: "concat"; readonly parts: readonly Expression[] }
  /** What a map has for a key; without an element for it, the rule ends without effect. */
  | { readonly kind: "map"; readonly key: Expression; readonly map: ElementSet | SetReference; readonly type: DataType }
  /** A value anywhere in a range, as the address of NAT may be. */
  | { readonly kind: "range"; readonly low: Expression; readonly high: Expression }
  /** What this model cannot express: whatever hangs on it is not known. */
  | { readonly kind: "unknown"; readonly text: string };

/** A set or map of the rule's table, by name. */
export interface SetReference {
  readonly kind: "set-reference";
  readonly name: string;
}
