// Decides what comes back to probes that trace the way to a host.
import type { Answer } from "../technique/technique.js";
import type { Counters } from "./counters.js";
import type { Host } from "./host.js";
import type { ProbeWindow } from "./probe-window.js";
import { TRACE_NUMBER } from "./sender.js";

/** Hops whose lowest four bits are the same lie so far apart: those bits are all that the host itself brings back. */
const HOPS_APART = 16;
const HOPS_MAX = 64;

/** Reads the answers to probes with a short time to live. */
export class TraceJudge {
  private readonly window: ProbeWindow;
  private readonly counters: Counters;

  constructor(window: ProbeWindow, counters: Counters) {
    this.window = window;
    this.counters = counters;
  }

  /** A router has said that a probe ended with it, or the host itself has answered one. `ttl`: what the error quotes. */
  onAnswer(host: Host, answer: Answer, ttl: number, rttOf: (slot: number) => number): void {
    const { window, counters } = this;
    const { trace } = host;
    const isRouter = answer.reason === "time-exceeded";
    const hop = isRouter ? ttl : this.hopUnderWay(host, answer.tryIndex);
    const slot = hop === 0 ? -1 : window.find(host, TRACE_NUMBER, hop);
    if (slot < 0 || trace === undefined) {
      counters.ignored++;
      return;
    }
    counters.answered++;
    const rttMs = rttOf(slot);
    this.drop(host, slot);
    if (isRouter) {
      trace.onExpired(hop, answer.responder ?? host.target.address, rttMs);
      return;
    }
    for (let farther = hop + 1; farther < HOPS_MAX; farther++) {
      const other = window.find(host, TRACE_NUMBER, farther);
      if (other >= 0) this.drop(host, other);
    }
    trace.onReached(hop);
  }

  /** A probe's time ran out. */
  onSilent(host: Host, slot: number): void {
    host.trace?.onSilent(this.window.portOf(slot));
    this.drop(host, slot);
  }

  private hopUnderWay(host: Host, bits: number): number {
    for (let hop = bits === 0 ? HOPS_APART : bits; hop < HOPS_MAX; hop += HOPS_APART) {
      if (this.window.find(host, TRACE_NUMBER, hop) >= 0) return hop;
    }
    return 0;
  }

  private drop(host: Host, slot: number): void {
    this.window.remove(slot);
    host.outstanding--;
  }
}
