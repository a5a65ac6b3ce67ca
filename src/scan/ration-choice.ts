// When a host is asked no faster than it sends errors.
import type { Host } from "./host.js";
import { Ration } from "./ration.js";
import type { Track } from "./track.js";

/** Ports that are asked freely first, likely ones in front: services answer whatever the ration is. */
const SWEEP_PORTS = 1000;
/** A sweep that takes longer is over: the services that matter have been asked. */
const SWEEP_MS = 2500;

/** A ration that is this tight is worth a word. */
const RATION_NOTED_MS = 100;

/** True when the ports that matter most have been asked freely. */
export function isSwept(host: Host, track: Track, nowMs: number): boolean {
  return track.cursor >= Math.min(track.order.length, SWEEP_PORTS) || nowMs - host.startedAtMs > SWEEP_MS;
}

/** Goes over to asking as the ration allows. Ports that were silent so far are asked again. */
export function beginRation(track: Track, sourceCount: number, nowMs: number): void {
  const { errorWatch } = track;
  if (errorWatch === undefined) return;
  track.isPaused = false;
  track.ration = new Ration(sourceCount, errorWatch.closedPort, errorWatch.gapMs(nowMs), nowMs);
  // Nothing is proven by a silence among errors that were used up: all of it is asked anew, but with the next try.
  track.askSilentAnew(1);
}

/** Says how a host rations its errors, where that was seen and took time. */
export function markRation(host: Host, { ration, errorWatch }: Track): void {
  if (ration === undefined || !(ration.isSeen || errorWatch?.isRationed === true)) return;
  const { intervalMs } = ration;
  if (intervalMs < RATION_NOTED_MS) return;
  const text = `The host rations its ICMP errors: about one in ${(intervalMs / 1000).toFixed(1)} s to each address that asks`;
  host.marks.push({ code: "rationed", text });
}
