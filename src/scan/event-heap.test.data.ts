// What will happen on the fake wire, the earliest first; what happens at the same time in the order it was put in.

interface Entry<Event> {
  readonly atMs: number;
  readonly order: number;
  readonly event: Event;
}

/** A binary heap over time. */
export class EventHeap<Event> {
  readonly #entries: Entry<Event>[] = [];
  #order = 0;

  get count(): number {
    return this.#entries.length;
  }

  /** When the next event happens; infinite when there is none. */
  get nextAtMs(): number {
    return this.#entries[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  push(atMs: number, event: Event): void {
    const entries = this.#entries;
    let at = entries.length;
    const entry = { atMs, order: this.#order++, event };
    entries.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(at, above)) return;
      this.#swap(at, above);
      at = above;
    }
  }

  /** Takes the earliest event out. */
  pop(): { readonly atMs: number; readonly event: Event } | undefined {
    const first = this.#entries[0];
    const last = this.#entries.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#entries[0] = last;
    this.#sink();
    return first;
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= this.#entries.length) return;
      const least = left + 1 < this.#entries.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#isBefore(least, at)) return;
      this.#swap(least, at);
      at = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const first = this.#entries[one];
    const second = this.#entries[other];
    if (first === undefined || second === undefined) return false;
    return first.atMs < second.atMs || (first.atMs === second.atMs && first.order < second.order);
  }

  #swap(one: number, other: number): void {
    const first = this.#entries[one];
    const second = this.#entries[other];
    if (first === undefined || second === undefined) return;
    this.#entries[one] = second;
    this.#entries[other] = first;
  }
}
