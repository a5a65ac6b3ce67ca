// One host while it is being scanned: what is still to be asked, what was answered, and how its path behaves.

import type { Reason } from "../model/reason.js";
import type { HostEnd, HostMark } from "../model/scan-event.js";
import type { Target } from "../target/target-set.js";
import { NO_TRAITS } from "../technique/segment-traits.js";
import { LossMeter } from "./loss-meter.js";
import type { Path } from "./network.js";
import type { OpenSample } from "./open-sample.js";
import type { PaceControl } from "./pace-control.js";
import { RetryQueue } from "./retry-queue.js";
import { RoundTrip, type TimeoutBounds } from "./round-trip.js";
import { SendWindow, type WindowBounds } from "./send-window.js";
import type { Trace } from "./trace.js";
import type { Track } from "./track.js";
import type { Witness } from "./witness.js";

/** A question to a host: a technique, by its number, and a port where it has ports. */
export interface Question {
  readonly technique: number;
  readonly port: number;
}

/** What bounds the probes to a host. */
export interface HostBounds {
  readonly window: WindowBounds;
  readonly timeout: TimeoutBounds;
}

const NO_QUESTIONS: readonly Question[] = [];
const NO_TRACKS: readonly Track[] = [];

/** The state of one host. The engine alone changes it. */
export class Host {
  readonly id: number;
  readonly target: Target;
  /** The IPv4 address, or what stands for the IPv6 one: answers name their host by it. */
  readonly key: number;
  path: Path;
  phase: "discovery" | "waiting" | "ports" | "sample" | "trace" | "done" = "discovery";
  /** Discovery, or a sample of open ports: what is asked of the host; each stands for its index in the queue of retries. */
  questions: readonly Question[] = NO_QUESTIONS;
  /** How far fresh questions have been asked. */
  cursor = 0;
  readonly questionRetries: RetryQueue = new RetryQueue();
  /** Ports, one track a technique. */
  tracks: readonly Track[] = NO_TRACKS;
  /** Which track's turn it is. */
  turn = 0;
  /** Probes under way, of all kinds. */
  outstanding = 0;
  readonly roundTrip: RoundTrip;
  readonly loss: LossMeter = new LossMeter();
  readonly window: SendWindow;
  /** Its own pace, for a host with many ports; others share one. */
  pace: PaceControl | undefined;
  /** False while nothing was said of the host: see {@link ScanPlan.isSilenceOmitted}. */
  isTold = true;
  /** Set while the host stands in the queue of those who may have something to send. */
  isReady = false;
  /** No probe before this time (--scan-delay). */
  nextSendAtMs = 0;
  /** When the first probe was sent to it. */
  startedAtMs = 0;
  /** What spoke against the host being up, when something did. */
  downReason: Reason = "no-response";
  /** How the host showed itself. */
  upReason: Reason = "user-set";
  upTtl = 0;
  /** How the SYN-ACK was made that showed it up, if one did. */
  upTraits: number = NO_TRAITS;
  /** The question that it answered then. */
  upQuestion: Question | undefined;
  upRttMs: number | undefined;
  /** Who answers in the host's name. */
  witness: Witness | undefined;
  /** A TCP port that the host itself has answered, by which technique, and with which TTL; -1 for none: a trace needs one. */
  answeredPort = -1;
  answeredTechnique = 0;
  answeredTtl = 0;
  /** Set when nearly all of its ports were open. */
  openSample: OpenSample | undefined;
  trace: Trace | undefined;
  end: HostEnd = "done";
  readonly marks: HostMark[] = [];
  /** The next host with the same key: keys of IPv6 addresses may collide. */
  sameKey: Host | undefined;

  constructor(id: number, target: Target, key: number, path: Path, bounds: HostBounds) {
    this.id = id;
    this.target = target;
    this.key = key;
    this.path = path;
    this.window = new SendWindow(bounds.window);
    this.roundTrip = new RoundTrip(bounds.timeout);
  }

  /** True while there is something to be asked, whether or not it may be sent now. */
  get hasQuestions(): boolean {
    if (this.phase === "trace") return this.trace?.hasQuestions === true;
    if (this.phase !== "ports") return this.cursor < this.questions.length || this.questionRetries.count > 0;
    for (const track of this.tracks) if (track.hasQuestions) return true;
    return false;
  }

  /** True when everything was asked and nothing is under way. */
  get isIdle(): boolean {
    return this.outstanding === 0 && !this.hasQuestions;
  }

  /** The track that a technique's answers belong to. */
  trackOf(technique: number): Track | undefined {
    for (const track of this.tracks) if (track.technique === technique) return track;
    return undefined;
  }

  /** Ports of all tracks. */
  get portCount(): number {
    let count = 0;
    for (const track of this.tracks) count += track.order.length;
    return count;
  }

  /** Ports of all tracks that are decided. */
  get decided(): number {
    let count = 0;
    for (const track of this.tracks) count += track.decided;
    return count;
  }

  /** Forgets what was still to be asked: nothing more leaves. */
  giveUpQuestions(): void {
    this.cursor = this.questions.length;
    this.questionRetries.clear();
    for (const track of this.tracks) {
      track.cursor = track.order.length;
      track.retries.clear();
      track.ration?.confirms.clear();
    }
  }
}
