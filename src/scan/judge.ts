// Decides: what an answer, a silence or the end of a connect means for a port, for a host and for the pace.
import { ENETUNREACH } from "../linux/errno.js";
import type { IcmpError } from "../linux/error-queue.js";
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { LossReport } from "../model/scan-event.js";
import { TECHNIQUES } from "../technique/list.js";
import type { Answer, Outcome } from "../technique/technique.js";
import type { Counters } from "./counters.js";
import type { EventSink, PortVerdict } from "./event-sink.js";
import type { Host } from "./host.js";
import { hostDoneEvent, hostEvent } from "./host-events.js";
import { LossMeter } from "./loss-meter.js";
import type { Network } from "./network.js";
import type { ProbeWindow } from "./probe-window.js";
import type { RoundTrip } from "./round-trip.js";
import type { SendWindow } from "./send-window.js";

/** Tries of a discovery question on a path that lost nothing. */
const DISCOVERY_TRIES = 2;
/** From so many answers on a host's own loss says more than that of the whole run. */
const OWN_EVIDENCE = 8;
/** So many missed ports, and silence is said to be silence on a lossy path. */
const LOSSY_MISSED = 0.5;

/** What the judge works with. */
export interface JudgeParts {
  readonly window: ProbeWindow;
  readonly network: Network;
  readonly sink: EventSink;
  readonly counters: Counters;
  /** The window of the whole run. */
  readonly total: SendWindow;
  readonly triesMax: number;
  readonly isDownReported: boolean;
  /** The round trip of all hosts that lie as far away as this one. */
  readonly priorOf: (host: Host) => RoundTrip;
  /** A host is up: its ports may begin. */
  readonly onUp: (host: Host) => void;
  /** There is no route to a host. */
  readonly onNoWay: (host: Host) => void;
  /** A host needs nothing more. */
  readonly onDone: (host: Host) => void;
}

/** Turns what happens into verdicts. */
export class Judge {
  private readonly parts: JudgeParts;
  private readonly window: ProbeWindow;
  private readonly counters: Counters;
  private readonly total: SendWindow;
  private readonly loss = new LossMeter();
  private missed = 0;
  private readonly verdict: PortVerdict = {
    hostId: 0,
    protocol: "tcp",
    port: 0,
    state: "filtered",
    reason: "no-response",
    technique: 0,
    ttl: 0,
    tries: 0,
    rttMs: -1,
    responder: 0,
  };

  constructor(parts: JudgeParts) {
    this.parts = parts;
    this.window = parts.window;
    this.counters = parts.counters;
    this.total = parts.total;
  }

  /** A proven answer to a technique's probe. `host` is undefined when the host it names is not being scanned. */
  onAnswer(host: Host | undefined, technique: number, answer: Answer, receivedAtMs: number, nowMs: number): void {
    const { window } = this;
    const slot = host === undefined ? -1 : window.find(host, technique, answer.port);
    if (host === undefined || slot < 0) {
      this.onLate(host, technique, answer, nowMs);
      return;
    }
    const tryIndex = window.tryOf(slot);
    const waitedMs = nowMs - window.sentAtMs(slot);
    // The kernel's time stamp is the better one, unless the clock was set meanwhile.
    const byKernelMs = receivedAtMs - window.sentAtMs(slot);
    const rttMs = byKernelMs >= 0 && byKernelMs <= waitedMs ? byKernelMs : waitedMs;
    if (tryIndex === answer.tryIndex) {
      this.settleProbe(host, slot, answer, rttMs);
      return;
    }
    host.roundTrip.backOff(nowMs); // the answer to an earlier try came after its time: we were impatient
    this.settleProbe(host, slot, answer, -1);
  }

  /** A connect has ended, well or not. */
  onConnectEnd(slot: number, errno: number, error: IcmpError | undefined, answer: Answer, nowMs: number): void {
    const { window } = this;
    const host = window.hostOf(slot);
    const number = window.techniqueOf(slot);
    const technique = TECHNIQUES[number];
    if (host === undefined || technique?.kind !== "socket") return;
    if (errno === ENETUNREACH && error === undefined && this.parts.network.connectTellsErrors) {
      this.onNoWay(host, slot);
      return;
    }
    // What says nothing about the port (no free local port, no memory) is left to run out: it is tried again then.
    if (!technique.judge(errno, error, answer)) return;
    const { address } = host.target;
    if (address.family === 4 && answer.responder === address.value) answer.responder = 0; // the host itself
    answer.port = window.portOf(slot);
    answer.tryIndex = window.tryOf(slot);
    const rttMs = nowMs - window.sentAtMs(slot);
    this.settleProbe(host, slot, answer, rttMs);
  }

  /** This machine itself has no route, as connect(2) says at once: nothing more is asked of the host. */
  private onNoWay(host: Host, slot: number): void {
    this.window.remove(slot);
    host.outstanding--;
    host.cursor += host.freshCount;
    host.retries.clear();
    if (!host.isIdle) return;
    this.parts.onNoWay(host);
    if (host.phase === "discovery") this.markDown(host, "no-route");
    else this.abandon(host);
  }

  /** A probe's time is over. */
  readonly onExpiry = (slot: number): void => {
    const { window, total } = this;
    const host = window.hostOf(slot);
    if (host === undefined) return;
    const tryIndex = window.tryOf(slot);
    const port = window.portOf(slot);
    const number = window.techniqueOf(slot);
    this.withdraw(host, slot, number);
    host.window.silent();
    total.silent();
    if (host.phase === "ports") {
      host.setUnanswered(port);
      if (tryIndex + 1 < this.triesNeeded(host)) host.retries.push(port, tryIndex + 1);
      else host.silentTries = host.silentTries === 0 ? tryIndex + 1 : Math.min(host.silentTries, tryIndex + 1);
    } else if (tryIndex + 1 < this.discoveryTries()) {
      const index = host.questions.findIndex((one) => one.technique === number && one.port === port);
      host.retries.push(index, tryIndex + 1);
    }
    if (host.isIdle) this.settle(host);
  };

  /** A host has nothing under way and nothing to ask: it is down, or done, or its silence needs more tries. */
  settle(host: Host): void {
    if (host.phase === "discovery") {
      this.markDown(host, host.downReason);
      return;
    }
    if (host.phase !== "ports") return;
    const needed = this.triesNeeded(host);
    if (host.silentCount > 0 && host.silentTries > 0 && host.silentTries < needed) {
      // Loss has shown since these ports were given up: what was thought enough was not.
      for (const port of host.silentPorts()) host.retries.push(port, host.silentTries);
      host.silentTries = 0;
      return;
    }
    this.finish(host);
  }

  markUp(host: Host, reason: Reason): void {
    this.counters.hostsUp++;
    this.parts.sink.event(hostEvent(host, "up", reason));
    this.parts.onUp(host);
  }

  markDown(host: Host, reason: Reason): void {
    if (this.parts.isDownReported) this.parts.sink.event(hostEvent(host, "down", reason));
    this.parts.onDone(host);
    host.phase = "done";
  }

  /** All is decided: what stayed silent gets its verdict now. */
  finish(host: Host): void {
    const loss = this.meterOf(host).report(host.silentTries, host.silentCount);
    this.missed += loss.missedEstimate;
    const silence = portStateOf(TECHNIQUES[host.portTechnique]?.silence ?? "filtered");
    const reason: Reason = loss.missedEstimate >= LOSSY_MISSED ? "no-response-lossy" : "no-response";
    for (const port of host.silentPorts()) {
      this.emit(host, port, silence, reason, host.silentTries, 0, 0, -1);
    }
    this.parts.sink.event(hostDoneEvent(host, loss, true));
    this.parts.onDone(host);
    host.phase = "done";
  }

  /** The scan was stopped: what is known of the host stands, and it is said to be incomplete. */
  abandon(host: Host): void {
    if (host.phase === "ports" || host.phase === "waiting") {
      const loss = this.meterOf(host).report(host.silentTries, 0);
      this.parts.sink.event(hostDoneEvent(host, loss, false));
    }
    this.parts.onDone(host);
    host.phase = "done";
  }

  /** The loss of the whole run. */
  runLoss(): LossReport {
    return { lossShare: this.loss.lossShare, missedEstimate: this.missed };
  }

  /** The probe was answered: window, estimates and counters learn from it, and the port or host is decided. */
  private settleProbe(host: Host, slot: number, answer: Answer, rttMs: number): void {
    const { window, total, counters } = this;
    const tries = window.tryOf(slot) + 1;
    window.remove(slot);
    host.outstanding--;
    counters.answered++;
    if (rttMs >= 0) {
      if (host.roundTrip.smoothedMs === undefined) this.parts.priorOf(host).sample(rttMs);
      host.roundTrip.sample(rttMs);
    }
    // ICMP errors are rationed by those who send them (RFC 1812 §4.3.2.8): their absence is no loss.
    const isRationed = isIcmpError(answer.reason);
    const lostBefore = isRationed ? 0 : answer.tryIndex;
    host.window.answered(lostBefore);
    total.answered(lostBefore);
    if (!isRationed) {
      host.loss.answered(lostBefore);
      this.loss.answered(lostBefore);
      if (!host.loss.isLossy) host.window.trust();
    }
    if (host.phase !== "ports") {
      this.takeDiscovery(host, answer, rttMs);
      return;
    }
    if (host.silentCount > 0) host.clearUnanswered(answer.port);
    const state = portStateOf(answer.outcome);
    this.emit(host, answer.port, state, answer.reason, tries, answer.ttl, answer.responder, rttMs);
    if (host.isIdle) this.settle(host);
  }

  /** Takes a probe out that has not been answered; a connect is given up. */
  private withdraw(host: Host, slot: number, technique: number): void {
    if (TECHNIQUES[technique]?.kind === "socket") this.parts.network.cancelConnect(slot);
    this.window.remove(slot);
    host.outstanding--;
  }

  private takeDiscovery(host: Host, answer: Answer, rttMs: number): void {
    if (host.phase !== "discovery") return;
    if (isFromHost(answer)) {
      this.onFirstAnswer(host, answer, rttMs);
      return;
    }
    host.downReason = answer.reason;
    if (host.isIdle) this.settle(host);
  }

  private onFirstAnswer(host: Host, answer: Answer, rttMs: number): void {
    for (const { technique, port } of host.questions) {
      const slot = this.window.find(host, technique, port);
      if (slot >= 0) this.withdraw(host, slot, technique);
    }
    host.upTtl = answer.ttl;
    host.upRttMs = rttMs < 0 ? undefined : rttMs;
    if (answer.reason === "arp-response" && host.path.hop !== undefined) {
      host.path = { ...host.path, hop: { ...host.path.hop, mac: answer.mac.slice() } };
    }
    this.markUp(host, answer.reason);
  }

  /** An answer whose probe is no longer in the window: to a port that waits for another try, or one answer too many. */
  private onLate(host: Host | undefined, technique: number, answer: Answer, nowMs: number): void {
    if (host?.phase !== "ports" || technique !== host.portTechnique || !host.isUnanswered(answer.port)) {
      this.counters.ignored++;
      return;
    }
    this.counters.late++;
    host.clearUnanswered(answer.port);
    host.roundTrip.backOff(nowMs);
    this.emit(
      host,
      answer.port,
      portStateOf(answer.outcome),
      answer.reason,
      answer.tryIndex + 1,
      answer.ttl,
      answer.responder,
      -1,
    );
    if (host.isIdle) this.settle(host);
  }

  private emit(
    host: Host,
    port: number,
    state: PortState,
    reason: Reason,
    tries: number,
    ttl: number,
    responder: number,
    rttMs: number,
  ): void {
    const verdict = this.verdict;
    verdict.hostId = host.id;
    verdict.port = port;
    verdict.state = state;
    verdict.reason = reason;
    verdict.technique = host.portTechnique;
    verdict.tries = tries;
    verdict.ttl = ttl;
    verdict.responder = Math.max(0, responder); // an unknown one is not told
    verdict.rttMs = rttMs;
    host.decided++;
    this.counters.ports++;
    this.parts.sink.port(verdict);
  }

  private meterOf(host: Host): LossMeter {
    return host.loss.answeredCount >= OWN_EVIDENCE ? host.loss : this.loss;
  }

  private triesNeeded(host: Host): number {
    return this.meterOf(host).triesNeeded(this.parts.triesMax);
  }

  private discoveryTries(): number {
    return Math.min(this.parts.triesMax, DISCOVERY_TRIES);
  }
}

/** True when the answer shows that the host itself is there: also when it refused by an ICMP error of its own. */
function isFromHost(answer: Answer): boolean {
  if (answer.outcome !== "filtered" && answer.outcome !== "down") return true;
  return answer.responder === 0 && isIcmpError(answer.reason);
}

function isIcmpError(reason: Reason): boolean {
  if (reason === "reset" || reason === "syn-ack") return false; // nearly all answers
  return reason.endsWith("-unreach") || reason.endsWith("-prohibited") || reason === "time-exceeded";
}

/** Port techniques have no other outcomes; the suite over all techniques checks it. */
function portStateOf(outcome: Outcome): PortState {
  if (outcome === "up") return "open";
  return outcome === "down" ? "filtered" : outcome;
}
