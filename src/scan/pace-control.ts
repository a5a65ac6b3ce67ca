// The pace that a way can bear: without a bound until loss shows one, then close below it. Loss by itself is no reason to
// slow down, for many ways lose a share of whatever is sent; what a bottleneck loses grows with the rate. So the rate is
// lowered to what came through, and if as much is lost as before, it was not us (compare BBR, draft-ietf-ccwg-bbr §5.5).
// Time is cut into slices; what became of the probes of a slice is counted where they were sent, however late it is known.
import { EVIDENCE_MIN, Evidence, type Finding } from "./pace-evidence.js";

/** Length of a slice, in ms. */
export const SLICE_MS = 25;
/** In place of a slice: there is none. */
export const NO_SLICE = -1;

/** Slices that are remembered: 12.8 s, longer than any probe waits. */
const SLICE_COUNT = 512;
/** Loss above that which the way always has, and above its own uncertainty, that is taken for congestion. */
const EXCESS_MIN = 0.02;
/** Standard deviations that a share may be off by chance. */
const DEVIATIONS = 3;
/** So much of what came through is asked for at first: a bottleneck's queue must drain. */
const MARGIN = 0.95;
/** However much seems to be lost: a way that bore so much bears half of it for a while. */
const LEAST_OF_BEST = 0.5;
const BEST_FADES = 0.8;
/** If slowing down so many times lets no larger share through, the loss has nothing to do with the pace. */
const TRIALS = 2;
/** However much was lost: one step asks for no less than this share of the rate, for more would be a guess. */
const STEP_MIN = 0.1;
/** Growth of the rate with each slice in which nothing was lost too much: by a quarter in a second. */
const GROWTH = 1.0055;
/** The same when nothing has been lost for so many slices: the bottleneck has gone, or was never there. */
const GROWTH_FREE = 1.03;
const FREE_AFTER_SLICES = 120;
/** So many slices that were judged together count for growth: what was long in doubt is no reason for a leap. */
const GROWTH_SLICES_MAX = 20;
/** A slice that used less than this share of what was allowed says nothing about more. */
const USED_MIN = 0.7;
/** Slices of which few probes were answered, where nearly all had been before, are a bottleneck's sign at once. */
const SUSPECT_SHARE = 0.7;
/** An answer that has not come by then is late. */
const SUSPECT_ROUND_TRIPS = 1.25;
const SUSPECT_GRACE_MS = 5;
const HEALTHY_SHARE = 0.95;
const HEALTHY_FOR_SLICES = 20;
/** So many of a slice's silent ports must have been asked again, since those that answer do so first; or it is so old. */
const ASKED_AGAIN_MIN = 0.95;
const KNOWN_AFTER_SLICES = 200;
/** With little evidence, so many slices are judged together at most: four seconds. */
const PENDING_SLICES_MAX = 160;
/** At most this long a silence is made up for by a burst. */
const BURST_MS = 4;
/** However bad it gets: slower than this and nothing is learned any more. */
const FLOOR_PPS = 20;

/** One bottleneck as far as it shows: a host's way, or what all small hosts share. */
export class PaceControl {
  /** Probes a second that may be sent; infinite while no bottleneck has shown. */
  ratePps: number = Number.POSITIVE_INFINITY;
  private readonly floorPps: number;
  private readonly sent = new Int32Array(SLICE_COUNT);
  private readonly answeredCounts = new Int32Array(SLICE_COUNT);
  private readonly silentCounts = new Int32Array(SLICE_COUNT);
  /** Of the silent ones: asked again and answered, so lost; asked again and silent, so silent on purpose. */
  private readonly lostCounts = new Int32Array(SLICE_COUNT);
  private readonly muteCounts = new Int32Array(SLICE_COUNT);
  private readonly controlCounts = new Int32Array(SLICE_COUNT);
  private readonly controlLostCounts = new Int32Array(SLICE_COUNT);
  private slice = NO_SLICE;
  /** The rate is bounded because answers stayed away; whether they were lost is not known yet. */
  private isSuspicion = false;
  /** The last slice that was looked at for its answers alone. */
  private suspected = NO_SLICE;
  /** The next slice to be judged. */
  private judged = NO_SLICE;
  /** Slices before this one were sent at another rate: they say nothing of the present one. */
  private valid = 0;
  /** Loss that does not depend on the pace, as a share. */
  private baseLoss = 0;
  /** The rate was lowered on trial, so often in a row; what was lost before, and at which rate. */
  private trials = 0;
  private trialLoss = 0;
  private trialPps = 0;
  private beforeTrialPps = 0;
  /** The best that has come through, fading each time that the rate is lowered. */
  private bestPps = 0;
  private healthySlices = 0;
  /** The last slice of which nearly every probe was answered. */
  private healthyAt = Number.NEGATIVE_INFINITY;
  /** What is known of slices whose judgement needs more evidence. */
  private readonly pending = new Evidence();
  private tokens = 1;
  private filledAtMs = 0;

  /** `floorPps`: never slower than this. */
  constructor(floorPps: number = FLOOR_PPS) {
    this.floorPps = Math.max(FLOOR_PPS, floorPps);
  }

  /** How many probes may be sent now. */
  available(nowMs: number): number {
    if (this.ratePps === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const most = Math.max(1, (this.ratePps * BURST_MS) / 1000);
    this.tokens = Math.min(most, this.tokens + ((nowMs - this.filledAtMs) * this.ratePps) / 1000);
    this.filledAtMs = nowMs;
    return Math.floor(this.tokens);
  }

  /** When the next probe may be sent, in ms from the last {@link available}. */
  get waitMs(): number {
    return this.ratePps === Number.POSITIVE_INFINITY || this.tokens >= 1
      ? 0
      : ((1 - this.tokens) * 1000) / this.ratePps;
  }

  /** A probe was sent. */
  onSent(nowMs: number): void {
    if (this.ratePps !== Number.POSITIVE_INFINITY) this.tokens--;
    this.moveTo(sliceOf(nowMs));
    this.count(this.sent, this.slice);
  }

  /** A probe that was sent in this slice was answered. */
  onAnswered(slice: number): void {
    this.count(this.answeredCounts, slice);
  }

  /** The time of a probe that was sent in this slice ran out, and its port will be asked again. */
  onSilent(slice: number): void {
    this.count(this.silentCounts, slice);
  }

  /** The answer to a probe that was sent in this slice came after its time, but before its port was asked again. */
  onLate(slice: number): void {
    this.count(this.silentCounts, slice, -1);
    this.count(this.answeredCounts, slice);
  }

  /** A port that was asked in vain in this slice was answered when it was asked again: that probe was lost. */
  onLost(slice: number): void {
    this.count(this.lostCounts, slice);
  }

  /** A port that was asked in vain in this slice was silent again. */
  onMute(slice: number): void {
    this.count(this.muteCounts, slice);
  }

  /** A port that had answered before was asked again in this slice. */
  onControl(slice: number, isLost: boolean): void {
    this.count(this.controlCounts, slice);
    this.count(isLost ? this.controlLostCounts : this.answeredCounts, slice);
  }

  /** To be called now and then: judges slices of which enough is known. `timeoutMs` is how long a first try waits. */
  judge(nowMs: number, timeoutMs: number, roundTripMs: number): void {
    this.moveTo(sliceOf(nowMs));
    if (this.judged === NO_SLICE) this.judged = this.slice;
    this.judged = Math.max(this.judged, this.slice - SLICE_COUNT + 1);
    this.suspect(nowMs, roundTripMs);
    // Answers to second tries have come by then, unless they have to wait for their turn.
    const knownBefore = sliceOf(nowMs - timeoutMs - roundTripMs * 2 - SLICE_MS);
    for (; this.judged < knownBefore; this.judged++) {
      if (!this.isKnown(this.judged)) break;
      if (this.judged >= this.valid) this.takeSlice(placeOf(this.judged), nowMs);
    }
  }

  /** While no bottleneck has shown: answers that stay away say so a timeout earlier than retries do. */
  private suspect(nowMs: number, roundTripMs: number): void {
    if (this.ratePps !== Number.POSITIVE_INFINITY || this.baseLoss > 0) return;
    const slice = sliceOf(nowMs - roundTripMs * SUSPECT_ROUND_TRIPS - SUSPECT_GRACE_MS) - 1;
    const sent = this.sent[placeOf(slice)] ?? 0;
    if (slice < this.valid || slice <= this.suspected || sent < EVIDENCE_MIN) return;
    this.suspected = slice;
    const share = (this.answeredCounts[placeOf(slice)] ?? 0) / sent;
    if (share >= HEALTHY_SHARE) this.healthyAt = slice;
    else if (share < SUSPECT_SHARE && slice - this.healthyAt <= HEALTHY_FOR_SLICES) {
      this.healthyAt = Number.NEGATIVE_INFINITY;
      const ratePps = (sent * 1000) / SLICE_MS;
      this.slowDown(ratePps * share, ratePps, 1 - share, nowMs);
      this.isSuspicion = true;
      this.valid = slice; // what becomes of these very probes will tell
    }
  }

  /** True when most of a slice's silent ports have been asked again, or will not be any more. */
  private isKnown(slice: number): boolean {
    const at = placeOf(slice);
    const silent = this.silentCounts[at] ?? 0;
    const asked = (this.lostCounts[at] ?? 0) + (this.muteCounts[at] ?? 0);
    return asked >= silent * ASKED_AGAIN_MIN || this.slice - slice > KNOWN_AFTER_SLICES;
  }

  /** Adds what is known of a slice, and judges when it is enough. */
  private takeSlice(at: number, nowMs: number): void {
    const { pending } = this;
    pending.slices++;
    pending.sent += this.sent[at] ?? 0;
    pending.sentSquares += (this.sent[at] ?? 0) ** 2;
    pending.answered += this.answeredCounts[at] ?? 0;
    pending.silent += this.silentCounts[at] ?? 0;
    pending.lost += this.lostCounts[at] ?? 0;
    pending.mute += this.muteCounts[at] ?? 0;
    pending.controls += this.controlCounts[at] ?? 0;
    pending.controlsLost += this.controlLostCounts[at] ?? 0;
    this.judgeEvidence(nowMs);
  }

  private judgeEvidence(nowMs: number): void {
    const { pending } = this;
    const finding = pending.finding();
    // Ports that are silent again and again are evidence against a bottleneck, but none for a higher rate.
    const isLast = pending.slices >= PENDING_SLICES_MAX;
    const isMute = this.isSuspicion && pending.lost + pending.mute >= EVIDENCE_MIN;
    const isEnough = finding.isFound || isMute || (isLast && finding.isHinted);
    const isJudged = isEnough && this.judgePending(finding, nowMs);
    if (isJudged || isLast) this.pending.clear();
  }

  /** False when there is loss, but too little evidence to tell whether it is chance: then more slices are awaited. */
  private judgePending({ loss, deviation }: Finding, nowMs: number): boolean {
    const { pending } = this;
    const ratePps = ((pending.sentSquares / Math.max(1, pending.sent)) * 1000) / SLICE_MS;
    const excess = loss - this.baseLoss - EXCESS_MIN;
    const isLossy = excess > DEVIATIONS * deviation;
    if (this.isSuspicion) this.confirm(isLossy);
    else if (isLossy) this.onLossy(ratePps, loss, nowMs);
    else if (excess > 0 && pending.slices < PENDING_SLICES_MAX) return false;
    else this.onHealthy(ratePps, loss, pending.slices);
    return true;
  }

  /** What was suspected because answers stayed away is true when asking again was answered, and else was not ours. */
  private confirm(isLossy: boolean): void {
    this.isSuspicion = false;
    if (!isLossy) this.ratePps = Number.POSITIVE_INFINITY;
    this.trials = 0;
    this.valid = this.slice + 1;
  }

  private onLossy(ratePps: number, loss: number, nowMs: number): void {
    this.healthySlices = 0;
    if (this.trials === 0 || this.hasHelped(ratePps, loss)) {
      this.trials = 0;
      this.beforeTrialPps = ratePps;
      this.slowDown(this.cameThroughPps(ratePps, loss), ratePps, loss, nowMs);
      return;
    }
    if (this.trials < TRIALS) {
      this.slowDown(ratePps / 2, ratePps, loss, nowMs);
      return;
    }
    // Slower by far, and as much was lost: that is how this way is.
    this.baseLoss = loss;
    this.ratePps = this.beforeTrialPps;
    this.trials = 0;
    this.healthySlices = FREE_AFTER_SLICES;
    this.valid = this.slice + 1;
  }

  private onHealthy(ratePps: number, loss: number, slices: number): void {
    this.trials = 0;
    if (this.baseLoss > 0) this.baseLoss += (loss - this.baseLoss) / 8;
    if (this.ratePps === Number.POSITIVE_INFINITY) return;
    this.healthySlices += slices;
    if (ratePps < this.ratePps * USED_MIN) return;
    this.ratePps *=
      (this.healthySlices > FREE_AFTER_SLICES ? GROWTH_FREE : GROWTH) ** Math.min(slices, GROWTH_SLICES_MAX);
  }

  /**
   * True when a slower trial has let a larger share through. A bottleneck passes on so many probes a second, any other
   * loss the same share: what came through lies nearer to one or the other, by their geometric mean.
   */
  private hasHelped(ratePps: number, loss: number): boolean {
    const shareBefore = 1 - this.trialLoss;
    const shareOfBottleneck = Math.min(1, (shareBefore * this.trialPps) / ratePps);
    return 1 - loss > Math.sqrt(shareBefore * shareOfBottleneck);
  }

  private cameThroughPps(ratePps: number, loss: number): number {
    return ratePps * Math.max(STEP_MIN, (1 - loss) / (1 - this.baseLoss));
  }

  private slowDown(targetPps: number, ratePps: number, loss: number, nowMs: number): void {
    this.trials++;
    this.trialLoss = loss;
    this.trialPps = ratePps;
    this.bestPps = Math.max(targetPps, this.bestPps * BEST_FADES);
    const leastPps = Math.max(this.floorPps, this.bestPps * LEAST_OF_BEST);
    this.ratePps = Math.max(leastPps, Math.min(this.ratePps, targetPps * MARGIN));
    this.tokens = 0;
    this.filledAtMs = nowMs;
    this.valid = this.slice + 1;
    this.pending.clear();
  }

  private moveTo(slice: number): void {
    if (slice <= this.slice) return;
    const first = Math.max(this.slice + 1, slice - SLICE_COUNT + 1);
    for (let fresh = first; fresh <= slice; fresh++) {
      const at = placeOf(fresh);
      this.sent[at] = 0;
      this.answeredCounts[at] = 0;
      this.silentCounts[at] = 0;
      this.lostCounts[at] = 0;
      this.muteCounts[at] = 0;
      this.controlCounts[at] = 0;
      this.controlLostCounts[at] = 0;
    }
    this.slice = slice;
  }

  private count(counts: Int32Array, slice: number, change = 1): void {
    if (slice <= this.slice - SLICE_COUNT || slice < 0) return;
    const at = placeOf(slice);
    counts[at] = (counts[at] ?? 0) + change;
  }
}

/** The slice of a moment. */
export function sliceOf(atMs: number): number {
  return Math.floor(atMs / SLICE_MS);
}

function placeOf(slice: number): number {
  return ((slice % SLICE_COUNT) + SLICE_COUNT) % SLICE_COUNT;
}
