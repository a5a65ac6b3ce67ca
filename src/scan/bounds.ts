// How many probes may be under way and how long each may take, with what the user has said of it.
import type { HostBounds } from "./host.js";
import type { Timing } from "./plan.js";
import { WINDOW_CAPACITY } from "./probe-window.js";
import { timeoutBounds } from "./round-trip.js";
import type { WindowBounds } from "./send-window.js";

/** A few probes to begin with. */
const HOST_INITIAL = 16;
const HOST_CEILING = 16_384;
/** What lies behind routers may open wide in silence only slowly; a neighbour at once. */
const FAR_SILENT_CEILING = 2048;
const TOTAL_INITIAL = 64;

/** All bounds of a run. */
export interface Bounds {
  readonly near: HostBounds;
  readonly far: HostBounds;
  readonly total: WindowBounds;
}

/** The bounds that follow from a plan's timing. */
export function boundsOf(timing: Timing): Bounds {
  const { minParallelism = 1, maxParallelism = WINDOW_CAPACITY } = timing;
  const within = (count: number): number => Math.max(minParallelism, Math.min(maxParallelism, count));
  const host = (silentCeiling: number): WindowBounds => ({
    initial: within(HOST_INITIAL),
    floor: Math.min(HOST_INITIAL, within(HOST_INITIAL)),
    ceiling: within(HOST_CEILING),
    silentCeiling: within(silentCeiling),
  });
  const ceiling = Math.min(WINDOW_CAPACITY, within(WINDOW_CAPACITY));
  return {
    near: { window: host(HOST_CEILING), timeout: timeoutBounds(timing, true) },
    far: { window: host(FAR_SILENT_CEILING), timeout: timeoutBounds(timing, false) },
    total: {
      initial: Math.min(ceiling, within(TOTAL_INITIAL)),
      floor: Math.min(ceiling, within(TOTAL_INITIAL)),
      ceiling,
      silentCeiling: ceiling,
    },
  };
}
