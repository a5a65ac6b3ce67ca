// The probes under way, in typed arrays: no object and no timer a probe. Found by (host, technique, port) through a
// hash table, and by time through a timing wheel (Varghese and Lauck, 1987).
import type { Host } from "./host.js";
import { NO_SLICE } from "./pace-control.js";

/** Probes under way at once, at most. A power of two. */
export const WINDOW_CAPACITY = 32_768;
const BUCKET_BITS = 16;
const BUCKET_COUNT = 1 << BUCKET_BITS;
const BUCKET_SHIFT = 32 - BUCKET_BITS;
const TICK_MS = 4;
const WHEEL_SIZE = 4096;
const NONE = -1;

/** Called for each probe whose time has run out; the probe is still in the window. */
export type ExpiryHandler = (slot: number, nowMs: number) => void;

/** All probes that wait for an answer. A slot is a probe's number as long as it is here. */
export class ProbeWindow {
  private readonly hosts: (Host | undefined)[] = new Array<Host | undefined>(WINDOW_CAPACITY).fill(undefined);
  /** Technique and port in one number. */
  private readonly questions = new Int32Array(WINDOW_CAPACITY);
  private readonly tries = new Uint8Array(WINDOW_CAPACITY);
  /** When the try before this one was sent, in slices; {@link NO_SLICE} for a first try. */
  private readonly beforeSlices = new Int32Array(WINDOW_CAPACITY);
  /** Which of several own addresses the probe left from. */
  private readonly sources = new Uint16Array(WINDOW_CAPACITY);
  private readonly sentTimes = new Float64Array(WINDOW_CAPACITY);
  private readonly dueTicks = new Float64Array(WINDOW_CAPACITY);
  private readonly chain = new Int32Array(WINDOW_CAPACITY);
  private readonly buckets = new Int32Array(BUCKET_COUNT).fill(NONE);
  private readonly wheel = new Int32Array(WHEEL_SIZE).fill(NONE);
  private readonly wheelNext = new Int32Array(WINDOW_CAPACITY);
  private readonly wheelBefore = new Int32Array(WINDOW_CAPACITY);
  private readonly free = new Int32Array(WINDOW_CAPACITY);
  private freeCount = WINDOW_CAPACITY;
  private tick = NONE;

  constructor() {
    for (let slot = 0; slot < WINDOW_CAPACITY; slot++) this.free[slot] = WINDOW_CAPACITY - 1 - slot;
  }

  /** Probes under way. */
  get count(): number {
    return WINDOW_CAPACITY - this.freeCount;
  }

  /** Puts a probe in. Returns its slot; there must be room: {@link count} below {@link WINDOW_CAPACITY}. */
  add(
    host: Host,
    technique: number,
    port: number,
    tryIndex: number,
    sentAtMs: number,
    dueAtMs: number,
    beforeSlice: number,
    source: number,
  ): number {
    this.freeCount--;
    const slot = this.free[this.freeCount] ?? 0;
    this.hosts[slot] = host;
    this.questions[slot] = (technique << 16) | port;
    this.tries[slot] = tryIndex;
    this.beforeSlices[slot] = beforeSlice;
    this.sources[slot] = source;
    this.sentTimes[slot] = sentAtMs;
    const bucket = bucketOf(host.id, (technique << 16) | port);
    this.chain[slot] = this.buckets[bucket] ?? NONE;
    this.buckets[bucket] = slot;
    const due = Math.max(Math.ceil(dueAtMs / TICK_MS), this.tick + 1);
    const index = due % WHEEL_SIZE;
    const first = this.wheel[index] ?? NONE;
    this.dueTicks[slot] = due;
    this.wheelNext[slot] = first;
    this.wheelBefore[slot] = NONE;
    if (first !== NONE) this.wheelBefore[first] = slot;
    this.wheel[index] = slot;
    return slot;
  }

  /** The slot of the probe to this port, or -1. */
  find(host: Host, technique: number, port: number): number {
    const question = (technique << 16) | port;
    let slot = this.buckets[bucketOf(host.id, question)] ?? NONE;
    while (slot !== NONE && (this.questions[slot] !== question || this.hosts[slot] !== host)) {
      slot = this.chain[slot] ?? NONE;
    }
    return slot;
  }

  /** The host of a probe; undefined for a slot that is not in use. */
  hostOf(slot: number): Host | undefined {
    return this.hosts[slot];
  }

  /** The slots of all probes to a host. Looks at every slot: for the rare host whose scan ends early. */
  slotsOf(host: Host): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < WINDOW_CAPACITY; slot++) if (this.hosts[slot] === host) slots.push(slot);
    return slots;
  }

  portOf(slot: number): number {
    return (this.questions[slot] ?? 0) & 0xffff;
  }

  techniqueOf(slot: number): number {
    return (this.questions[slot] ?? 0) >>> 16;
  }

  tryOf(slot: number): number {
    return this.tries[slot] ?? 0;
  }

  /** When the try before was sent, in slices; {@link NO_SLICE} for a first try. */
  beforeSliceOf(slot: number): number {
    return this.beforeSlices[slot] ?? NO_SLICE;
  }

  /** Which of several own addresses the probe left from: its place among them. */
  sourceOf(slot: number): number {
    return this.sources[slot] ?? 0;
  }

  /** How long an answer took. The kernel's time stamp is the better one, unless the clock was set meanwhile. */
  roundTripMs(slot: number, receivedAtMs: number, nowMs: number): number {
    const sentAtMs = this.sentAtMs(slot);
    const byKernelMs = receivedAtMs - sentAtMs;
    return byKernelMs >= 0 && byKernelMs <= nowMs - sentAtMs ? byKernelMs : nowMs - sentAtMs;
  }

  sentAtMs(slot: number): number {
    return this.sentTimes[slot] ?? 0;
  }

  /** Takes a probe out. */
  remove(slot: number): void {
    const host = this.hosts[slot];
    if (host === undefined) return;
    this.unchain(slot, bucketOf(host.id, this.questions[slot] ?? 0));
    const next = this.wheelNext[slot] ?? NONE;
    const before = this.wheelBefore[slot] ?? NONE;
    if (before === NONE) this.wheel[(this.dueTicks[slot] ?? 0) % WHEEL_SIZE] = next;
    else this.wheelNext[before] = next;
    if (next !== NONE) this.wheelBefore[next] = before;
    this.hosts[slot] = undefined;
    this.free[this.freeCount] = slot;
    this.freeCount++;
  }

  /** Tells of every probe whose time is over; the handler must take it out. */
  expire(nowMs: number, handler: ExpiryHandler): void {
    const nowTick = Math.floor(nowMs / TICK_MS);
    if (this.tick === NONE) this.tick = nowTick - 1;
    const first = Math.max(this.tick + 1, nowTick - WHEEL_SIZE + 1);
    for (let tick = first; tick <= nowTick; tick++) this.expireTick(tick % WHEEL_SIZE, nowTick, nowMs, handler);
    this.tick = nowTick;
  }

  /** Ms until the next probe may expire, looked for `aheadMs` ahead. */
  nextExpiryMs(nowMs: number, aheadMs: number): number {
    const nowTick = Math.floor(nowMs / TICK_MS);
    const last = nowTick + Math.min(WHEEL_SIZE - 1, Math.ceil(aheadMs / TICK_MS));
    for (let tick = nowTick + 1; tick <= last; tick++) {
      if (this.wheel[tick % WHEEL_SIZE] !== NONE) return Math.max(0, tick * TICK_MS - nowMs);
    }
    return aheadMs;
  }

  private unchain(slot: number, bucket: number): void {
    const next = this.chain[slot] ?? NONE;
    let at = this.buckets[bucket] ?? NONE;
    if (at === slot) {
      this.buckets[bucket] = next;
      return;
    }
    while (at !== NONE && this.chain[at] !== slot) at = this.chain[at] ?? NONE;
    this.chain[at] = next;
  }

  private expireTick(index: number, nowTick: number, nowMs: number, handler: ExpiryHandler): void {
    let slot = this.wheel[index] ?? NONE;
    while (slot !== NONE) {
      const next = this.wheelNext[slot] ?? NONE;
      // A probe that is due more than a turn of the wheel from now stays where it is.
      if ((this.dueTicks[slot] ?? 0) <= nowTick) handler(slot, nowMs);
      slot = next;
    }
  }
}

/** Fibonacci hashing (Knuth, volume 3, §6.4): the high bits of a product are the well-mixed ones. */
function bucketOf(hostId: number, question: number): number {
  return Math.imul(Math.imul(hostId, 0x9e3779b1) ^ question, 0x85ebca6b) >>> BUCKET_SHIFT;
}
