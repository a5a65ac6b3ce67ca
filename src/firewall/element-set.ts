// Sets and maps: elements with keys of one or several parts. Anonymous ones stand in a rule, named ones in a table; ipset's
// sets are named ones, too. nft(8), "SETS", "MAPS"; ipset(8).
import type { DataType } from "./data-type.js";
import type { Expression } from "./expression.js";
import type { Verdict } from "./statement.js";

/** One part of a key: a range whose ends both belong to it (a single value has equal ends), or a name. */
export type KeyPart =
  | { readonly kind: "range"; readonly low: number | bigint; readonly high: number | bigint }
  /** A name; `isPrefix` for a pattern that ended in "*". */
  | { readonly kind: "text"; readonly text: string; readonly isPrefix: boolean };

/** An element. */
export interface SetElement {
  readonly key: readonly KeyPart[];
  /** What a map has for it. */
  readonly data?: Expression | Verdict;
  /** True for ipset's nomatch: it takes out of the set what a wider element has put in. */
  readonly isExcluded?: boolean;
  /**
   * The fact that cannot be known beforehand and on which its membership hangs besides: "a quota of its own".
   */
  readonly condition?: string;
}

/** A set, or a map when its elements have data. */
export interface ElementSet {
  readonly kind: "element-set";
  /** Types of the key's parts. */
  readonly types: readonly DataType[];
  readonly elements: readonly SetElement[];
  /** What a map has for keys without an element of their own ("*"). */
  readonly fallback?: Expression | Verdict;
}

/** A set with a name. */
export interface NamedSet extends ElementSet {
  readonly name: string;
  /** True when rules add to it: what it holds is what was listed. */
  readonly isDynamic: boolean;
  /** Why its contents are not known; undefined when they are. */
  readonly unknown?: string;
}
