// Whether a run kept the rate that was asked for (--min-rate): no wish makes a system faster than it is.
import type { DoneEvent } from "../model/scan-event.js";
import { groupDigits } from "../report/quantity.js";

/** Less than this share of the rate is worth a word. */
const SHARE_MIN = 0.9;

/**
 * What the user should know of the rate; undefined when it was kept, or when the probes of a whole second were not there to
 * be sent: so short a run says nothing.
 */
export function rateWarning(
  minRatePps: number | undefined,
  { counts, elapsedMs }: Pick<DoneEvent, "counts" | "elapsedMs">,
): string | undefined {
  if (minRatePps === undefined || counts.sent < minRatePps || elapsedMs <= 0) return undefined;
  const ratePps = (counts.sent * 1000) / elapsedMs;
  if (ratePps >= SHARE_MIN * minRatePps) return undefined;
  const reached = `${groupDigits(ratePps)} probes a second over the whole run`;
  return `--min-rate ${groupDigits(minRatePps)} could not be kept: it was ${reached}`;
}
