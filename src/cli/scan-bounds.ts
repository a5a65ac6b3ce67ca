// The limits of the settings file, on top of what was typed: a scan may be slower than they say, never faster.
import type { Limits } from "../policy/policy.js";
import type { Timing } from "../scan/plan.js";

const SECOND_MS = 1000;

/** The timing within the limits. */
export function withinLimits(timing: Timing, limits: Limits | undefined): Timing {
  const { ratePps, hostRatePps } = limits ?? {};
  const bent = { ...timing };
  if (ratePps !== undefined) {
    bent.maxRatePps = Math.min(timing.maxRatePps ?? ratePps, ratePps);
    if (timing.minRatePps !== undefined) bent.minRatePps = Math.min(timing.minRatePps, ratePps);
  }
  if (hostRatePps !== undefined) {
    const delayMs = Math.max(timing.scanDelayMs ?? 0, SECOND_MS / hostRatePps);
    bent.scanDelayMs = delayMs;
    if (timing.maxScanDelayMs !== undefined) bent.maxScanDelayMs = Math.max(timing.maxScanDelayMs, delayMs);
  }
  return bent;
}

/** What of the typed rates the limits take away; undefined for nothing. */
export function limitWarning(timing: Timing, limits: Limits | undefined, file: string): string | undefined {
  const { ratePps = Number.POSITIVE_INFINITY } = limits ?? {};
  const typed = (timing.minRatePps ?? 0) > ratePps ? "--min-rate" : undefined;
  const option = typed ?? ((timing.maxRatePps ?? 0) > ratePps ? "--max-rate" : undefined);
  if (option === undefined) return undefined;
  return `${option} is lowered to ${ratePps} probes a second: that is the limit in ${file}`;
}
