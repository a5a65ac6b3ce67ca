// Tells what has been decided: port by port, and of a host as a whole.
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import type { LossReport } from "../model/scan-event.js";
import type { Address } from "../target/address.js";
import { NO_TRAITS } from "../technique/segment-traits.js";
import { type Answer, type Outcome, UNKNOWN_RESPONDER } from "../technique/technique.js";
import type { Counters } from "./counters.js";
import type { EventSink, PortVerdict } from "./event-sink.js";
import type { Host } from "./host.js";
import { hostDoneEvent, hostEvent, traceEvent } from "./host-events.js";
import type { Track } from "./track.js";
import { Witness } from "./witness.js";

/** Turns decisions into events. */
export class Verdicts {
  private readonly sink: EventSink;
  private readonly counters: Counters;
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
    responder: undefined,
  };

  constructor(sink: EventSink, counters: Counters) {
    this.sink = sink;
    this.counters = counters;
  }

  /** A port was answered. A RST waits until it is known whom the host's RSTs come from. */
  answered(host: Host, track: Track, answer: Answer, tries: number, rttMs: number): void {
    track.decided++;
    this.counters.ports++;
    if (answer.window >= 0 && answer.ttl !== 0 && this.isHeld(host, track, answer, tries, rttMs)) return;
    const state = portStateOf(answer.outcome);
    if (state === "open") track.openCount++;
    if (answer.window >= 0 && host.answeredPort < 0 && answer.reason !== "reset-by-other")
      noteAnswered(host, track, answer);
    this.tell(host, track, answer.port, state, answer.reason, tries, answer.ttl, answer.responder, rttMs);
  }

  /** Hears a witness about a TCP answer. True when it is a RST and nothing can be said of it yet. */
  private isHeld(host: Host, track: Track, answer: Answer, tries: number, rttMs: number): boolean {
    const { reason, ttl, port, traits } = answer;
    host.witness ??= witnessOf(host);
    const { witness } = host;
    if (reason === "syn-ack") {
      if (witness.seeOwn(ttl, traits, "the SYN-ACK of port", port)) this.releaseResets(host, false);
      return false;
    }
    const kind = witness.see(ttl, traits, port, rttMs);
    if (kind.origin === "unsure") {
      kind.hold(track.technique, port, portStateOf(answer.outcome), tries);
      return true;
    }
    if (kind.held.length > 0) this.releaseResets(host, false);
    if (kind.origin === "other") {
      answer.reason = "reset-by-other";
      kind.foreignCount++;
    }
    return false;
  }

  /** A port stayed silent in all its tries. */
  silent(host: Host, track: Track, port: number, state: PortState, reason: Reason): void {
    track.decided++;
    this.counters.ports++;
    if (!host.isTold) return;
    this.tell(host, track, port, state, reason, track.silentTries, 0, undefined, -1);
  }

  /** Tells the RSTs that were held back. `isLast`: no better evidence will come. */
  releaseResets(host: Host, isLast: boolean): void {
    const { witness } = host;
    if (witness?.isHolding !== true) return;
    for (const group of witness.release(isLast)) {
      const track = host.trackOf(group.technique);
      if (track === undefined) continue;
      const { kind } = group;
      const isForeign = kind.origin === "other";
      const reason: Reason = isForeign ? "reset-by-other" : "reset";
      if (isForeign) kind.foreignCount += group.ports.count;
      if (!isForeign && host.answeredPort < 0) {
        host.answeredPort = group.ports.values()[0] ?? -1;
        host.answeredTechnique = group.technique;
        host.answeredTtl = kind.ttl;
      }
      for (const port of group.ports.values()) {
        this.tell(host, track, port, group.state, reason, group.tries, kind.ttl, undefined, -1);
      }
    }
  }

  /** Nothing more will come for a host. */
  end(host: Host, loss: LossReport): void {
    if (!host.isTold) return;
    const { witness } = host;
    if (witness !== undefined) host.marks.push(...witness.marks());
    const trace = traceEvent(host);
    if (trace !== undefined) this.sink.event(trace);
    this.sink.event(hostDoneEvent(host, loss));
  }

  private tell(
    host: Host,
    track: Track,
    port: number,
    state: PortState,
    reason: Reason,
    tries: number,
    ttl: number,
    responder: Address | undefined,
    rttMs: number,
  ): void {
    if (!host.isTold) {
      host.isTold = true;
      this.sink.event(hostEvent(host, "up", host.upReason));
    }
    const { verdict } = this;
    verdict.hostId = host.id;
    verdict.protocol = track.protocol;
    verdict.port = port;
    verdict.state = state;
    verdict.reason = reason;
    verdict.technique = track.technique;
    verdict.tries = tries;
    verdict.ttl = ttl;
    verdict.responder = responder === UNKNOWN_RESPONDER ? undefined : responder; // an unknown one is not told
    verdict.rttMs = rttMs;
    this.sink.port(verdict);
  }
}

function noteAnswered(host: Host, track: Track, answer: Answer): void {
  host.answeredPort = answer.port;
  host.answeredTechnique = track.technique;
  host.answeredTtl = answer.ttl;
}

/** What discovery has shown of a host is evidence where only the host itself can have sent it. */
function witnessOf({ upReason, upTtl, upTraits, target, path }: Host): Witness {
  const witness = new Witness(target.address.family, path.isDirect);
  if (upReason === "syn-ack") witness.seeOwn(upTtl, upTraits, "its syn-ack");
  else if (upReason === "echo-reply" || upReason === "timestamp-reply") {
    witness.seeOwn(upTtl, NO_TRAITS, `its ${upReason}`);
  }
  return witness;
}

/** True for what an ICMP error said. */
export function isIcmpError(reason: Reason): boolean {
  if (reason === "reset" || reason === "syn-ack") return false; // nearly all answers
  return reason.endsWith("-unreach") || reason.endsWith("-prohibited") || reason === "time-exceeded";
}

/** True for a RST, seen by us or by the kernel that connected. */
export function isReset(reason: Reason): boolean {
  return reason === "reset" || reason === "conn-refused";
}

/** True for answers that many systems send only so many of in a second. */
export function isRationed(reason: Reason, areResets: boolean): boolean {
  return reason === "reset" ? areResets : isIcmpError(reason);
}

/** Port techniques have no other outcomes; the suite over all techniques checks it. */
export function portStateOf(outcome: Outcome): PortState {
  if (outcome === "up") return "open";
  return outcome === "down" ? "filtered" : outcome;
}

/** True when the answer shows that the host itself is there: also when it refused by an ICMP error of its own. */
export function isFromHost(answer: Answer): boolean {
  if (answer.outcome !== "filtered" && answer.outcome !== "down") return answer.responder !== UNKNOWN_RESPONDER;
  return answer.responder === undefined && isIcmpError(answer.reason);
}
