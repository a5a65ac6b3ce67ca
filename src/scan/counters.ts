// What a run has sent and received, counted as it goes.
import type { RunCounts } from "../model/scan-event.js";

/** The counters of {@link RunCounts}, to be raised in place. */
export class Counters {
  hosts = 0;
  unreachable = 0;
  hostsUp = 0;
  ports = 0;
  sent = 0;
  answered = 0;
  resent = 0;
  late = 0;
  kernelDrops = 0;
  ignored = 0;

  /** The counts at this moment. */
  snapshot(): RunCounts {
    return { ...this };
  }
}
