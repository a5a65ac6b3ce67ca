// Rules of address translation, whichever program wrote them, and the ways of a packet through them.
import type { NatHook } from "../inside/published-port.js";
import type { PortRange } from "../target/port-set.js";
import type { AddressRange } from "./address-range.js";
import { MatchList } from "./match-list.js";
import { bothMatch, isMatchWithin, isSenderWithin, type NatMatch } from "./nat-match.js";

/** Where a translated packet goes. */
export type NatTarget =
  | { readonly kind: "address"; readonly address: AddressRange }
  /** To this machine itself, on the address of the interface that it came in by: REDIRECT. */
  | { readonly kind: "own" }
  /** The address stays, only the port changes. */
  | { readonly kind: "same" }
  /** The rule is there, and does not say where to in a way that is understood. */
  | { readonly kind: "unknown" };

/** What a rule does with the packets that it is about. */
export type NatAction =
  | {
      readonly kind: "translate";
      readonly target: NatTarget;
      readonly ports: PortRange | undefined;
      /** The rule as an administrator finds it again. */
      readonly text: string;
    }
  /** One that is not there has no rules. */
  | { readonly kind: "jump" | "goto"; readonly chain: NatChain | undefined }
  /** Nothing more is asked from this base chain on; others of the hook are asked still (nf_nat_inet_fn()). */
  | { readonly kind: "accept" }
  /** Nothing more is asked at all. */
  | { readonly kind: "drop" }
  | { readonly kind: "return" }
  /** A target that is not understood: nobody knows whether later rules are asked. */
  | { readonly kind: "unknown" };

/** One rule. A rule that decides nothing about the way of a packet is none. */
export interface NatRule {
  readonly match: NatMatch;
  readonly action: NatAction;
  /** True where it is about some of the packets by chance or by turns: several rules share them. */
  readonly isShared: boolean;
}

/** A chain, whose rules are asked for when a way leads to it. */
export interface NatChain {
  readonly rules: readonly NatRule[];
}

/** Rules that the kernel calls in an order that is known. */
export interface NatRuleset {
  /** Chains that the kernel calls itself, in its order. */
  readonly bases: readonly { readonly chain: NatChain; readonly hook: NatHook }[];
}

/** One translation that packets get to. */
export interface NatWay {
  readonly hook: NatHook;
  readonly match: NatMatch;
  readonly target: NatTarget;
  readonly ports: PortRange | undefined;
  readonly isShared: boolean;
  readonly text: string;
}

/** The kernel itself allows chains to call each other this deep (nft: NFT_JUMP_STACK_SIZE). */
const DEPTH_MAX = 16;
/** Rules looked at, each time that a way leads by them. Kubernetes with 10,000 services needs a fifth of it. */
const VISITS_MAX = 500_000;
const WAYS_MAX = 200_000;

/** All translations that packets get to, in order: of several that fit a packet the first counts. `isCut` where there are more than are looked at. */
export function natWays(ruleset: NatRuleset): { readonly ways: readonly NatWay[]; readonly isCut: boolean } {
  const walk = new NatWalk(ruleset);
  return { ways: walk.ways, isCut: walk.isCut };
}

/** Packets of which nothing, or nothing certain, is left for later rules. */
interface Gone {
  /** Surely translated or dropped: no later rule of the hook sees them. What they get has a way of its own, which comes first. */
  readonly taken: MatchList;
  /** Some of them translated, by chance or by turns. */
  readonly shared: MatchList;
  /** Surely accepted as they are: no later rule from the same base chain on sees them. */
  readonly accepted: MatchList;
  /** Perhaps gone: what later rules say of them is not certain. */
  readonly doubted: MatchList;
}

class NatWalk {
  readonly ways: NatWay[] = [];
  isCut = false;
  #visits = 0;

  constructor({ bases }: NatRuleset) {
    for (const hook of ["prerouting", "output"] as const) {
      const gone = nothingGone();
      for (const base of bases) {
        if (base.hook !== hook) continue;
        const own = { ...gone, accepted: new MatchList() };
        this.#chain(base.chain, undefined, { hook, gone: own, depth: 0, isShared: false });
      }
    }
  }

  #chain(chain: NatChain, packets: NatMatch | undefined, way: WalkState): void {
    if (way.depth > DEPTH_MAX) {
      this.isCut = true;
      return;
    }
    const returned = new MatchList(); // they go back to the calling chain, and see no more of this one
    for (const rule of chain.rules) {
      this.#visits += 1;
      if (this.#visits > VISITS_MAX || this.ways.length > WAYS_MAX) {
        this.isCut = true;
        return;
      }
      if (leadsNowhere(rule)) continue;
      const match = packets === undefined ? rule.match : bothMatch(packets, rule.match);
      if (match === undefined) continue;
      const isWithin = (earlier: NatMatch) => isMatchWithin(match, earlier);
      const { taken, accepted } = way.gone;
      if (taken.some(match, isWithin) || accepted.some(match, isWithin) || returned.some(match, isWithin)) continue;
      this.#act(rule, match, returned, way);
    }
  }

  #act(rule: NatRule, match: NatMatch, returned: MatchList, way: WalkState): void {
    const { action } = rule;
    const isShared = way.isShared || rule.isShared;
    const isSure = match.isCertain && !isShared;
    switch (action.kind) {
      case "translate":
        this.ways.push(this.#wayOf(action, match, returned, { ...way, isShared }));
        listOf(way.gone, isShared, isSure).add(match);
        return;
      case "accept":
        (isSure ? way.gone.accepted : way.gone.doubted).add(match);
        return;
      case "drop":
        (isSure ? way.gone.taken : way.gone.doubted).add(match);
        return;
      case "return":
        (isSure ? returned : way.gone.doubted).add(match);
        return;
      case "unknown":
        way.gone.doubted.add(match);
        return;
      case "goto":
      case "jump":
        if (action.chain !== undefined) {
          this.#chain(action.chain, match, { hook: way.hook, gone: way.gone, depth: way.depth + 1, isShared });
        }
        if (action.kind === "goto" && isSure) returned.add(match);
    }
  }

  #wayOf(
    { target, ports, text }: Extract<NatAction, { kind: "translate" }>,
    match: NatMatch,
    returned: MatchList,
    { hook, gone, isShared }: WalkState,
  ): NatWay {
    const isMet = (earlier: NatMatch) => bothMatch(match, earlier) !== undefined;
    const isMetByAll = (earlier: NatMatch) => isSenderWithin(match, earlier) && isMet(earlier);
    const isDoubted =
      target.kind === "unknown" ||
      gone.doubted.some(match, isMet) ||
      gone.accepted.some(match, isMetByAll) ||
      returned.some(match, isMetByAll);
    // The last of those that share has no chance to say so: it gets what is left.
    const isRest = gone.shared.some(match, (earlier) => isMatchWithin(match, earlier));
    const isCertain = match.isCertain && !isDoubted;
    return { hook, match: { ...match, isCertain }, target, ports, isShared: isShared || isRest, text };
  }
}

/** Chains that set marks, and the like: Kubernetes calls one from every other chain. */
function leadsNowhere({ action }: NatRule): boolean {
  return action.kind === "jump" && (action.chain === undefined || action.chain.rules.length === 0);
}

function nothingGone(): Gone {
  return { taken: new MatchList(), shared: new MatchList(), accepted: new MatchList(), doubted: new MatchList() };
}

function listOf({ taken, shared, doubted }: Gone, isShared: boolean, isSure: boolean): MatchList {
  if (isShared) return shared;
  return isSure ? taken : doubted;
}

interface WalkState {
  readonly hook: NatHook;
  readonly gone: Gone;
  readonly depth: number;
  readonly isShared: boolean;
}
