// RSTs that came in a host's name and are alike: one time to live, made in the same way. What is known of their sender, and
// those of them that wait for a verdict.
import type { PortState } from "../model/port-state.js";
import { PortList } from "../target/port-list.js";
import { HAS_DF, HAS_MARK, HAS_OPTIONS, HAS_WINDOW, NO_TRAITS } from "../technique/segment-traits.js";

/** Whose RSTs they are: the host's, somebody else's, or not known yet. */
export type Origin = "own" | "other" | "unsure";

/** RSTs that were held back, all with the same evidence. */
export interface HeldResets {
  readonly kind: ResetKind;
  readonly state: PortState;
  /** The technique's number. */
  readonly technique: number;
  readonly tries: number;
  readonly ports: PortList;
}

/** So many ports are kept to be named. */
const NAMED_PORTS = 8;
/** Times are compared from so many on: fewer may be a burst. */
const TIMES_MIN = 20;
/** Means of two senders lie so many standard deviations apart at least, and one is half of the other or less. */
const TIMES_DEVIATIONS = 3;
const TIMES_SHARE = 0.5;

/** One kind of RST. */
export class ResetKind {
  readonly ttl: number;
  /** {@link NO_TRAITS} for RSTs that can be compared by their time to live only. */
  readonly traits: number;
  origin: Origin = "unsure";
  count = 0;
  /** So many ports were told as reset by somebody else. */
  foreignCount = 0;
  /** The first of its ports. */
  readonly ports: number[] = [];
  held: HeldResets[] = [];
  private timeCount = 0;
  private meanMs = 0;
  /** Sum of squared distances from the mean (Welford). */
  private squares = 0;

  constructor(ttl: number, traits: number) {
    this.ttl = ttl;
    this.traits = traits;
  }

  /** One more of them; `rttMs` below 0: how long it took is not known. */
  add(port: number, rttMs: number): void {
    this.count++;
    if (this.ports.length < NAMED_PORTS) this.ports.push(port);
    if (rttMs < 0) return;
    this.timeCount++;
    const distance = rttMs - this.meanMs;
    this.meanMs += distance / this.timeCount;
    this.squares += distance * (rttMs - this.meanMs);
  }

  /** Keeps one back. */
  hold(technique: number, port: number, state: PortState, tries: number): void {
    let group = this.held.find((one) => one.state === state && one.technique === technique && one.tries === tries);
    if (group === undefined) {
      group = { kind: this, state, technique, tries, ports: new PortList() };
      this.held.push(group);
    }
    group.ports.push(port);
  }

  /** Hands out what was held back. */
  release(): readonly HeldResets[] {
    const { held } = this;
    this.held = [];
    return held;
  }

  /** True when the other kind can be compared with this one in more than the time to live. */
  isComparable(other: ResetKind): boolean {
    return this.traits !== NO_TRAITS && other.traits !== NO_TRAITS;
  }

  /** The ports, as far as they were kept: "135, 139, 445". */
  get portWords(): string {
    if (this.count > this.ports.length) return `${this.ports.join(", ")} and more`;
    return this.ports.join(", ");
  }

  /**
   * In what it differs from the other, in words: "identification 0 instead of set". Times only where they are beyond
   * doubt: they never decide, for a host may be busy or asleep.
   */
  differences(other: ResetKind, markName: string): string[] {
    const differences: string[] = [];
    if (this.ttl !== other.ttl) differences.push(`ttl ${this.ttl} instead of ${other.ttl}`);
    const changed = this.isComparable(other) ? this.traits ^ other.traits : 0;
    for (const [trait, has, lacks] of traitWords(markName)) {
      if ((changed & trait) !== 0) differences.push((this.traits & trait) === 0 ? lacks : has);
    }
    if (this.isFaster(other) || other.isFaster(this)) {
      differences.push(`after ${this.meanMs.toFixed(1)} ms instead of ${other.meanMs.toFixed(1)} ms`);
    }
    return differences;
  }

  private isFaster(other: ResetKind): boolean {
    if (this.timeCount < TIMES_MIN || other.timeCount < TIMES_MIN) return false;
    const spreadMs = TIMES_DEVIATIONS * (this.deviationMs + other.deviationMs);
    return this.meanMs <= TIMES_SHARE * other.meanMs && other.meanMs - this.meanMs > spreadMs;
  }

  private get deviationMs(): number {
    return Math.sqrt(this.squares / this.timeCount);
  }
}

function traitWords(markName: string): readonly (readonly [trait: number, has: string, lacks: string])[] {
  return [
    [HAS_MARK, `${markName} set instead of 0`, `${markName} 0 instead of set`],
    [HAS_DF, "DF set instead of clear", "DF clear instead of set"],
    [HAS_WINDOW, "a window instead of none", "no window instead of one"],
    [HAS_OPTIONS, "TCP options instead of none", "no TCP options instead of some"],
  ];
}
