// What is to be asked again, first in, first out: a ring of numbers that grows as it must.

const TRY_SHIFT = 16;
const INITIAL_SIZE = 16;
/** Most hosts never need a second try of anything: their queues share this one. */
const NO_ITEMS = new Uint32Array(0);
const NO_SLICES = new Int32Array(0);

/** Questions that wait for another try: each a 16-bit number (a port, or a question's index) and the try. */
export class RetryQueue {
  private items: Uint32Array = NO_ITEMS;
  /** When the try that failed was sent, in slices of time: what was lost then tells of the pace then. */
  private slices: Int32Array = NO_SLICES;
  private head = 0;
  /** How many wait. */
  count = 0;

  push(item: number, tryIndex: number, slice: number): void {
    if (this.count === this.items.length) this.grow();
    const at = (this.head + this.count) % this.items.length;
    this.items[at] = (tryIndex << TRY_SHIFT) | item;
    this.slices[at] = slice;
    this.count++;
  }

  /** The slice of what {@link shift} would take out next. */
  get nextSlice(): number {
    return this.slices[this.head] ?? 0;
  }

  /** Takes the oldest out, as one number: see {@link itemOf} and {@link tryOf}. The queue must not be empty. */
  shift(): number {
    const packed = this.items[this.head] ?? 0;
    this.head = (this.head + 1) % this.items.length;
    this.count--;
    return packed;
  }

  clear(): void {
    this.items = NO_ITEMS;
    this.slices = NO_SLICES;
    this.head = 0;
    this.count = 0;
  }

  private grow(): void {
    const size = Math.max(INITIAL_SIZE, this.items.length * 2);
    const items = new Uint32Array(size);
    const slices = new Int32Array(size);
    for (let at = 0; at < this.count; at++) {
      items[at] = this.items[(this.head + at) % this.items.length] ?? 0;
      slices[at] = this.slices[(this.head + at) % this.items.length] ?? 0;
    }
    this.items = items;
    this.slices = slices;
    this.head = 0;
  }
}

/** The port, or the question's index. */
export function itemOf(packed: number): number {
  return packed & 0xffff;
}

/** Which try it is to be. */
export function tryOf(packed: number): number {
  return packed >>> TRY_SHIFT;
}
