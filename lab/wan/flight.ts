// Answers on their way: slots of one piece of memory, in a wheel of 50 µs notches. Nothing is allocated for a packet.
import { ANSWER_BYTES_MAX, type Paper } from "./answer.js";
import { ETHERNET_BYTES } from "./router.js";

/** How many answers can be on their way. */
export const SLOT_COUNT = 65_536;
const SLOT_BYTES = ETHERNET_BYTES + ANSWER_BYTES_MAX;
const NOTCH_US = 50;
/** 6.5 s ahead: more than twice the longest delay. */
const NOTCH_COUNT = 131_072;
const NONE = -1;

/** Takes a slot that is due, with its frame and the bytes of the packet in it; frees it or sends it on another journey. */
export type Landing = (slot: number, frame: Uint8Array, length: number) => void;

/** All slots. A slot is taken, filled, launched, and freed when it has landed. */
export class Flight implements Paper {
  readonly bytes: Uint8Array = new Uint8Array(SLOT_COUNT * SLOT_BYTES);
  readonly view: DataView = new DataView(this.bytes.buffer);
  /** Answers for which there was no slot. */
  overflowCount = 0;
  private readonly views: readonly Uint8Array[];
  private readonly lengths = new Uint16Array(SLOT_COUNT);
  private readonly next = new Int32Array(SLOT_COUNT);
  private readonly first = new Int32Array(NOTCH_COUNT).fill(NONE);
  private readonly last = new Int32Array(NOTCH_COUNT).fill(NONE);
  private free = 0;
  /** The notch that lands next: earlier ones are empty. */
  private notch = 0;

  constructor(nowUs: number) {
    this.notch = Math.floor(nowUs / NOTCH_US);
    this.views = Array.from({ length: SLOT_COUNT }, (_, slot) =>
      this.bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES),
    );
    for (let slot = 0; slot < SLOT_COUNT; slot++) this.next[slot] = slot + 1 < SLOT_COUNT ? slot + 1 : NONE;
  }

  /** A slot for one answer, or -1. */
  take(): number {
    const slot = this.free;
    if (slot === NONE) this.overflowCount++;
    else this.free = this.next[slot] ?? NONE;
    return slot;
  }

  /** Where the slot's packet begins in {@link bytes}: behind its Ethernet header. */
  at(slot: number): number {
    return slot * SLOT_BYTES + ETHERNET_BYTES;
  }

  release(slot: number): void {
    this.next[slot] = this.free;
    this.free = slot;
  }

  /** Sends the slot on its way. */
  launch(slot: number, length: number, dueUs: number): void {
    const due = Math.ceil(dueUs / NOTCH_US);
    const index = Math.min(Math.max(due, this.notch), this.notch + NOTCH_COUNT - 1) % NOTCH_COUNT;
    this.lengths[slot] = length;
    this.next[slot] = NONE;
    const last = this.last[index] ?? NONE;
    if (last === NONE) this.first[index] = slot;
    else this.next[last] = slot;
    this.last[index] = slot;
  }

  /** Hands over all that is due, in the order in which it was launched. */
  land(nowUs: number, landing: Landing): void {
    const now = Math.floor(nowUs / NOTCH_US);
    for (; this.notch <= now; this.notch++) this.landNotch(this.notch % NOTCH_COUNT, landing);
    this.notch = now; // it is not over: what is due at once still comes into it
  }

  private landNotch(index: number, landing: Landing): void {
    let slot = this.first[index] ?? NONE;
    this.first[index] = NONE;
    this.last[index] = NONE;
    while (slot !== NONE) {
      const following = this.next[slot] ?? NONE;
      const view = this.views[slot];
      if (view !== undefined) landing(slot, view, this.lengths[slot] ?? 0);
      slot = following;
    }
  }

  /** How long nothing lands, up to `mostUs`. */
  idleUs(nowUs: number, mostUs: number): number {
    const until = Math.min(Math.ceil((nowUs + mostUs) / NOTCH_US), this.notch + NOTCH_COUNT - 1);
    let notch = this.notch;
    while (notch < until && this.first[notch % NOTCH_COUNT] === NONE) notch++;
    return Math.max(0, Math.min(mostUs, notch * NOTCH_US - nowUs));
  }
}
