// Gathers the ports of one protocol of one host while they come, in any order and perhaps twice, four bytes each.
import type { PortCode, PortRuns } from "./port-table.js";

const FIRST_SIZE = 16;
/** A port takes the upper bits, its code the lower ones, so that sorting by number sorts by port. */
const CODE_BITS = 8;
const CODE_MASK = 0xff;

/** Ports with their codes. */
export class PortGatherer {
  #entries: Uint32Array = new Uint32Array(FIRST_SIZE);
  #count = 0;

  add(port: number, code: PortCode): void {
    this.#reserve(1);
    this.#entries[this.#count++] = (port << CODE_BITS) | code;
  }

  addAll(ports: Uint16Array, code: PortCode): void {
    this.#reserve(ports.length);
    for (const port of ports) this.#entries[this.#count++] = (port << CODE_BITS) | code;
  }

  /** Takes what was gathered before. */
  addRuns(runs: PortRuns): void {
    for (let at = 0; at < runs.length; at += 3) {
      for (let port = runs[at] ?? 0; port <= (runs[at + 1] ?? 0); port++) this.add(port, runs[at + 2] ?? 0);
    }
  }

  /** All ports as runs. Of a port that came with two codes the lower one counts: what was seen goes before silence. */
  runs(): PortRuns {
    const sorted = this.#entries.subarray(0, this.#count).sort();
    const runs: number[] = [];
    let last = -1;
    for (const entry of sorted) {
      const port = entry >>> CODE_BITS;
      const code = entry & CODE_MASK;
      if (port === last) continue;
      if (port === last + 1 && runs[runs.length - 1] === code) runs[runs.length - 2] = port;
      else runs.push(port, port, code);
      last = port;
    }
    return runs;
  }

  #reserve(count: number): void {
    if (this.#count + count <= this.#entries.length) return;
    const larger = new Uint32Array(Math.max(this.#entries.length * 2, this.#count + count));
    larger.set(this.#entries);
    this.#entries = larger;
  }
}
