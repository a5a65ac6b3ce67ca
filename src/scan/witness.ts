// Who answers in a host's name? A firewall that resets connections makes a blocked port look closed. Its RSTs give it away
// where they differ from packets that only the host itself can have sent: a SYN-ACK, an echo reply. RSTs of which that is not
// known yet are held back, until the host is done at the latest. What each trait proves: docs/decisions/held-resets.md.
import type { HostMark } from "../model/scan-event.js";
import { HAS_DF, HAS_MARK, NO_TRAITS } from "../technique/segment-traits.js";
import { firstTtlOf } from "./first-ttl.js";
import { type HeldResets, type Origin, ResetKind } from "./reset-kind.js";

/** What routes of different lengths, and a machine behind the one that answers for it, may take more. */
const FARTHER_HOPS = 2;
/** The highest time to live there is: some stacks begin RSTs with it, whatever they begin other packets with. */
const HIGHEST_TTL = 255;
/** What is likelier by chance than this accuses nobody. */
const CHANCE_MAX = 1e-5;
/** So many RSTs of a kind wait for a SYN-ACK to be compared with: the likeliest ports are asked first. */
const AWAITING_MAX = 1024;
/** More kinds are told apart by their time to live only: somebody plays with us. */
const KINDS_MAX = 64;

/** What is known of the packets that come in a host's name. */
export class Witness {
  /** Times to live of what only the host itself can have sent. */
  private readonly ownTtls: number[] = [];
  /** What the first of them was seen in, for people. */
  private ownSeenIn = "";
  /** How its SYN-ACK is made; {@link NO_TRAITS} while none has been seen. */
  private ownTraits = NO_TRAITS;
  private synAckSeenIn = "";
  private readonly kinds: ResetKind[] = [];
  private readonly family: 4 | 6;
  private readonly isDirect: boolean;

  /** @param isDirect Nobody is between: what has come farther was led on, and how far says nothing of the sender */
  constructor(family: 4 | 6, isDirect: boolean = false) {
    this.family = family;
    this.isDirect = isDirect;
  }

  /**
   * A SYN-ACK or another packet that a firewall does not forge; {@link NO_TRAITS} for what is no SYN-ACK to a SYN. `seenIn`, and
   * the port where there is one, say to people what it was. True when it was news.
   */
  seeOwn(ttl: number, traits: number, seenIn: string, port = 0): boolean {
    const isNewTtl = ttl !== 0 && !this.ownTtls.includes(ttl);
    const isFirstSynAck = this.ownTraits === NO_TRAITS && traits !== NO_TRAITS;
    if (!isNewTtl && !isFirstSynAck) return false;
    const words = port === 0 ? seenIn : `${seenIn} ${port}`;
    if (isFirstSynAck) {
      this.ownTraits = traits;
      this.synAckSeenIn = words;
    }
    if (isNewTtl) this.ownTtls.push(ttl);
    if (this.ownSeenIn === "") this.ownSeenIn = words;
    for (const kind of this.kinds) kind.origin = this.originOf(kind);
    return true;
  }

  /** A RST came: what is known of its like. Below 0: how long it took is not known. */
  see(ttl: number, traits: number, port: number, rttMs: number): ResetKind {
    const kind = this.kindOf(ttl, traits);
    kind.add(port, rttMs);
    if (kind.origin === "unsure" && kind.count > AWAITING_MAX && this.isAwaitingSynAck(kind)) kind.origin = "own";
    return kind;
  }

  get isHolding(): boolean {
    return this.kinds.some(({ held }) => held.length > 0);
  }

  /** Hands out what was held back and is known by now. `isLast`: no better evidence will come. */
  release(isLast: boolean): HeldResets[] {
    if (isLast) this.settle();
    return this.kinds.flatMap((kind) => (kind.origin === "unsure" ? [] : kind.release()));
  }

  /** What somebody who reads the ports must know. */
  marks(): HostMark[] {
    return [this.foreignMark(), this.mixedMark()].filter((mark) => mark !== undefined);
  }

  private kindOf(ttl: number, traits: number): ResetKind {
    for (const kind of this.kinds) if (kind.ttl === ttl && kind.traits === traits) return kind;
    if (this.kinds.length >= KINDS_MAX && traits !== NO_TRAITS) return this.kindOf(ttl, NO_TRAITS);
    const kind = new ResetKind(ttl, traits);
    kind.origin = this.originOf(kind);
    this.kinds.push(kind);
    return kind;
  }

  /** What can be said at once, whatever other RSTs will come. */
  private originOf({ ttl, traits }: ResetKind): Origin {
    if (this.ownTtls.length === 0) return "unsure";
    if (!this.isOwnTtl(ttl)) return this.originByWay(ttl);
    if (traits === NO_TRAITS || (traits & HAS_MARK) !== 0) return "own";
    return this.ownTraits === NO_TRAITS || (this.ownTraits & HAS_MARK) !== 0 ? "unsure" : "own";
  }

  /** True when all that is missing is how the host makes its SYN-ACKs. */
  private isAwaitingSynAck({ ttl }: ResetKind): boolean {
    return this.ownTraits === NO_TRAITS && this.isOwnTtl(ttl);
  }

  private isOwnTtl(ttl: number): boolean {
    return this.isDirect || this.ownTtls.includes(ttl);
  }

  /** Nobody on the way is farther than the host; a little farther it may be itself, and it may begin RSTs otherwise. */
  private originByWay(ttl: number): Origin {
    let origin: Origin = "other";
    for (const own of this.ownTtls) {
      const farther = hopsOf(ttl) - hopsOf(own);
      if (farther < 0 || farther > FARTHER_HOPS) continue;
      if (firstTtlOf(ttl) === firstTtlOf(own)) origin = "own";
      else if (origin === "other") origin = "unsure";
    }
    return origin;
  }

  /** Decides all that is open, with what there is. */
  private settle(): void {
    if (this.ownTtls.length === 0) this.settleByDistance();
    const unsure = this.kinds.filter(({ origin }) => origin === "unsure");
    const origins = unsure.map((kind): Origin => (this.isOutdone(kind) ? "other" : "own"));
    for (const [index, kind] of unsure.entries()) kind.origin = origins[index] ?? "own";
  }

  /**
   * Without a packet of the host's own: where RSTs have come different ways, the host's are those that have come farthest,
   * for nobody on the way is farther.
   */
  private settleByDistance(): void {
    const farthest = Math.max(...this.kinds.map(({ ttl }) => hopsOf(ttl)));
    for (const { ttl } of [...this.kinds]) {
      if (this.isDirect || hopsOf(ttl) === farthest) this.seeOwn(ttl, NO_TRAITS, "the RSTs that came farthest");
    }
  }

  /**
   * True for RSTs that are otherwise than the host's SYN-ACK, which a host's own may be, when other RSTs came that are just
   * like it: then the host makes its RSTs like its SYN-ACKs, and these are not its own.
   */
  private isOutdone(kind: ResetKind): boolean {
    if (this.ownTraits === NO_TRAITS || kind.traits === NO_TRAITS) return false;
    let likeCount = 0;
    for (const like of this.kinds) {
      const isLike = like.origin === "own" && like.traits !== NO_TRAITS && this.isOwnTtl(like.ttl);
      if (isLike && ((like.traits ^ this.ownTraits) & HAS_DF) === 0) likeCount += like.count;
    }
    if (likeCount === 0) return false;
    if (!this.isOwnTtl(kind.ttl)) return firstTtlOf(kind.ttl) !== HIGHEST_TTL;
    return !this.isChance(kind.count, likeCount + kind.count);
  }

  /** True when a stack that draws identifications, or counts them, may well have come to so many zeros. */
  private isChance(zeroCount: number, count: number): boolean {
    const expected = count / (this.family === 4 ? 2 ** 16 : 2 ** 20);
    let term = Math.exp(-expected);
    let below = 0;
    for (let zeros = 0; zeros < zeroCount && below < 1; zeros++) {
      below += term;
      term *= expected / (zeros + 1);
      if (1 - below <= CHANCE_MAX) return false;
    }
    return true;
  }

  private foreignMark(): HostMark | undefined {
    let count = 0;
    let foreign: ResetKind | undefined;
    for (const kind of this.kinds) {
      count += kind.foreignCount;
      if (kind.foreignCount > (foreign?.foreignCount ?? 0)) foreign = kind;
    }
    if (foreign === undefined) return undefined;
    const ports = count === 1 ? "port was" : "ports were";
    const evidence = this.evidenceAgainst(foreign);
    return { code: "reset-by-other", text: `${count} ${ports} reset by somebody else in the host's name: ${evidence}` };
  }

  private evidenceAgainst(foreign: ResetKind): string {
    const like = this.largestOwn(foreign);
    const [ownTtl = 0] = this.ownTtls;
    const differences = like === undefined ? [] : foreign.differences(like, this.markName);
    if (this.isOwnTtl(foreign.ttl)) {
      return `${differences.join(", ")} (compared with other RSTs and ${this.synAckSeenIn})`;
    }
    const own = `ttl ${foreign.ttl}, while the host's own packets arrive with ttl ${ownTtl} (${this.ownSeenIn})`;
    const others = differences.filter((words) => !words.startsWith("ttl "));
    return others.length === 0 ? own : `${own}; also ${others.join(", ")}`;
  }

  /** RSTs of two kinds, and nothing tells which are the host's. */
  private mixedMark(): HostMark | undefined {
    const own = this.kinds.filter(({ origin, traits }) => origin === "own" && traits !== NO_TRAITS);
    own.sort((one, other) => other.count - one.count);
    const [most, ...others] = own;
    const fewer = most === undefined ? undefined : others.find((kind) => this.isOtherSender(kind, most));
    if (most === undefined || fewer === undefined) return undefined;
    const ports = `${fewer.count} ${fewer.count === 1 ? "port" : "ports"} (${fewer.portWords})`;
    const text =
      `${ports} ${fewer.count === 1 ? "was" : "were"} reset in another way than ${most.count} others, so two different ` +
      `senders answer in the host's name, and which is the host is not known: ${fewer.differences(most, this.markName).join(", ")}`;
    return { code: "resets-differ", text };
  }

  /** True when no one stack sends both. Other times to live alone may be other ways. */
  private isOtherSender(kind: ResetKind, other: ResetKind): boolean {
    const changed = kind.traits ^ other.traits;
    if (firstTtlOf(kind.ttl) !== firstTtlOf(other.ttl)) return true;
    if (changed !== HAS_MARK) return changed !== 0;
    const zeros = (kind.traits & HAS_MARK) === 0 ? kind : other;
    return !this.isChance(zeros.count, kind.count + other.count);
  }

  private largestOwn(beside: ResetKind): ResetKind | undefined {
    let largest: ResetKind | undefined;
    for (const kind of this.kinds) {
      const isBetter = kind.origin === "own" && kind.isComparable(beside) && kind.count > (largest?.count ?? 0);
      if (isBetter) largest = kind;
    }
    return largest;
  }

  private get markName(): string {
    return this.family === 4 ? "identification" : "flow label";
  }
}

function hopsOf(ttl: number): number {
  return firstTtlOf(ttl) - ttl;
}
