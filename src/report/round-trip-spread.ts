// How much the round trips of one host vary, for reports that state it. RFC 6298 §2.

/** RFC 6298 §2.3. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
/** RFC 6298 §2.3; the floor is the scan's own, and nmap's. */
const K = 4;
const TIMEOUT_MIN_US = 100_000;

/** Smoothed round trip and its variation, from one sample after the other. */
export class RoundTripSpread {
  #smoothedUs: number | undefined;
  #variationUs = 0;

  add(rttUs: number): void {
    if (this.#smoothedUs === undefined) {
      this.#smoothedUs = rttUs;
      this.#variationUs = rttUs / 2;
      return;
    }
    this.#variationUs += BETA * (Math.abs(this.#smoothedUs - rttUs) - this.#variationUs);
    this.#smoothedUs += ALPHA * (rttUs - this.#smoothedUs);
  }

  /** In µs; `undefined` before the first sample. */
  get smoothedUs(): number | undefined {
    return this.#smoothedUs;
  }

  /** In µs. */
  get variationUs(): number {
    return this.#variationUs;
  }

  /** After so many µs without an answer a probe counts as lost. */
  timeoutUs(smoothedUs: number): number {
    return Math.max(TIMEOUT_MIN_US, smoothedUs + K * this.#variationUs);
  }
}
