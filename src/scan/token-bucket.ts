// An upper bound on the rate of probes (--max-rate).

/** At most this long a silence is made up for by a burst: a machine that wakes up must not send hours of packets at once. */
const BURST_MS = 10;

/** Gives out probes at a steady rate. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #most: number;
  #tokens = 1;
  #filledAtMs: number | undefined;

  /** `ratePps` undefined: no bound. */
  constructor(ratePps: number | undefined) {
    this.#perMs = (ratePps ?? Number.POSITIVE_INFINITY) / 1000;
    this.#most = Math.max(1, this.#perMs * BURST_MS);
  }

  /** How many probes may be sent now. */
  available(nowMs: number): number {
    if (this.#perMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const passedMs = nowMs - (this.#filledAtMs ?? nowMs);
    this.#filledAtMs = nowMs;
    this.#tokens = Math.min(this.#most, this.#tokens + passedMs * this.#perMs);
    return Math.floor(this.#tokens);
  }

  /** Probes were sent. */
  take(count: number): void {
    if (this.#perMs !== Number.POSITIVE_INFINITY) this.#tokens -= count;
  }

  /** When the next probe may be sent, in ms from the last {@link available}. */
  waitMs(): number {
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.#perMs;
  }
}
