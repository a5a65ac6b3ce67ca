// Watches the errors that closed UDP ports send, and recognises a host that rations them.

/** So many questions without an answer, and more than were answered, make one look at the errors. */
const SILENT_MIN = 24;
const ERRORS_MIN = 2;

/** Errors that are remembered, and for how long they are recent, in ms. */
const RECENT = 1024;
const RECENT_MS = 1000;

/** What is known of one host's errors while it is asked freely. */
export class ErrorWatch {
  /** Errors so far. */
  errors = 0;
  /** A port whose error came: it is closed for sure. */
  closedPort = -1;
  private silent = 0;
  private firstAtMs = 0;
  /** When the last errors came, in a ring. */
  private readonly cameAtMs = new Float64Array(RECENT);

  onError(port: number, nowMs: number): void {
    if (this.errors === 0) this.firstAtMs = nowMs;
    this.cameAtMs[this.errors % RECENT] = nowMs;
    this.errors++;
    this.closedPort = port;
  }

  onSilent(): void {
    this.silent++;
  }

  /** True when errors came, and then stayed away from most questions. */
  get isRationed(): boolean {
    return this.errors >= ERRORS_MIN && this.silent >= SILENT_MIN && this.silent > this.errors;
  }

  /** The time between two errors over the last second; undefined before what was saved up has been used for that long. */
  gapMs(nowMs: number): number | undefined {
    let count = 0;
    for (let index = 0; index < Math.min(RECENT, this.errors); index++) {
      if (nowMs - (this.cameAtMs[index] ?? 0) < RECENT_MS) count++;
    }
    return count < ERRORS_MIN || nowMs - this.firstAtMs < 2 * RECENT_MS ? undefined : RECENT_MS / count;
  }
}
