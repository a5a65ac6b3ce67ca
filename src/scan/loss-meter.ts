// How much is lost on a path, and how many tries it takes until what stays silent is silent on purpose.
import type { LossReport } from "../model/scan-event.js";

/** So few of the ports that would answer may be called filtered, as an expected number for a host. */
const MISSED_ACCEPTED = 1e-4;
/** Tries for silence on a path that lost nothing: one lost packet must not decide. */
const TRIES_BASE = 2;

/** Counts, for probes that were answered, how many tries before the answered one got nothing. */
export class LossMeter {
  /** Answers so far. */
  answeredCount = 0;
  private lostCount = 0;

  /** A probe was answered on this try (0 is the first): each try before it was lost, or its answer was. */
  answered(tryIndex: number): void {
    this.answeredCount++;
    this.lostCount += tryIndex;
  }

  /** True when any loss was seen. */
  get isLossy(): boolean {
    return this.lostCount > 0;
  }

  /** Share of tries that were lost, 0 to 1, among those of which it can be known. */
  get lossShare(): number {
    return this.lostCount === 0 ? 0 : this.lostCount / (this.answeredCount + this.lostCount);
  }

  /** How many tries silence needs here: the loss to their power leaves no more than an accepted number of ports missed. */
  triesNeeded(triesMax: number): number {
    let tries = Math.min(TRIES_BASE, triesMax);
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
