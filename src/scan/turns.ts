// Gives hosts their turns: as many probes as windows, paces, rates and the batch allow.
import type { Host } from "./host.js";
import type { Network } from "./network.js";
import type { PaceControl } from "./pace-control.js";
import { type ProbeWindow, WINDOW_CAPACITY } from "./probe-window.js";
import type { Roster } from "./roster.js";
import type { RoundTrip } from "./round-trip.js";
import type { SendWindow } from "./send-window.js";
import { type Sender, Sent } from "./sender.js";
import type { TokenBucket } from "./token-bucket.js";

/** Probes between two looks at what came back: a veth's queue holds 1,000 frames (net.core.netdev_max_backlog). */
const BATCH = 256;
/** The same while another thread is sending: small, so that this thread is back when the other one needs work. */
const BATCH_BESIDE = 128;
/** Probes to one host before the next host's turn. */
const QUANTUM = 16;
/** A wait that is shorter than this is no wait: the loop would turn for nothing. */
const WAIT_MIN_MS = 0.2;

/** What turns are given out with. */
export interface TurnsParts {
  readonly sender: Sender;
  readonly roster: Roster;
  readonly window: ProbeWindow;
  readonly network: Network;
  /** The window of the whole run. */
  readonly total: SendWindow;
  /** The pace of all hosts that have none of their own. */
  readonly pace: PaceControl;
  readonly bucket: TokenBucket;
  /** At least so long between two probes to one host. */
  readonly scanDelayMs: number;
  readonly priorOf: (host: Host) => RoundTrip;
  /** A host turned out to have nothing to do and nothing to wait for. */
  readonly onIdle: (host: Host) => void;
}

/** Hands out turns. */
export class Turns {
  private readonly parts: TurnsParts;
  /** When the first of the hosts that have to wait may go on, in ms from the last {@link fill}. */
  private waitMs = Number.POSITIVE_INFINITY;

  constructor(parts: TurnsParts) {
    this.parts = parts;
  }

  /** Sends what may be sent now. Returns how much. */
  fill(nowMs: number): number {
    const { total, window, network, bucket, roster } = this.parts;
    const room = Math.min(Math.floor(total.size), WINDOW_CAPACITY) - window.count;
    const most = Math.min(network.isSending ? BATCH_BESIDE : BATCH, room, bucket.available(nowMs));
    this.waitMs = bucket.waitMs() > 0 ? bucket.waitMs() : Number.POSITIVE_INFINITY;
    let sent = 0;
    // Each host that waits is looked at once; whoever sends may come again.
    for (let looks = roster.readyCount; sent < most && looks > 0; looks--) {
      const host = roster.next();
      if (host === undefined) break;
      const count = this.serve(host, nowMs, Math.min(QUANTUM, most - sent));
      if (count < 0) break;
      sent += count;
      if (count > 0) looks = roster.readyCount + 1;
    }
    bucket.take(sent);
    return sent;
  }

  /** How long to sleep, at most `mostMs`. */
  idleMs(mostMs: number): number {
    return Math.min(mostMs, Math.max(WAIT_MIN_MS, this.waitMs));
  }

  /** Sends at most so many probes to a host. Returns how many, -1 when there is no room in the batch. */
  private serve(host: Host, nowMs: number, most: number): number {
    const { roster, priorOf, scanDelayMs } = this.parts;
    const pace = host.pace ?? this.parts.pace;
    const allowed = this.allowance(host, pace, nowMs, most);
    if (allowed <= 0) return 0;
    const prior = priorOf(host);
    let count = 0;
    let result: number = Sent.YES;
    while (count < allowed && host.outstanding < host.window.size) {
      const before = host.outstanding;
      result = this.parts.sender.sendNext(host, nowMs, prior);
      if (result !== Sent.YES) break;
      if (host.outstanding > before) {
        count++;
        pace.onSent(nowMs);
      } else if (!host.hasQuestions) break;
    }
    if (scanDelayMs > 0 && count > 0) host.nextSendAtMs = nowMs + scanDelayMs;
    this.putBack(host, result, nowMs);
    if (result === Sent.NO_ROOM && count === 0) {
      roster.wake(host);
      return -1;
    }
    return count;
  }

  /** How many probes its pace and the delay between probes allow a host. One that has to wait comes again. */
  private allowance(host: Host, pace: PaceControl, nowMs: number, most: number): number {
    if (!host.hasQuestions) return 0;
    const delayMs = host.nextSendAtMs - nowMs;
    const paced = delayMs > 0 ? 0 : pace.available(nowMs);
    if (paced >= 1) return Math.min(most, this.parts.scanDelayMs > 0 ? 1 : most, paced);
    this.waitMs = Math.min(this.waitMs, delayMs > 0 ? delayMs : pace.waitMs);
    this.parts.roster.wake(host);
    return 0;
  }

  /** A host with more to send stands in the queue again, unless only an answer or a timeout can set it free. */
  private putBack(host: Host, result: number, nowMs: number): void {
    if (!host.hasQuestions) {
      // A retry that was answered meanwhile can leave a host with nothing to do and nothing to wait for.
      if (host.isIdle) this.parts.onIdle(host);
      return;
    }
    if (result === Sent.NOTHING) {
      let waitMs = Number.POSITIVE_INFINITY;
      for (const track of host.tracks) waitMs = Math.min(waitMs, track.ration?.waitMs(nowMs) ?? waitMs);
      if (waitMs === Number.POSITIVE_INFINITY) return;
      this.waitMs = Math.min(this.waitMs, waitMs);
    }
    if (host.outstanding < host.window.size) this.parts.roster.wake(host);
  }
}
