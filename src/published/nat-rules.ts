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
  | { readonly kind: "translate"; readonly target: NatTarget; readonly ports: PortRange | undefined }
  | { readonly kind: "jump" | "goto"; readonly chain: string }
  /** Nothing more is asked in this hook. */
  | { readonly kind: "stop" }
  | { readonly kind: "return" }
  /** A target that is not understood: nobody knows whether later rules are asked. */
  | { readonly kind: "unknown" };

/** One rule. A rule that decides nothing about the way of a packet is none. */
export interface NatRule {
  readonly match: NatMatch;
  readonly action: NatAction;
  /** True where it is about some of the packets by chance or by turns: several rules share them. */
  readonly isShared: boolean;
  /** The rule as an administrator finds it again. */
  readonly text: string;
}

/** All rules of one program. */
export interface NatRuleset {
  readonly chains: ReadonlyMap<string, readonly NatRule[]>;
  /** Chains that the kernel calls, in its order. */
  readonly bases: readonly { readonly chain: string; readonly hook: NatHook }[];
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
  /** Surely translated: no later rule of the hook sees them. What they get has a way of its own, which comes first. */
  readonly translated: MatchList;
  /** Some of them translated, by chance or by turns. */
  readonly shared: MatchList;
  /** Surely accepted as they are: no later rule of the hook sees them. */
  readonly accepted: MatchList;
  /** Perhaps gone: what later rules say of them is not certain. */
  readonly doubted: MatchList;
}

class NatWalk {
  readonly ways: NatWay[] = [];
  isCut = false;
  readonly #chains: NatRuleset["chains"];
  #visits = 0;

  constructor({ chains, bases }: NatRuleset) {
    this.#chains = chains;
    for (const hook of ["prerouting", "output"] as const) {
      const gone = nothingGone();
      for (const base of bases) {
        if (base.hook === hook) this.#chain(base.chain, undefined, { hook, gone, depth: 0, isShared: false });
      }
    }
  }

  #chain(name: string, packets: NatMatch | undefined, way: WalkState): void {
    if (way.depth > DEPTH_MAX) {
      this.isCut = true;
      return;
    }
    const returned = new MatchList(); // they go back to the calling chain, and see no more of this one
    for (const rule of this.#chains.get(name) ?? []) {
      this.#visits += 1;
      if (this.#visits > VISITS_MAX || this.ways.length > WAYS_MAX) {
        this.isCut = true;
        return;
      }
      const match = packets === undefined ? rule.match : bothMatch(packets, rule.match);
      if (match === undefined) continue;
      const isWithin = (earlier: NatMatch) => isMatchWithin(match, earlier);
      const { translated, accepted } = way.gone;
      if ([translated, accepted, returned].some((list) => list.some(match, isWithin))) continue;
      this.#act(rule, match, returned, way);
    }
  }

  #act(rule: NatRule, match: NatMatch, returned: MatchList, way: WalkState): void {
    const { action } = rule;
    const isShared = way.isShared || rule.isShared;
    const isSure = match.isCertain && !isShared;
    switch (action.kind) {
      case "translate":
        this.ways.push(this.#wayOf(rule, action, match, returned, { ...way, isShared }));
        listOf(way.gone, isShared, isSure).add(match);
        return;
      case "stop":
        (isSure ? way.gone.accepted : way.gone.doubted).add(match);
        return;
      case "return":
        (isSure ? returned : way.gone.doubted).add(match);
        return;
      case "unknown":
        way.gone.doubted.add(match);
        return;
      case "goto":
      case "jump":
        this.#chain(action.chain, match, { ...way, depth: way.depth + 1, isShared });
        if (action.kind === "goto" && isSure) returned.add(match);
    }
  }

  #wayOf(
    { text }: NatRule,
    { target, ports }: Extract<NatAction, { kind: "translate" }>,
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

function nothingGone(): Gone {
  return { translated: new MatchList(), shared: new MatchList(), accepted: new MatchList(), doubted: new MatchList() };
}

function listOf({ translated, shared, doubted }: Gone, isShared: boolean, isSure: boolean): MatchList {
  if (isShared) return shared;
  return isSure ? translated : doubted;
}

interface WalkState {
  readonly hook: NatHook;
  readonly gone: Gone;
  readonly depth: number;
  readonly isShared: boolean;
}
