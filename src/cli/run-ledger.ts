// Ends a report in good order when a scan breaks off by an error: writers close their documents with the "done" event, and
// then nobody else sends it.
import type { Clock } from "../linux/clock.js";
import type { CompactScanEvent, RunCounts } from "../model/scan-event.js";
import { messageOf } from "./exit-status.js";

/** Nothing was asked yet. */
export const NO_COUNTS: RunCounts = {
  hosts: 0,
  unreachable: 0,
  hostsUp: 0,
  ports: 0,
  sent: 0,
  answered: 0,
  resent: 0,
  late: 0,
  kernelDrops: 0,
  ignored: 0,
};

/** Knows how far the events of a run have come. */
export class RunLedger {
  readonly #clock: Clock;
  #startedAtMs: number | undefined;
  #counts: RunCounts = NO_COUNTS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(event: CompactScanEvent): void {
    if (event.type === "start") this.#startedAtMs = this.#clock.now();
    else if (event.type === "progress") this.#counts = event.counts;
    else if (event.type === "done") this.#startedAtMs = undefined;
  }

  /** The events that are missing because of an error; none before the start and behind the end. */
  endBecauseOf(error: unknown): readonly CompactScanEvent[] {
    if (this.#startedAtMs === undefined) return [];
    const reason = messageOf(error);
    return [
      { type: "notice", level: "warning", code: "broken-off", text: `the scan was broken off: ${reason}` },
      {
        type: "done",
        finishedAt: this.#clock.isoNow(),
        elapsedMs: this.#clock.now() - this.#startedAtMs,
        counts: this.#counts,
        loss: { lossShare: 0, missedEstimate: 0 },
        isAborted: true,
      },
    ];
  }
}
