// What is to be asked again, first in, first out: a ring of numbers that grows as it must.

const TRY_SHIFT = 16;
/** Small: in a sweep thousands of hosts wait for one answer each. Plain arrays of small numbers cost less than typed ones. */
const INITIAL_SIZE = 4;
/** Most hosts never need a second try of anything: their queues share this one. */
const NONE: number[] = [];

/** Questions that wait for another try: each a 16-bit number (a port, or a question's index) and the try. */
export class RetryQueue {
  private items = NONE;
  /** When the try that failed was sent, in slices of time: what was lost then tells of the pace then. */
  private slices = NONE;
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
    this.items = NONE;
    this.slices = NONE;
    this.head = 0;
    this.count = 0;
  }

  private grow(): void {
    const size = Math.max(INITIAL_SIZE, this.items.length * 2);
    const items = new Array<number>(size).fill(0);
    const slices = new Array<number>(size).fill(0);
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
