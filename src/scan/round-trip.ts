// How long to wait for an answer: the retransmission timer of RFC 6298, in ms.
import type { Timing } from "./plan.js";

/**
 * RFC 6298 §2.4 wants 1 s; a probe that is sent again too early costs one packet, so we go lower: nmap's floor, too
 * (reference guide, --min-rtt-timeout).
 */
const RTO_MIN_MS = 100;
const RTO_MAX_MS = 10_000;
/** RFC 6298 §2.1: before any sample. */
const RTO_INITIAL_MS = 1000;
/** The same for a neighbour on the link, which answers within milliseconds unless it sleeps. */
const RTO_INITIAL_NEAR_MS = 250;

/** Between which bounds timeouts move, in ms. */
export interface TimeoutBounds {
  readonly leastMs: number;
  readonly mostMs: number;
  /** Before any sample. */
  readonly initialMs: number;
}

/** The bounds for hosts near or far, with what the user has said of them. */
export function timeoutBounds(timing: Timing, isNear: boolean): TimeoutBounds {
  const { minRttTimeoutMs = RTO_MIN_MS, maxRttTimeoutMs = RTO_MAX_MS, initialRttTimeoutMs } = timing;
  const mostMs = Math.max(minRttTimeoutMs, maxRttTimeoutMs);
  const initialMs = initialRttTimeoutMs ?? (isNear ? RTO_INITIAL_NEAR_MS : RTO_INITIAL_MS);
  return { leastMs: minRttTimeoutMs, mostMs, initialMs: Math.min(mostMs, Math.max(minRttTimeoutMs, initialMs)) };
}
/** Each answer in time lets a floor that late answers had raised sink a little: by half over some 230 answers. */
const FLOOR_DECAY = 0.997;
/** RFC 6298 §2.3. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;
/**
 * The second try waits twice as long (RFC 6298 §5.5). Later ones do not double it further: a port is asked again to
 * outlast random loss, and congestion is the send window's affair.
 */
const BACKOFF_MAX = 1;

/** The smoothed round trip of one path. */
export class RoundTrip {
  private smoothed = 0;
  private variation = 0;
  private hasSample = false;
  /** Raised when an answer came after its probe had been given up: the estimate was too low. */
  private floorMs: number;
  private backedOffUntilMs = Number.NEGATIVE_INFINITY;
  private readonly bounds: TimeoutBounds;

  constructor(bounds: TimeoutBounds) {
    this.bounds = bounds;
    this.floorMs = bounds.leastMs;
  }

  /** Smoothed round trip in ms; undefined before the first sample. */
  get smoothedMs(): number | undefined {
    return this.hasSample ? this.smoothed : undefined;
  }

  /** Takes a measured round trip. By Karn's rule only of a probe whose answer says which try it belongs to. */
  sample(ms: number): void {
    this.floorMs = Math.max(this.bounds.leastMs, this.floorMs * FLOOR_DECAY);
    if (!this.hasSample) {
      this.hasSample = true;
      this.smoothed = ms;
      this.variation = ms / 2;
      return;
    }
    this.variation += BETA * (Math.abs(this.smoothed - ms) - this.variation);
    this.smoothed += ALPHA * (ms - this.smoothed);
  }

  /** An answer came too late: wait longer from now on. A burst of late answers is one piece of news. */
  backOff(nowMs: number): void {
    if (nowMs < this.backedOffUntilMs) return;
    this.floorMs = Math.min(this.bounds.mostMs, this.floorMs * 2);
    this.backedOffUntilMs = nowMs + this.floorMs;
  }

  /** How long the given try (0 is the first) waits. `prior` stands in while this path has no sample of its own. */
  timeoutMs(tryIndex: number, prior?: RoundTrip): number {
    const backoff = 2 ** Math.min(tryIndex, BACKOFF_MAX);
    const { mostMs, initialMs } = this.bounds;
    if (!this.hasSample) return prior?.timeoutMs(tryIndex) ?? Math.min(mostMs, initialMs * backoff);
    const estimate = this.smoothed + K * this.variation;
    return Math.min(mostMs, Math.max(this.floorMs, estimate) * backoff);
  }
}
