// Work that two threads share: each takes the next few pieces until none are left, so that the faster one does more.

/** Where in the shared words what stands. */
const NEXT = 0;
const HELPER = 1;
const WORD_COUNT = 2;
/** Pieces that are taken together: a share of 32 processes takes a few milliseconds. */
const SHARE = 32;
/** The helper's word. */
const ABSENT = 0;
const PRESENT = 1;

/** The shares of one piece of work, the same in both threads. */
export class WorkShares {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** @param memory Of the other thread's shares; new for work that nobody has begun */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(WORD_COUNT * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** The next share of these pieces; empty when all are taken. Both threads must have the same pieces. */
  next<Piece>(pieces: readonly Piece[]): readonly Piece[] {
    const from = Atomics.add(this.#words, NEXT, SHARE);
    return pieces.slice(from, from + SHARE);
  }

  /** Said by the helper before it takes a share. */
  helperIsHere(): void {
    Atomics.store(this.#words, HELPER, PRESENT);
  }

  /** True when the helper may have taken a share. Once all shares are taken, false stays false. */
  get hasHelper(): boolean {
    return Atomics.load(this.#words, HELPER) !== ABSENT;
  }
}
