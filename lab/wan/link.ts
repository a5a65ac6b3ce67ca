// What the link does to a packet: loses it, lets it wait, delays it, sends it twice. All chance comes from one seed.
import type { LinkDescription } from "./description.js";

/** What the link did, in packets. */
export interface LinkCounts {
  lostThere: number;
  lostBack: number;
  /** More came than the rate and the queue took. */
  droppedByRate: number;
  duplicated: number;
}

const SHARE_ONE = 2 ** 32;
const DELAY_MS_MAX = 3000;

/** A fresh count. */
export function noLinkCounts(): LinkCounts {
  return { lostThere: 0, lostBack: 0, droppedByRate: 0, duplicated: 0 };
}

/** The link, for both directions. Times are in microseconds of one clock. */
export class Link {
  counts: LinkCounts = noLinkCounts();
  private readonly delayUs: number;
  private readonly jitterUs: number;
  private readonly lostThereBelow: number;
  private readonly lostBackBelow: number;
  private readonly twiceBelow: number;
  private readonly frameUs: number;
  private readonly queueUs: number;
  /** When the link has carried all that waits. */
  private freeAtUs = 0;
  private chance: number;

  constructor(description: LinkDescription) {
    const { delayMs = 0, jitterMs = 0, lossThere = 0, lossBack = 0, duplicateShare = 0 } = description;
    if (delayMs + jitterMs > DELAY_MS_MAX)
      throw new Error(`wan: delay and jitter go up to ${DELAY_MS_MAX} ms each way`);
    this.delayUs = delayMs * 1000;
    this.jitterUs = jitterMs * 1000;
    this.lostThereBelow = lossThere * SHARE_ONE;
    this.lostBackBelow = lossBack * SHARE_ONE;
    this.twiceBelow = duplicateShare * SHARE_ONE;
    this.frameUs = description.ratePps === undefined ? 0 : 1e6 / description.ratePps;
    this.queueUs = this.frameUs * (description.queueFrames ?? 100);
    this.chance = Math.imul(description.seed ?? 1, 0x9e37_79b1) | 1;
  }

  /** How long a packet that comes now is on its way to the hosts; -1 when it does not arrive. */
  there(nowUs: number): number {
    const waitUs = this.queue(nowUs);
    if (waitUs < 0) {
      this.counts.droppedByRate++;
      return -1;
    }
    if (this.draw() < this.lostThereBelow) {
      this.counts.lostThere++;
      return -1;
    }
    return waitUs + this.onTheWay();
  }

  /** How long an answer is on its way back; -1 when it does not arrive. */
  back(): number {
    if (this.draw() < this.lostBackBelow) {
      this.counts.lostBack++;
      return -1;
    }
    return this.onTheWay();
  }

  /** True when an answer arrives twice. */
  isTwice(): boolean {
    const isTwice = this.twiceBelow > 0 && this.draw() < this.twiceBelow;
    if (isTwice) this.counts.duplicated++;
    return isTwice;
  }

  /** The wait until the packet has left, as in a queue of one server; -1 when the queue is full. */
  private queue(nowUs: number): number {
    if (this.frameUs === 0) return 0;
    const leavesAtUs = Math.max(nowUs, this.freeAtUs) + this.frameUs;
    if (leavesAtUs - nowUs > this.queueUs + this.frameUs) return -1;
    this.freeAtUs = leavesAtUs;
    return leavesAtUs - nowUs;
  }

  private onTheWay(): number {
    return this.jitterUs === 0 ? this.delayUs : this.delayUs + (this.draw() / SHARE_ONE) * this.jitterUs;
  }

  /** Marsaglia's xorshift of 32 bits: 0 to 2^32 - 1, never 0. */
  private draw(): number {
    let chance = this.chance;
    chance ^= chance << 13;
    chance ^= chance >>> 17;
    chance ^= chance << 5;
    this.chance = chance;
    return chance >>> 0;
  }
}
