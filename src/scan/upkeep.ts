// What is looked after now and then: paces, rations, time limits of hosts, and what this machine has dropped.
import type { Counters } from "./counters.js";
import type { Host } from "./host.js";
import type { Judge } from "./judge.js";
import type { Network } from "./network.js";
import type { PaceControl } from "./pace-control.js";
import type { ScanPlan } from "./plan.js";
import { beginRation, isSwept } from "./ration-choice.js";
import type { Roster } from "./roster.js";
import type { RoundTrip } from "./round-trip.js";
import type { SendWindow } from "./send-window.js";

/** What is looked after. */
export interface UpkeepParts {
  readonly plan: ScanPlan;
  readonly network: Network;
  readonly roster: Roster;
  readonly counters: Counters;
  readonly total: SendWindow;
  readonly pace: PaceControl;
  readonly judge: Judge;
}

/** Keeps a run in order. */
export class Upkeep {
  private readonly parts: UpkeepParts;
  /** True when errors say which ports are closed, so that a host may ration them. */
  private readonly isRationAwaited: boolean;

  constructor(parts: UpkeepParts) {
    this.parts = parts;
    const { techniques, isIcmpRationDefeated } = parts.plan;
    const hasErrors = techniques.includes("udp") || techniques.includes("ip-protocol");
    this.isRationAwaited = hasErrors && !isIcmpRationDefeated;
  }

  /** To be called a few dozen times a second. `far`: the round trip that hosts without a pace of their own are taken to have. */
  run(nowMs: number, priorOf: (host: Host) => RoundTrip, far: RoundTrip): void {
    const { roster, pace, total } = this.parts;
    pace.judge(nowMs, far.timeoutMs(0), far.smoothedMs ?? 0);
    for (const host of roster) this.lookAfter(host, nowMs, priorOf(host));
    if (this.readDrops()) total.overrun();
  }

  /** True when frames were dropped on this machine since the last look. */
  readDrops(): boolean {
    const { counters, network } = this.parts;
    const { received, sent } = network.drops;
    const hasMore = received + sent > counters.kernelDrops;
    counters.kernelDrops = received + sent;
    return hasMore;
  }

  /** Ends the scan of the host that has been under way for the longest time. */
  skipPresentHost(): void {
    const { roster, judge } = this.parts;
    for (const host of roster) {
      if (host.phase === "discovery") continue;
      judge.abandon(host, "skipped");
      return;
    }
  }

  private lookAfter(host: Host, nowMs: number, prior: RoundTrip): void {
    const { hostTimeoutMs } = this.parts.plan.timing;
    if (hostTimeoutMs !== undefined && host.startedAtMs > 0 && nowMs - host.startedAtMs > hostTimeoutMs) {
      this.parts.judge.abandon(host, "host-timeout");
      return;
    }
    const { roundTrip } = host;
    host.pace?.judge(nowMs, roundTrip.timeoutMs(0, prior), roundTrip.smoothedMs ?? prior.smoothedMs ?? 0);
    if (!this.isRationAwaited || host.phase !== "ports") return;
    for (const track of host.tracks) {
      track.ration?.judge(nowMs);
      if (track.errorWatch?.isRationed !== true || track.ration !== undefined || !isSwept(host, track, nowMs)) continue;
      track.isPaused = track.outstanding > 0; // what is under way is awaited
      if (!track.isPaused) beginRation(track, this.parts.network.sourceCount(host.path), nowMs);
      this.parts.roster.wake(host);
    }
  }
}
