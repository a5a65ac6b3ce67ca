// What signals ask of a watch: SIGINT and SIGTERM end it, SIGHUP has its settings read anew between two runs.
import process from "node:process";

/** What was asked so far. */
export class WatchSignals {
  readonly stop: AbortSignal;
  #wake: AbortController = new AbortController();
  #isReloadWanted = false;
  readonly #onHangUp = (): void => {
    this.#isReloadWanted = true;
    this.#wake.abort();
  };

  /** @param stop Given by SIGINT and SIGTERM */
  constructor(stop: AbortSignal) {
    this.stop = stop;
    stop.addEventListener("abort", () => this.#wake.abort(), { once: true });
    process.on("SIGHUP", this.#onHangUp);
  }

  /** A signal that is given when somebody asks for something from now on, or has asked already. */
  nextWake(): AbortSignal {
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
    if (this.stop.aborted || this.#isReloadWanted) this.#wake.abort();
    return this.#wake.signal;
  }

  /** True once for each time that settings are to be read anew. */
  takeReload(): boolean {
    const isWanted = this.#isReloadWanted;
    this.#isReloadWanted = false;
    return isWanted;
  }

  close(): void {
    process.removeListener("SIGHUP", this.#onHangUp);
  }
}
