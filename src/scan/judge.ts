// Decides: what an answer, a silence or the end of a connect means for a port and for a host.
import { ENETUNREACH } from "../linux/errno.js";
import type { IcmpError } from "../linux/error-queue.js";
import type { Reason } from "../model/reason.js";
import type { HostEnd, LossReport } from "../model/scan-event.js";
import { isSameHost, unmapped } from "../target/address.js";
import { TECHNIQUES } from "../technique/list.js";
import type { Answer } from "../technique/technique.js";
import { CONTROL } from "./controls.js";
import type { Counters } from "./counters.js";
import type { EventSink } from "./event-sink.js";
import type { Host } from "./host.js";
import { hostEvent } from "./host-events.js";
import { Lessons, type LessonsParts } from "./lessons.js";
import type { Network } from "./network.js";
import { NO_SLICE, sliceOf } from "./pace-control.js";
import type { ExpiryHandler, ProbeWindow } from "./probe-window.js";
import { CANARY } from "./ration.js";
import { beginRation, markRation } from "./ration-choice.js";
import type { RoundTrip } from "./round-trip.js";
import { TRACE_NUMBER } from "./sender.js";
import { askSilentAgain, isSilenceDoubtful, rationedSilence, silentState } from "./silence.js";
import { TraceJudge } from "./trace-judge.js";
import type { Track } from "./track.js";
import { isFromHost, isIcmpError, isReset, Verdicts } from "./verdicts.js";

/** Tries of a discovery question on a path that lost nothing. */
const DISCOVERY_TRIES = 2;
/** So many missed ports, and silence is said to be silence on a lossy path. */
const LOSSY_MISSED = 0.5;

/** What the judge works with. */
export interface JudgeParts extends LessonsParts {
  readonly window: ProbeWindow;
  readonly network: Network;
  readonly sink: EventSink;
  readonly counters: Counters;
  readonly isDownReported: boolean;
  /** Say nothing of hosts that were taken as up and never answered. */
  readonly isSilenceOmitted: boolean;
  /** Tell silence as it happens, for a journal. */
  readonly isJournaled: boolean;
  readonly isIcmpRationDefeated: boolean;
  readonly isResetIgnored: boolean;
  /** The round trip of all hosts that lie as far away as this one. */
  readonly priorOf: (host: Host) => RoundTrip;
  /** A host is up: its ports may begin. */
  readonly onUp: (host: Host) => void;
  /** There is no route to a host. */
  readonly onNoWay: (host: Host) => void;
  /** A host's ports are all decided. */
  readonly onPortsDone: (host: Host) => void;
  /** A host needs nothing more. */
  readonly onDone: (host: Host) => void;
  /** A host may have something to send. */
  readonly onWork: (host: Host) => void;
}

/** Turns what happens into verdicts. */
export class Judge {
  private readonly parts: JudgeParts;
  private readonly window: ProbeWindow;
  private readonly counters: Counters;
  private readonly verdicts: Verdicts;
  private readonly lessons: Lessons;
  private readonly traces: TraceJudge;
  private readonly discoveryTries: number;

  constructor(parts: JudgeParts) {
    this.parts = parts;
    this.window = parts.window;
    this.counters = parts.counters;
    this.discoveryTries = Math.min(parts.triesMax, DISCOVERY_TRIES);
    this.verdicts = new Verdicts(parts.sink, parts.counters);
    this.lessons = new Lessons(parts);
    this.traces = new TraceJudge(parts.window, parts.counters);
  }

  /** A proven answer to a technique's probe, from a host that is being scanned. */
  onAnswer(host: Host, technique: number, answer: Answer, receivedAtMs: number, nowMs: number): void {
    const { window } = this;
    const slot = window.find(host, technique, answer.port);
    if (slot < 0) {
      this.onLate(host, technique, answer, nowMs);
      return;
    }
    if (answer.tryIndex > window.tryOf(slot)) {
      this.counters.ignored++; // nobody has been asked that yet
      return;
    }
    if (window.tryOf(slot) === answer.tryIndex) {
      this.settleProbe(host, slot, answer, this.window.roundTripMs(slot, receivedAtMs, nowMs), nowMs);
      return;
    }
    host.roundTrip.backOff(nowMs); // the answer to an earlier try came after its time: we were impatient
    this.settleProbe(host, slot, answer, -1, nowMs);
  }

  /** A connect has ended, well or not. */
  onConnectEnd(slot: number, errno: number, error: IcmpError | undefined, answer: Answer, nowMs: number): void {
    const { window } = this;
    const host = window.hostOf(slot);
    const technique = TECHNIQUES[window.techniqueOf(slot)];
    if (host === undefined || technique?.kind !== "socket") return;
    if (errno === ENETUNREACH && error === undefined && this.parts.network.connectTellsErrors) {
      this.onNoWay(host, slot);
      return;
    }
    // What says nothing about the port (no free local port, no memory) is left to run out: it is tried again then.
    if (!technique.judge(errno, error, answer)) return;
    const address = unmapped(host.target.address);
    const { responder } = answer;
    if (responder !== undefined && isSameHost(responder, address)) answer.responder = undefined;
    answer.port = window.portOf(slot);
    answer.tryIndex = window.tryOf(slot);
    answer.window = -1;
    this.settleProbe(host, slot, answer, nowMs - window.sentAtMs(slot), nowMs);
  }

  /** Something came back to a probe that traces the way; `ttl` is what an error quotes. */
  onTraceAnswer(host: Host, answer: Answer, ttl: number, receivedAtMs: number, nowMs: number): void {
    this.traces.onAnswer(host, answer, ttl, (slot) => this.window.roundTripMs(slot, receivedAtMs, nowMs));
    this.goOnTracing(host);
  }

  private goOnTracing(host: Host): void {
    if (host.trace?.isDone === true) this.finish(host);
    else this.parts.onWork(host);
  }

  /** This machine itself has no route, as connect(2) says at once: nothing more is asked of the host. */
  private onNoWay(host: Host, slot: number): void {
    const track = host.trackOf(this.window.techniqueOf(slot));
    if (track !== undefined && host.phase === "ports") track.outstanding--;
    this.drop(host, slot);
    host.giveUpQuestions();
    if (!host.isIdle) return;
    this.parts.onNoWay(host);
    if (host.phase === "discovery") this.markDown(host, "no-route");
    else if (host.phase === "sample") this.closeSample(host);
    else this.abandon(host, "stopped");
  }

  /** A probe's time is over. */
  readonly onExpiry: ExpiryHandler = (slot, nowMs) => {
    const { window } = this;
    const host = window.hostOf(slot);
    if (host === undefined) return;
    const number = window.techniqueOf(slot);
    if (number === TRACE_NUMBER) {
      this.traces.onSilent(host, slot);
      this.goOnTracing(host);
      return;
    }
    if (host.phase === "ports") this.onPortSilent(host, slot, number);
    else this.onQuestionSilent(host, slot, number);
    if (host.isIdle) this.settle(host, nowMs);
    else this.parts.onWork(host);
  };

  private onPortSilent(host: Host, slot: number, number: number): void {
    const { window } = this;
    const track = host.trackOf(number);
    if (track === undefined) return;
    const tryIndex = window.tryOf(slot);
    const port = window.portOf(slot);
    const slice = sliceOf(window.sentAtMs(slot));
    const beforeSlice = window.beforeSliceOf(slot);
    const source = window.sourceOf(slot);
    this.withdraw(host, slot, number);
    track.outstanding--;
    if (beforeSlice === CONTROL) {
      this.lessons.controlled(host, slice, true);
      return;
    }
    const { ration } = track;
    if (beforeSlice !== CANARY) track.setUnanswered(port);
    if (ration !== undefined) {
      const sink = rationedSilence(track, this.lessons.triesNeeded(host));
      ration.onSilent(source, (tryIndex << 16) | port, beforeSlice === CANARY, sink);
      return;
    }
    const isAskedAgain = tryIndex + 1 < this.lessons.triesNeeded(host);
    this.lessons.silent(host, slice, beforeSlice, isAskedAgain);
    if (this.parts.isJournaled) this.parts.sink.silence(host.id, track.protocol, tryIndex + 1, port);
    track.errorWatch?.onSilent();
    if (isAskedAgain) track.retries.push(port, tryIndex + 1, slice);
    else track.giveUp(port, tryIndex + 1);
  }

  private onQuestionSilent(host: Host, slot: number, number: number): void {
    const { window } = this;
    const tryIndex = window.tryOf(slot);
    const port = window.portOf(slot);
    const slice = sliceOf(window.sentAtMs(slot));
    const beforeSlice = window.beforeSliceOf(slot);
    this.withdraw(host, slot, number);
    const isAskedAgain = tryIndex + 1 < this.discoveryTries;
    this.lessons.silent(host, slice, beforeSlice, isAskedAgain);
    if (!isAskedAgain) return;
    const index = host.questions.findIndex((one) => one.technique === number && one.port === port);
    host.questionRetries.push(index, tryIndex + 1, slice);
  }

  /** A host has nothing under way and nothing to ask: it is down, or done, or its silence needs more tries. */
  settle(host: Host, nowMs: number): void {
    if (host.phase === "discovery") {
      this.markDown(host, host.downReason);
      return;
    }
    if (host.phase === "sample") this.closeSample(host);
    if (host.phase !== "ports") return;
    const needed = this.lessons.triesNeeded(host);
    let isAskedAgain = false;
    for (const track of host.tracks) {
      if (track.silentCount === 0) continue;
      if (!this.parts.isIcmpRationDefeated && isSilenceDoubtful(track)) {
        beginRation(track, this.parts.network.sourceCount(host.path), nowMs);
        isAskedAgain = true;
      }
      if (askSilentAgain(track, needed)) isAskedAgain = true;
    }
    if (isAskedAgain) this.parts.onWork(host);
    else this.closePorts(host);
  }

  markUp(host: Host, reason: Reason): void {
    host.upReason = reason;
    this.counters.hostsUp++;
    host.isTold = !(this.parts.isSilenceOmitted && reason === "user-set");
    if (host.isTold) this.parts.sink.event(hostEvent(host, "up", reason));
    this.parts.onUp(host);
  }

  markDown(host: Host, reason: Reason): void {
    if (this.parts.isDownReported) this.parts.sink.event(hostEvent(host, "down", reason));
    this.parts.onDone(host);
    host.phase = "done";
  }

  /** All ports are asked: what stayed silent gets its verdict now. */
  private closePorts(host: Host): void {
    this.verdicts.releaseResets(host, true);
    for (const track of host.tracks) {
      const missed = this.lessons.lossOf(host, track.silentTries, track.silentCount).missedEstimate;
      markRation(host, track);
      const state = silentState(track, this.parts.isIcmpRationDefeated);
      const reason: Reason = missed >= LOSSY_MISSED ? "no-response-lossy" : "no-response";
      for (const port of track.silentPorts()) this.verdicts.silent(host, track, port, state, reason);
    }
    this.parts.onPortsDone(host);
  }

  /** What came of asking a sample of the open ports again is part of the report. */
  private closeSample(host: Host): void {
    if (host.openSample !== undefined) host.marks.push(host.openSample.mark());
    this.parts.onPortsDone(host);
  }

  /** Nothing more is asked of the host. */
  finish(host: Host): void {
    let silentTries = 0;
    let silentCount = 0;
    for (const track of host.tracks) {
      if (track.silentCount === 0) continue;
      silentCount += track.silentCount;
      silentTries = silentTries === 0 ? track.silentTries : Math.min(silentTries, track.silentTries);
    }
    const loss = this.lessons.lossOf(host, silentTries, silentCount);
    this.lessons.closed(silentCount, loss.missedEstimate);
    this.verdicts.end(host, loss);
    this.parts.onDone(host);
    host.phase = "done";
  }

  /** The host's scan ends before its time: what is known of it stands, and it is said what is not. */
  abandon(host: Host, end: HostEnd): void {
    for (const slot of this.window.slotsOf(host)) this.withdraw(host, slot, this.window.techniqueOf(slot));
    if (host.phase !== "discovery") {
      if (host.phase === "ports") this.verdicts.releaseResets(host, true);
      host.end = end;
      this.verdicts.end(host, this.lessons.lossOf(host, 0, 0));
    }
    this.parts.onDone(host);
    host.phase = "done";
  }

  /** The loss of the whole run. */
  runLoss(): LossReport {
    return this.lessons.runLoss;
  }

  /** The probe was answered: window, estimates and counters learn from it, and the port or host is decided. */
  private settleProbe(host: Host, slot: number, answer: Answer, rttMs: number, nowMs: number): void {
    const { window } = this;
    const tries = window.tryOf(slot) + 1;
    const beforeSlice = window.beforeSliceOf(slot);
    const isExtra = beforeSlice < NO_SLICE; // a canary or a control
    const source = window.sourceOf(slot);
    const technique = window.techniqueOf(slot);
    const slice = sliceOf(window.sentAtMs(slot));
    window.remove(slot);
    host.outstanding--;
    this.counters.answered++;
    if (rttMs >= 0) {
      if (host.roundTrip.smoothedMs === undefined) this.parts.priorOf(host).sample(rttMs);
      host.roundTrip.sample(rttMs);
    }
    if (beforeSlice === CONTROL) this.lessons.controlled(host, slice, false);
    else if (!isExtra) this.lessons.answered(host, answer, slice, beforeSlice, rttMs >= 0);
    if (host.phase !== "ports") {
      if (host.phase === "sample") this.takeSample(host, answer, nowMs);
      else this.takeDiscovery(host, technique, answer, rttMs);
      return;
    }
    const track = host.trackOf(technique);
    if (track === undefined) return;
    track.outstanding--;
    this.learnError(host, track, answer, source, beforeSlice === CANARY, nowMs);
    if (!isExtra) this.takePort(host, track, answer, tries, rttMs);
    if (host.isIdle) this.settle(host, nowMs);
    else this.parts.onWork(host);
  }

  private takePort(host: Host, track: Track, answer: Answer, tries: number, rttMs: number): void {
    if (track.silentCount > 0) track.clearUnanswered(answer.port);
    if (this.lessons.isReliable(answer)) track.controls?.add(answer.port, answer.outcome === "open");
    this.verdicts.answered(host, track, answer, tries, rttMs);
  }

  /** A closed UDP port's error: how often they come decides how fast one may ask. */
  private learnError(host: Host, track: Track, answer: Answer, source: number, isCanary: boolean, nowMs: number): void {
    if (track.errorWatch === undefined) return;
    const isError = isIcmpError(answer.reason);
    if (track.ration !== undefined) {
      track.ration.onAnswered(source, isError, isCanary, rationedSilence(track, this.lessons.triesNeeded(host)));
    } else if (isError && answer.outcome === "closed") {
      track.errorWatch.onError(answer.port, nowMs);
    }
  }

  /** Takes a probe out that has not been answered; a connect is given up. */
  private withdraw(host: Host, slot: number, technique: number): void {
    if (TECHNIQUES[technique]?.kind === "socket") this.parts.network.cancelConnect(slot);
    this.drop(host, slot);
  }

  private drop(host: Host, slot: number): void {
    this.window.remove(slot);
    host.outstanding--;
  }

  private takeSample(host: Host, answer: Answer, nowMs: number): void {
    if (answer.outcome === "open") host.openSample?.onConnected();
    if (host.isIdle) this.settle(host, nowMs);
    else this.parts.onWork(host);
  }

  private takeDiscovery(host: Host, technique: number, answer: Answer, rttMs: number): void {
    if (host.phase !== "discovery") return;
    if (isFromHost(answer) && !(this.parts.isResetIgnored && isReset(answer.reason)))
      this.onFirstAnswer(host, technique, answer, rttMs);
    else if (host.isIdle) this.markDown(host, answer.reason);
    else {
      host.downReason = answer.reason;
      this.parts.onWork(host);
    }
  }

  private onFirstAnswer(host: Host, answered: number, answer: Answer, rttMs: number): void {
    host.upQuestion = { technique: answered, port: answer.port };
    for (const { technique, port } of host.questions) {
      const slot = this.window.find(host, technique, port);
      if (slot >= 0) this.withdraw(host, slot, technique);
    }
    host.upTtl = answer.ttl;
    host.upTraits = answer.traits;
    host.upRttMs = rttMs < 0 ? undefined : rttMs;
    const isLinkAnswer = answer.reason === "arp-response" || answer.reason === "nd-response";
    if (isLinkAnswer && host.path.hop !== undefined) {
      host.path = { ...host.path, hop: { ...host.path.hop, mac: answer.mac.slice() } };
    }
    this.markUp(host, answer.reason);
  }

  /** An answer whose probe is no longer in the window: to a port that waits for another try, or one answer too many. */
  private onLate(host: Host, technique: number, answer: Answer, nowMs: number): void {
    const track = host.phase === "ports" ? host.trackOf(technique) : undefined;
    if (track === undefined || !track.isUnanswered(answer.port)) {
      this.counters.ignored++;
      return;
    }
    this.counters.late++;
    track.clearUnanswered(answer.port);
    host.roundTrip.backOff(nowMs);
    this.verdicts.answered(host, track, answer, answer.tryIndex + 1, -1);
    if (host.isIdle) this.settle(host, nowMs);
  }
}
