// The ports of one technique on one host: what is still to be asked, and what has been silent so far.
import type { Protocol } from "../model/scan-event.js";
import type { Controls } from "./controls.js";
import type { ErrorWatch } from "./error-watch.js";
import { NO_SLICE } from "./pace-control.js";
import type { Ration } from "./ration.js";
import { itemOf, RetryQueue, tryOf } from "./retry-queue.js";

/** One more than the highest port, in bits. */
const PORT_BITMAP_BYTES = 65_536 / 8;

/** The state of one technique on one host. */
export class Track {
  /** The technique's number. */
  readonly technique: number;
  readonly protocol: Protocol;
  /** The ports in the order in which they are asked. */
  readonly order: Uint16Array;
  /** How far fresh ports have been asked. */
  cursor = 0;
  readonly retries: RetryQueue = new RetryQueue();
  /** Probes under way. */
  outstanding = 0;
  /** Ports decided for good. */
  decided = 0;
  openCount = 0;
  /** How many tries every silent port has had. */
  silentTries = 0;
  /** Ports that have been silent in all their tries so far, or wait for another. */
  silentCount = 0;
  /** Set while answers to the last free questions are awaited, before the ration begins. */
  isPaused = false;
  /** UDP and IP protocols: looks whether the host rations the errors that say "closed". */
  errorWatch: ErrorWatch | undefined;
  /** Set when it does. */
  ration: Ration | undefined;
  /** TCP and SCTP: ports that have answered and may be asked again, to see what is lost. */
  controls: Controls | undefined;
  /** Ports that are not asked again, each with its tries: more may turn out to be needed. */
  private givenUp: RetryQueue | undefined;
  /** Ports that were asked and whose time ran out, until an answer comes after all. */
  private unanswered: Uint8Array | undefined;

  constructor(technique: number, protocol: Protocol, order: Uint16Array) {
    this.technique = technique;
    this.protocol = protocol;
    this.order = order;
  }

  /** Ports that were never asked. */
  get freshCount(): number {
    return this.order.length - this.cursor;
  }

  /** True when there is a port to be asked, now or at a better time. */
  get hasQuestions(): boolean {
    return this.cursor < this.order.length || this.retries.count > 0 || (this.ration?.confirms.count ?? 0) > 0;
  }

  /** True when everything was asked and nothing is under way. */
  get isIdle(): boolean {
    return this.outstanding === 0 && !this.hasQuestions;
  }

  /** Ports without a verdict. */
  get undecidedCount(): number {
    return this.order.length - this.decided;
  }

  isUnanswered(port: number): boolean {
    if (this.order.length === 1) return this.silentCount > 0 && port === this.order[0];
    return ((this.unanswered?.[port >> 3] ?? 0) & (1 << (port & 7))) !== 0;
  }

  /** Notes that a port's time ran out. */
  setUnanswered(port: number): void {
    if (this.isUnanswered(port)) return;
    this.silentCount++;
    if (this.order.length === 1) return; // a sweep has thousands of these
    this.unanswered ??= new Uint8Array(PORT_BITMAP_BYTES);
    this.unanswered[port >> 3] = (this.unanswered[port >> 3] ?? 0) | (1 << (port & 7));
  }

  /** Notes that a port is not asked again, after so many tries. */
  giveUp(port: number, tries: number): void {
    this.silentTries = this.silentTries === 0 ? tries : Math.min(this.silentTries, tries);
    if (this.order.length === 1) return; // a sweep has thousands of these
    this.givenUp ??= new RetryQueue();
    this.givenUp.push(port, tries, NO_SLICE);
  }

  /** Takes back the ports that were given up after fewer tries than that. True when there are any. */
  takeBack(triesNeeded: number): boolean {
    if (this.silentTries === 0 || this.silentTries >= triesNeeded) return false;
    const { givenUp, silentTries } = this;
    this.silentTries = 0;
    if (givenUp === undefined) {
      for (const port of this.silentPorts()) this.retries.push(port, silentTries, NO_SLICE);
      return true;
    }
    for (let left = givenUp.count; left > 0; left--) {
      const packed = givenUp.shift();
      const port = itemOf(packed);
      if (!this.isUnanswered(port)) continue;
      if (tryOf(packed) < triesNeeded) this.retries.push(port, tryOf(packed), NO_SLICE);
      else this.giveUp(port, tryOf(packed));
    }
    return this.retries.count > 0;
  }

  /** Every silent port is asked anew, from this try on. */
  askSilentAnew(tryIndex: number): void {
    this.retries.clear();
    this.givenUp?.clear();
    this.silentTries = 0;
    for (const port of this.silentPorts()) this.retries.push(port, tryIndex, NO_SLICE);
  }

  /** Notes that a port answered after all. */
  clearUnanswered(port: number): void {
    if (!this.isUnanswered(port)) return;
    this.silentCount--;
    if (this.unanswered === undefined) return;
    this.unanswered[port >> 3] = (this.unanswered[port >> 3] ?? 0) & ~(1 << (port & 7));
  }

  /** The silent ports in ascending order. */
  *silentPorts(): Generator<number> {
    const [only] = this.order;
    if (only !== undefined && this.isUnanswered(only) && this.order.length === 1) yield only;
    for (const [index, bits] of (this.unanswered ?? []).entries()) {
      if (bits === 0) continue;
      for (let bit = 0; bit < 8; bit++) if ((bits & (1 << bit)) !== 0) yield index * 8 + bit;
    }
  }
}
