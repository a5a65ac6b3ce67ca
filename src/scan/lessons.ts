// What answers and silences teach: of the loss on the way, of the pace that the way bears, and of how many tries silence needs.
import type { LossReport } from "../model/scan-event.js";
import type { Answer } from "../technique/technique.js";
import type { Host } from "./host.js";
import { LossMeter } from "./loss-meter.js";
import { NO_SLICE, type PaceControl } from "./pace-control.js";
import type { SendWindow } from "./send-window.js";
import { isRationed } from "./verdicts.js";

/** From so many answers on a host's own loss says more than that of the whole run. */
const OWN_EVIDENCE = 8;

/** What there is to be taught. */
export interface LessonsParts {
  /** The window of the whole run. */
  readonly total: SendWindow;
  /** The pace of all hosts that have none of their own. */
  readonly pace: PaceControl;
  readonly triesMax: number;
  readonly isResetRationDefeated: boolean;
}

/** Learns from every probe's end. */
export class Lessons {
  private readonly parts: LessonsParts;
  private readonly loss = new LossMeter();
  private missed = 0;
  /** Ports of all hosts that stayed silent. */
  private silentPorts = 0;

  constructor(parts: LessonsParts) {
    this.parts = parts;
  }

  /** A probe that was sent in `slice` was answered, and the try before it, if there was one, was not. */
  answered(host: Host, answer: Answer, slice: number, beforeSlice: number, isInTime: boolean): void {
    const pace = host.pace ?? this.parts.pace;
    // The absence of what is rationed by those who send it (RFC 1812 §4.3.2.8) is no loss.
    const isFree = !this.isReliable(answer);
    pace.onAnswered(slice);
    if (beforeSlice !== NO_SLICE && !isFree) {
      if (isInTime) pace.onLost(beforeSlice);
      else pace.onMute(beforeSlice);
    }
    host.window.answered();
    this.parts.total.answered();
    if (isFree) return;
    host.loss.answered(answer.tryIndex);
    this.loss.answered(answer.tryIndex);
    if (!host.loss.isLossy) host.window.trust();
  }

  /** What became of a control that was sent in `slice`. */
  controlled(host: Host, slice: number, isLost: boolean): void {
    (host.pace ?? this.parts.pace).onControl(slice, isLost);
    host.loss.controlled(isLost);
    this.loss.controlled(isLost);
    if (isLost) return;
    host.window.answered();
    this.parts.total.answered();
  }

  /** True when that answer would come again: nobody rations such answers. */
  isReliable(answer: Answer): boolean {
    return !isRationed(answer.reason, this.parts.isResetRationDefeated);
  }

  /** The time of a probe that was sent in `slice` ran out. */
  silent(host: Host, slice: number, beforeSlice: number, isAskedAgain: boolean): void {
    const pace = host.pace ?? this.parts.pace;
    if (isAskedAgain) pace.onSilent(slice);
    if (beforeSlice !== NO_SLICE) pace.onMute(beforeSlice);
    host.window.silent();
    this.parts.total.silent();
  }

  /** Tries after which silence is believed. */
  triesNeeded(host: Host): number {
    return this.meterFor(host).triesNeeded(this.parts.triesMax);
  }

  private meterFor(host: Host): LossMeter {
    return host.loss.answeredCount >= OWN_EVIDENCE ? host.loss : this.loss;
  }

  /** The loss on a host's way, with what it may have hidden: by what the host has shown itself, else by all hosts. */
  lossOf(host: Host, tries: number, silentCount: number): LossReport {
    if (silentCount === 0) return { lossShare: this.meterFor(host).lossShare, missedEstimate: 0 };
    if (host.loss.answeredCount >= OWN_EVIDENCE) return host.loss.report(tries, silentCount);
    const all = this.silentPorts + silentCount;
    const { lossShare, missedEstimate } = this.loss.report(tries, all);
    return { lossShare, missedEstimate: (missedEstimate * silentCount) / Math.max(1, all) };
  }

  /** A host is done with so many silent ports, of which some may have been missed. */
  closed(silentCount: number, missedEstimate: number): void {
    this.silentPorts += silentCount;
    this.missed += missedEstimate;
  }

  /** The loss of the whole run. */
  get runLoss(): LossReport {
    return { lossShare: this.loss.lossShare, missedEstimate: this.missed };
  }
}
