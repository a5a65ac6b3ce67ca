// A host's ruleset as it was read: tables, chains and rules of nftables and of iptables in one frozen model.
import type { NamedSet } from "./element-set.js";
import type { Statement } from "./statement.js";

/** Families that are walked; of others a note says that they are not. */
export type TableFamily = "ip" | "ip6" | "inet" | "netdev";

/** Where base chains are called (nft(8), "Hooks"). */
export type Hook = "ingress" | "egress" | "prerouting" | "input" | "forward" | "output" | "postrouting";

/** Who keeps the table: nftables, or one of the back ends of iptables. */
export type Origin = "nft" | "iptables-nft" | "iptables-legacy" | "iptables";

/** Where a rule stands, so that its owner finds it. */
export interface RulePlace {
  readonly family: TableFamily;
  readonly table: string;
  readonly chain: string;
  /** From 0 on, in the chain as it is listed; of iptables, among the chain's -A lines. */
  readonly index: number;
  /** nft's handle of it. */
  readonly handle?: number;
  /** The file that it was read from, and its line from 1 on, where there is a text. */
  readonly file?: string;
  readonly line?: number;
}

/** A rule. */
export interface Rule {
  readonly place: RulePlace;
  readonly statements: readonly Statement[];
  /** As its owner would write it: nft's text, or the -A line. */
  readonly text: string;
  readonly comment?: string;
  readonly counter?: { readonly packets: number; readonly bytes: number };
}

/** What makes a chain a base chain. */
export interface BaseChain {
  readonly type: "filter" | "nat" | "route";
  readonly hook: Hook;
  /** As a number: filter is 0, dstnat -100 … */
  readonly priority: number;
  readonly policy: "accept" | "drop";
  /** Of netdev: its devices; undefined when the listing does not say (`nft -j` of 1.0.6 leaves them out). */
  readonly devices?: readonly string[];
  /** Its policy's counter, where the listing has one. */
  readonly counter?: { readonly packets: number; readonly bytes: number };
}

/** A chain. */
export interface Chain {
  readonly name: string;
  readonly base?: BaseChain;
  readonly rules: readonly Rule[];
  readonly handle?: number;
}

/** A table. */
export interface Table {
  readonly family: TableFamily;
  readonly name: string;
  readonly origin: Origin;
  /** True when it is switched off (nft's flag dormant). */
  readonly isDormant: boolean;
  readonly chains: ReadonlyMap<string, Chain>;
  /** Sets and maps; of iptables, ipset's, which all tables share. */
  readonly sets: ReadonlyMap<string, NamedSet>;
}

/** Something about the listing that its reader must know: what was left out or not understood. */
export interface RulesetNote {
  /** "unknown-key", "other-family", "cut", "both-back-ends", "xt-rules", "unknown-set" … */
  readonly code: string;
  readonly text: string;
  readonly file?: string;
  readonly line?: number;
}

/** A whole ruleset. Nothing in it is ever changed. */
export interface Ruleset {
  readonly tables: readonly Table[];
  readonly notes: readonly RulesetNote[];
}
