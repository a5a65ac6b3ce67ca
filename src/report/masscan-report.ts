// What the readers of masscan's own forms share: the start is when the first result came, since the forms do not say.
import { type MasscanResult, MasscanResults } from "./masscan-results.js";
import { ReadReport } from "./read-report.js";
import type { ReadEvent } from "./report-reader.js";

/** A report of masscan's that has results and nothing else. */
export class MasscanReport {
  readonly report: ReadReport = new ReadReport();
  readonly #results: MasscanResults = new MasscanResults(this.report);

  /** Takes a result. */
  add(result: MasscanResult): void {
    this.#start(result.at);
    this.#results.add(result);
  }

  /** Tells the rest. */
  end(isCut: boolean): void {
    this.#start(undefined);
    this.#results.flush();
    if (isCut) this.report.notice("cut-report", "the report has no end: what was told before that is read");
    this.report.done({ isAborted: isCut });
  }

  /** What was told since it was last asked for. */
  drain(): readonly ReadEvent[] {
    return this.report.drain();
  }

  #start(at: string | undefined): void {
    if (this.report.isStarted) return;
    this.report.start({ scanner: "masscan", ...(at === undefined ? {} : { startedAt: at }) });
  }
}
