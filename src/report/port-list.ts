// A growing list of port numbers at two bytes each, in no order.

const FIRST_SIZE = 16;

/** Port numbers, each at most once: the caller looks before it pushes. */
export class PortList {
  #ports: Uint16Array = new Uint16Array(FIRST_SIZE);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(port: number): void {
    if (this.#count === this.#ports.length) {
      const larger = new Uint16Array(this.#ports.length * 2);
      larger.set(this.#ports);
      this.#ports = larger;
    }
    this.#ports[this.#count] = port;
    this.#count += 1;
  }

  has(port: number): boolean {
    return this.#indexOf(port) >= 0;
  }

  /** Takes the port out if it is there; the last one moves to its place. */
  remove(port: number): void {
    const at = this.#indexOf(port);
    if (at < 0) {
      return;
    }
    this.#count -= 1;
    this.#ports[at] = this.#ports[this.#count] ?? 0;
  }

  /** A view of the ports, valid until the next push or remove. */
  values(): Uint16Array {
    return this.#ports.subarray(0, this.#count);
  }

  /** What stands behind the count is left over: a hit there is none. */
  #indexOf(port: number): number {
    const at = this.#ports.indexOf(port);
    return at < this.#count ? at : -1;
  }
}
