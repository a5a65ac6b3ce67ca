// The probes under way, in typed arrays: no object and no timer a probe. Found by (host, technique, port) through a
// hash table, and by time through a timing wheel (Varghese and Lauck, 1987).
import { mix32 } from "../target/random.js";
import type { Host } from "./host.js";

/** Probes under way at once, at most. A power of two. */
export const WINDOW_CAPACITY = 32_768;
const BUCKET_COUNT = WINDOW_CAPACITY * 2;
const TICK_MS = 4;
const WHEEL_SIZE = 4096;
const NONE = -1;

/** Called for each probe whose time has run out; the probe is still in the window. */
export type ExpiryHandler = (slot: number) => void;

/** All probes that wait for an answer. A slot is a probe's number as long as it is here. */
export class ProbeWindow {
  readonly #hosts: (Host | undefined)[] = new Array<Host | undefined>(WINDOW_CAPACITY).fill(undefined);
  readonly #ports = new Uint16Array(WINDOW_CAPACITY);
  readonly #techniques = new Uint8Array(WINDOW_CAPACITY);
  readonly #tries = new Uint8Array(WINDOW_CAPACITY);
  readonly #sentAtMs = new Float64Array(WINDOW_CAPACITY);
  readonly #dueTick = new Float64Array(WINDOW_CAPACITY);
  readonly #chain = new Int32Array(WINDOW_CAPACITY);
  readonly #buckets = new Int32Array(BUCKET_COUNT).fill(NONE);
  readonly #wheel = new Int32Array(WHEEL_SIZE).fill(NONE);
  readonly #wheelNext = new Int32Array(WINDOW_CAPACITY);
  readonly #wheelBefore = new Int32Array(WINDOW_CAPACITY);
  readonly #free = new Int32Array(WINDOW_CAPACITY);
  #freeCount = WINDOW_CAPACITY;
  #tick = NONE;

  constructor() {
    for (let slot = 0; slot < WINDOW_CAPACITY; slot++) this.#free[slot] = WINDOW_CAPACITY - 1 - slot;
  }

  /** Probes under way. */
  get count(): number {
    return WINDOW_CAPACITY - this.#freeCount;
  }

  /** Puts a probe in. Returns its slot; there must be room: {@link count} below {@link WINDOW_CAPACITY}. */
  add(host: Host, technique: number, port: number, tryIndex: number, sentAtMs: number, dueAtMs: number): number {
    this.#freeCount--;
    const slot = this.#free[this.#freeCount] ?? 0;
    this.#hosts[slot] = host;
    this.#ports[slot] = port;
    this.#techniques[slot] = technique;
    this.#tries[slot] = tryIndex;
    this.#sentAtMs[slot] = sentAtMs;
    const bucket = bucketOf(host.id, technique, port);
    this.#chain[slot] = this.#buckets[bucket] ?? NONE;
    this.#buckets[bucket] = slot;
    this.#schedule(slot, Math.ceil(dueAtMs / TICK_MS));
    return slot;
  }

  /** The slot of the probe to this port, or -1. */
  find(host: Host, technique: number, port: number): number {
    let slot = this.#buckets[bucketOf(host.id, technique, port)] ?? NONE;
    while (slot !== NONE && !this.#is(slot, host, technique, port)) slot = this.#chain[slot] ?? NONE;
    return slot;
  }

  /** The host of a probe; undefined for a slot that is not in use. */
  hostOf(slot: number): Host | undefined {
    return this.#hosts[slot];
  }

  portOf(slot: number): number {
    return this.#ports[slot] ?? 0;
  }

  techniqueOf(slot: number): number {
    return this.#techniques[slot] ?? 0;
  }

  tryOf(slot: number): number {
    return this.#tries[slot] ?? 0;
  }

  sentAtMs(slot: number): number {
    return this.#sentAtMs[slot] ?? 0;
  }

  /** Takes a probe out. */
  remove(slot: number): void {
    const host = this.#hosts[slot];
    if (host === undefined) return;
    this.#unchain(slot, bucketOf(host.id, this.techniqueOf(slot), this.portOf(slot)));
    this.#unschedule(slot);
    this.#hosts[slot] = undefined;
    this.#free[this.#freeCount] = slot;
    this.#freeCount++;
  }

  /** Tells of every probe whose time is over; the handler must take it out. */
  expire(nowMs: number, handler: ExpiryHandler): void {
    const nowTick = Math.floor(nowMs / TICK_MS);
    if (this.#tick === NONE) this.#tick = nowTick - 1;
    const first = Math.max(this.#tick + 1, nowTick - WHEEL_SIZE + 1);
    for (let tick = first; tick <= nowTick; tick++) this.#expireTick(tick % WHEEL_SIZE, nowTick, handler);
    this.#tick = nowTick;
  }

  /** Ms until the next probe may expire, looked for `aheadMs` ahead. */
  nextExpiryMs(nowMs: number, aheadMs: number): number {
    const nowTick = Math.floor(nowMs / TICK_MS);
    const last = nowTick + Math.min(WHEEL_SIZE - 1, Math.ceil(aheadMs / TICK_MS));
    for (let tick = nowTick + 1; tick <= last; tick++) {
      if (this.#wheel[tick % WHEEL_SIZE] !== NONE) return Math.max(0, tick * TICK_MS - nowMs);
    }
    return aheadMs;
  }

  #expireTick(index: number, nowTick: number, handler: ExpiryHandler): void {
    let slot = this.#wheel[index] ?? NONE;
    while (slot !== NONE) {
      const next = this.#wheelNext[slot] ?? NONE;
      // A probe that is due more than a turn of the wheel from now stays where it is.
      if ((this.#dueTick[slot] ?? 0) <= nowTick) handler(slot);
      slot = next;
    }
  }

  #schedule(slot: number, tick: number): void {
    const due = Math.max(tick, this.#tick + 1);
    const index = due % WHEEL_SIZE;
    const first = this.#wheel[index] ?? NONE;
    this.#dueTick[slot] = due;
    this.#wheelNext[slot] = first;
    this.#wheelBefore[slot] = NONE;
    if (first !== NONE) this.#wheelBefore[first] = slot;
    this.#wheel[index] = slot;
  }

  #unschedule(slot: number): void {
    const next = this.#wheelNext[slot] ?? NONE;
    const before = this.#wheelBefore[slot] ?? NONE;
    if (before === NONE) this.#wheel[(this.#dueTick[slot] ?? 0) % WHEEL_SIZE] = next;
    else this.#wheelNext[before] = next;
    if (next !== NONE) this.#wheelBefore[next] = before;
  }

  #unchain(slot: number, bucket: number): void {
    const next = this.#chain[slot] ?? NONE;
    let at = this.#buckets[bucket] ?? NONE;
    if (at === slot) {
      this.#buckets[bucket] = next;
      return;
    }
    while (at !== NONE && this.#chain[at] !== slot) at = this.#chain[at] ?? NONE;
    if (at !== NONE) this.#chain[at] = next;
  }

  #is(slot: number, host: Host, technique: number, port: number): boolean {
    return this.#hosts[slot] === host && this.#ports[slot] === port && this.#techniques[slot] === technique;
  }
}

function bucketOf(hostId: number, technique: number, port: number): number {
  return mix32(Math.imul(hostId, 0x9e3779b1) ^ (technique << 16) ^ port) & (BUCKET_COUNT - 1);
}
