// How much is lost on a path, and how many tries it takes until what stays silent is silent on purpose.
import type { LossReport } from "../model/scan-event.js";

/** So few of the ports that would answer may be called filtered, as an expected number for a host. */
const MISSED_ACCEPTED = 1e-4;
/** Tries for silence on a path that lost nothing: one lost packet must not decide. */
const TRIES_BASE = 2;
/** Answers on the first try that every path is credited with: one lost packet of two is no 100 % loss. */
const PRIOR_ANSWERS = 3;
/** Halvings of the interval in which the loss is looked for: more than a double's precision needs. */
const BISECTIONS = 40;

/** Counts, for probes that were answered, how many tries before the answered one got nothing. */
export class LossMeter {
  /** Answers so far. */
  answeredCount = 0;
  private lostCount = 0;
  /** The highest try that was answered. */
  private lastTry = 0;
  private share = 0;
  private isShareKnown = true;

  /** A probe was answered on this try (0 is the first): each try before it was lost, or its answer was. */
  answered(tryIndex: number): void {
    this.answeredCount++;
    if (this.lostCount === 0 && tryIndex === 0) return;
    this.lostCount += tryIndex;
    this.lastTry = Math.max(this.lastTry, tryIndex);
    this.isShareKnown = false;
  }

  /** True when any loss was seen. */
  get isLossy(): boolean {
    return this.lostCount > 0;
  }

  /**
   * Share of tries that are lost, 0 to 1. Only answered probes are seen, and a probe gets only so many tries, so the
   * plain mean would be too low: this is the maximum-likelihood estimate for the truncated geometric distribution, with
   * a little credit so that few answers do not make extreme claims.
   */
  get lossShare(): number {
    if (!this.isShareKnown) {
      this.share = truncatedShare(
        this.lostCount / (this.answeredCount + PRIOR_ANSWERS),
        Math.max(TRIES_BASE, this.lastTry + 1),
      );
      this.isShareKnown = true;
    }
    return this.share;
  }

  /** How many tries silence needs here: the loss to their power leaves no more than an accepted number of ports missed. */
  triesNeeded(triesMax: number): number {
    let tries = Math.min(TRIES_BASE, triesMax);
    if (this.lostCount === 0) return tries;
    while (tries < triesMax && this.missedAfter(tries) > MISSED_ACCEPTED) tries++;
    return tries;
  }

  /** How many ports are expected to be silent only by loss after so many tries. */
  missedAfter(tries: number): number {
    const missed = this.lossShare ** tries;
    return missed === 0 ? 0 : (this.answeredCount * missed) / (1 - missed);
  }

  /** The loss in the form of reports, for ports that stayed silent after so many tries. */
  report(tries: number, silentCount: number): LossReport {
    return {
      lossShare: this.lossShare,
      missedEstimate: silentCount === 0 ? 0 : Math.min(silentCount, this.missedAfter(tries)),
    };
  }
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
