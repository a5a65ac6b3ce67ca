// How much is lost on a path, and how many tries it takes until what stays silent is silent on purpose. Loss by chance
// takes the same share of every try; a queue that overflows takes far more of what is sent while it is full, so that who
// has been lost once is likelier to be lost again. Both are seen in the tries on which ports were answered (as removal
// methods in ecology see how many animals were never caught: Zippin, Biometrics 12, 1956).
import type { LossReport } from "../model/scan-event.js";

/** So few of the ports that would answer may be called filtered, as an expected number for a host. */
const MISSED_ACCEPTED = 1e-4;
/** Tries for silence on a path that lost nothing: one lost packet must not decide. */
const TRIES_BASE = 2;
/** Answers on the first try that every path is credited with: one lost packet of two is no 100 % loss. */
const PRIOR_ANSWERS = 3;
/** So many ports that were lost once are taken to be lost again as often as any, whatever those that were seen have done. */
const PRIOR_RETRIED = 20;
/** Who was lost is not taken to be lost again more often than this: beyond it a few answers would hide thousands of ports. */
const AGAIN_MAX = 0.9;
/** Halvings of the interval in which the loss is looked for: more than a double's precision needs. */
const BISECTIONS = 40;

/** Counts, for probes that were answered, how many tries before the answered one got nothing. */
export class LossMeter {
  /** Answers so far. */
  answeredCount = 0;
  /** Of those, how many were not answered on the first try. */
  private retriedCount = 0;
  private lostCount = 0;
  /** The highest try that was answered. */
  private lastTry = 0;
  /** Ports that have answered and were asked again to see what is lost, and how many of them were in vain. */
  private controls = 0;
  private controlsLost = 0;
  private share = 0;
  private shareAgain = 0;
  /** Tries that the shares were estimated for; 0 when there has been an answer since. */
  private triesEstimated = TRIES_BASE;

  /** A probe was answered on this try (0 is the first): each try before it was lost, or its answer was. */
  answered(tryIndex: number): void {
    this.answeredCount++;
    if (!this.isLossy && tryIndex === 0) return;
    if (tryIndex > 0) this.retriedCount++;
    this.lostCount += tryIndex;
    this.lastTry = Math.max(this.lastTry, tryIndex);
    this.triesEstimated = 0;
  }

  /** A port that had answered before was asked again. */
  controlled(isLost: boolean): void {
    this.controls++;
    if (isLost) this.controlsLost++;
    if (this.isLossy) this.triesEstimated = 0;
  }

  /** True when any loss was seen. */
  get isLossy(): boolean {
    return this.lostCount > 0 || this.controlsLost > 0;
  }

  /**
   * Share of tries that are lost, 0 to 1. Only answered probes are seen, and a probe gets only so many tries, so the
   * plain mean would be too low: this is the maximum-likelihood estimate for the truncated geometric distribution, with
   * a little credit so that few answers do not make extreme claims. Controls count for what they are.
   */
  get lossShare(): number {
    this.estimate(this.lastTry + 1);
    return this.share;
  }

  /** How many tries silence needs here: the loss to their power leaves no more than an accepted number of ports missed. */
  triesNeeded(triesMax: number): number {
    let tries = Math.min(TRIES_BASE, triesMax);
    if (!this.isLossy) return tries;
    while (tries < triesMax && this.missedAfter(tries) > MISSED_ACCEPTED) tries++;
    return tries;
  }

  /**
   * How many ports are expected to be silent only by loss after so many tries: by what was lost of all tries, or by what
   * was lost again of those that had been lost before, whichever is more. Behind a bottleneck the second is.
   */
  missedAfter(tries: number): number {
    this.estimate(this.lastTry + 1);
    return this.hiddenAfter(tries);
  }

  /** The loss in the form of reports, for ports that stayed silent after so many tries. */
  report(tries: number, silentCount: number): LossReport {
    if (silentCount === 0) return { lossShare: this.lossShare, missedEstimate: 0 };
    this.estimate(tries);
    return { lossShare: this.share, missedEstimate: Math.min(silentCount, this.hiddenAfter(tries)) };
  }

  private hiddenAfter(tries: number): number {
    const hiddenAgain = hiddenBy(this.shareAgain ** Math.max(1, tries - 1), this.retriedCount);
    return Math.max(hiddenBy(this.share ** tries, this.answeredCount), hiddenAgain);
  }

  /** From what was answered, where what is silent has been asked so often. */
  private estimate(triesAsked: number): void {
    const tries = Math.max(TRIES_BASE, this.lastTry + 1, triesAsked);
    if (tries === this.triesEstimated) return;
    this.triesEstimated = tries;
    const answered = this.answeredCount + PRIOR_ANSWERS;
    const byTries = truncatedShare(this.lostCount / answered, tries);
    this.share = (byTries * answered + this.controlsLost) / (answered + this.controls);
    const lostAgain = this.lostCount - this.retriedCount + PRIOR_RETRIED * meanLost(this.share, tries - 1);
    const retried = this.retriedCount + PRIOR_RETRIED;
    const byRetries = truncatedShare(lostAgain / retried, tries - 1);
    this.shareAgain = Math.min(AGAIN_MAX, (byRetries * retried + this.controlsLost) / (retried + this.controls));
  }
}

/** How many are hidden where so many were seen and this share is not. */
function hiddenBy(share: number, seen: number): number {
  return share === 0 ? 0 : (seen * share) / (1 - share);
}

/** The loss at which the mean number of lost tries before an answer within `tries` tries is `mean`. */
function truncatedShare(mean: number, tries: number): number {
  let low = 0;
  let high = 0.999;
  for (let step = 0; step < BISECTIONS; step++) {
    const share = (low + high) / 2;
    if (meanLost(share, tries) < mean) low = share;
    else high = share;
  }
  return (low + high) / 2;
}

/** Expected lost tries before the answered one, given that one of `tries` tries was answered. */
function meanLost(share: number, tries: number): number {
  let weight = 1;
  let sum = 0;
  let weighted = 0;
  for (let lost = 0; lost < tries; lost++) {
    sum += weight;
    weighted += lost * weight;
    weight *= share;
  }
  return weighted / sum;
}
