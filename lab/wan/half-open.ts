// Connections whose SYN-ACK waits for an answer: each holds a slot of the flight, and is found by what both ends are.

const PLACE_COUNT = 65_536;
const NONE = -1;

/** Which slot holds the SYN-ACK of which connection, and how often it may still be sent. */
export class HalfOpen {
  private readonly slots = new Int32Array(PLACE_COUNT).fill(NONE);
  private readonly marks = new Int32Array(PLACE_COUNT);
  private readonly places: Int32Array;
  private readonly rounds: Uint8Array;
  private readonly done: Uint8Array;

  constructor(slotCount: number) {
    this.places = new Int32Array(slotCount).fill(NONE);
    this.rounds = new Uint8Array(slotCount);
    this.done = new Uint8Array(slotCount);
  }

  /** True when the connection is known. `hash` finds its place, `mark` is a second hash that proves it. */
  has(hash: number, mark: number): boolean {
    const place = hash & (PLACE_COUNT - 1);
    return this.slots[place] !== NONE && this.marks[place] === mark;
  }

  /** Remembers a connection; false where another one has its place, which is rare and costs it the repetitions. */
  add(hash: number, mark: number, slot: number, rounds: number): boolean {
    const place = hash & (PLACE_COUNT - 1);
    if (this.slots[place] !== NONE) return false;
    this.slots[place] = slot;
    this.marks[place] = mark;
    this.places[slot] = place;
    this.rounds[slot] = rounds;
    this.done[slot] = 0;
    return true;
  }

  /** The peer has answered: the slot stays taken until it is due, and is then found to be over. */
  end(hash: number, mark: number): void {
    if (!this.has(hash, mark)) return;
    const place = hash & (PLACE_COUNT - 1);
    const slot = this.slots[place] ?? NONE;
    this.slots[place] = NONE;
    this.rounds[slot] = 0;
  }

  /** True for a slot that is not a mere answer. */
  holds(slot: number): boolean {
    return this.places[slot] !== NONE;
  }

  /** Which repetition this is, from 1 on; 0, and the connection is forgotten, when there is none left. */
  repeat(slot: number): number {
    const round = (this.done[slot] ?? 0) + 1;
    if (round <= (this.rounds[slot] ?? 0)) {
      this.done[slot] = round;
      return round;
    }
    const place = this.places[slot] ?? NONE;
    if (this.slots[place] === slot) this.slots[place] = NONE;
    this.places[slot] = NONE;
    return 0;
  }
}
