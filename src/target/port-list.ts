// A growing list of port numbers at two bytes each, in no order.

const FIRST_SIZE = 16;

/** Port numbers as they come. */
export class PortList {
  #ports: Uint16Array = new Uint16Array(FIRST_SIZE);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(port: number): void {
    this.#reserve(1);
    this.#ports[this.#count] = port;
    this.#count += 1;
  }

  pushAll(ports: Uint16Array): void {
    this.#reserve(ports.length);
    this.#ports.set(ports, this.#count);
    this.#count += ports.length;
  }

  /** A view of the ports, valid until the next push. */
  values(): Uint16Array {
    return this.#ports.subarray(0, this.#count);
  }

  #reserve(count: number): void {
    if (this.#count + count <= this.#ports.length) return;
    const larger = new Uint16Array(Math.max(this.#ports.length * 2, this.#count + count));
    larger.set(this.#ports);
    this.#ports = larger;
  }
}
