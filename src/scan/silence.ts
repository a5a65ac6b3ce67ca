// What the silence of a track's ports comes to: another try, a verdict, or doubt whether the host was allowed to answer.
import type { PortState } from "../model/port-state.js";
import { TECHNIQUES } from "../technique/list.js";
import { NO_SLICE } from "./pace-control.js";
import type { SilenceSink } from "./ration.js";
import type { Track } from "./track.js";
import { portStateOf } from "./verdicts.js";

/** What a ration makes of a port that was silent; `triesNeeded` are needed before silence is believed. */
export function rationedSilence(track: Track, triesNeeded: number): SilenceSink {
  return {
    askAgain: (packed) => track.retries.push(packed & 0xffff, packed >>> 16, NO_SLICE),
    passed: (packed) => {
      const tries = (packed >>> 16) + 1;
      if (tries < triesNeeded) track.ration?.confirms.push(packed & 0xffff, tries, 0);
      else track.giveUp(packed & 0xffff, tries);
    },
  };
}

/** Loss may have shown since ports were given up, so that what was thought enough was not. True when some are asked again. */
export function askSilentAgain(track: Track, triesNeeded: number): boolean {
  return track.ration === undefined && track.takeBack(triesNeeded);
}

/** True when some said that they are closed, so that the silent ones may only have been too many at once. */
export function isSilenceDoubtful({ ration, errorWatch }: Track): boolean {
  return ration === undefined && (errorWatch?.errors ?? 0) > 0;
}

/** The state of the ports that stayed silent. */
export function silentState(track: Track, isIcmpRationDefeated: boolean): PortState {
  if (isIcmpRationDefeated && track.errorWatch !== undefined) return "closed|filtered";
  return portStateOf(TECHNIQUES[track.technique]?.silence ?? "filtered");
}
