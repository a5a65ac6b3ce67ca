// What happened when, in a fixed number of slices: when a scan goes on, two slices become one. So a scan of a second and one
// of a week take the same memory, and the same room in a report.

const SLICE_COUNT = 240;
const FIRST_SLICE_MS = 10;

/** One slice of a scan's time. */
export interface TimeSlice {
  /** Since the start. */
  readonly endMs: number;
  /** Hosts that were found to be up in this slice, and hosts that were done. */
  readonly foundCount: number;
  readonly doneCount: number;
  /** Mean of what progress told in this slice; undefined when nothing was told. */
  readonly ratePps: number | undefined;
}

/** Gathers what happened when. */
export class Timeline {
  readonly #found: Uint32Array = new Uint32Array(SLICE_COUNT);
  readonly #done: Uint32Array = new Uint32Array(SLICE_COUNT);
  readonly #rateSum: Float64Array = new Float64Array(SLICE_COUNT);
  readonly #rateCount: Uint32Array = new Uint32Array(SLICE_COUNT);
  #sliceMs = FIRST_SLICE_MS;

  hostFound(atMs: number): void {
    add(this.#found, this.#sliceAt(atMs), 1);
  }

  hostDone(atMs: number): void {
    add(this.#done, this.#sliceAt(atMs), 1);
  }

  rate(atMs: number, ratePps: number): void {
    const slice = this.#sliceAt(atMs);
    add(this.#rateSum, slice, ratePps);
    add(this.#rateCount, slice, 1);
  }

  /** The slices up to a time. */
  slices(untilMs: number): readonly TimeSlice[] {
    const count = this.#sliceAt(untilMs) + 1;
    return Array.from({ length: count }, (_, slice) => {
      const rateCount = this.#rateCount[slice] ?? 0;
      return {
        endMs: Math.min((slice + 1) * this.#sliceMs, Math.max(untilMs, 1)),
        foundCount: this.#found[slice] ?? 0,
        doneCount: this.#done[slice] ?? 0,
        ratePps: rateCount === 0 ? undefined : (this.#rateSum[slice] ?? 0) / rateCount,
      };
    });
  }

  #sliceAt(atMs: number): number {
    const inTimeMs = Number.isFinite(atMs) ? Math.max(atMs, 0) : 0;
    while (inTimeMs >= SLICE_COUNT * this.#sliceMs) this.#widen();
    return Math.floor(inTimeMs / this.#sliceMs);
  }

  #widen(): void {
    this.#sliceMs *= 2;
    for (const values of [this.#found, this.#done, this.#rateSum, this.#rateCount]) {
      for (let slice = 0; slice < SLICE_COUNT; slice++) {
        values[slice] = slice < SLICE_COUNT / 2 ? (values[2 * slice] ?? 0) + (values[2 * slice + 1] ?? 0) : 0;
      }
    }
  }
}

function add(values: Uint32Array | Float64Array, slice: number, value: number): void {
  values[slice] = (values[slice] ?? 0) + value;
}
