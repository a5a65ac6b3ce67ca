// What is to be asked again, first in, first out: a ring of numbers that grows as it must.

const TRY_SHIFT = 16;
const INITIAL_SIZE = 16;
/** Most hosts never need a second try of anything: their queues share this one. */
const NO_ITEMS = new Uint32Array(0);

/** Questions that wait for another try: each a 16-bit number (a port, or a question's index) and the try. */
export class RetryQueue {
  private items: Uint32Array = NO_ITEMS;
  private head = 0;
  /** How many wait. */
  count = 0;

  push(item: number, tryIndex: number): void {
    if (this.count === this.items.length) this.grow();
    this.items[(this.head + this.count) % this.items.length] = (tryIndex << TRY_SHIFT) | item;
    this.count++;
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
    this.head = 0;
    this.count = 0;
  }

  private grow(): void {
    const larger = new Uint32Array(Math.max(INITIAL_SIZE, this.items.length * 2));
    for (let at = 0; at < this.count; at++) larger[at] = this.items[(this.head + at) % this.items.length] ?? 0;
    this.items = larger;
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
