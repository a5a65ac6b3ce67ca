// What is known of each port of one host and protocol, a byte a port, in pages that are made when they are needed: hosts
// of which a thousand ports are asked must not cost what hosts with all ports cost.
import type { PortRange } from "../target/port-set.js";

const PORT_COUNT = 65536;
const PAGE_PORTS = 256;
const DECIDED = 255;

/** More tries than this cannot be told apart. */
export const TRIES_MAX = 254;

/** Ports that are decided, and ports that were silent in so many tries. */
export class PortMarks {
  readonly #pages: Map<number, Uint8Array> = new Map();
  readonly #onPage: () => void;
  #decidedCount = 0;

  /** @param onPage Told about each page, so that somebody can count them over all hosts. */
  constructor(onPage: () => void) {
    this.#onPage = onPage;
  }

  /** How many ports are decided. */
  get decidedCount(): number {
    return this.#decidedCount;
  }

  /** How many pages there are. */
  get pageCount(): number {
    return this.#pages.size;
  }

  /** Notes a decided port; false when it was decided before. */
  decide(port: number): boolean {
    const page = this.#pageOf(port);
    const at = port % PAGE_PORTS;
    if (page[at] === DECIDED) return false;
    page[at] = DECIDED;
    this.#decidedCount++;
    return true;
  }

  /** Notes that a port was silent in so many tries, 1 to {@link TRIES_MAX}. */
  silence(port: number, tries: number): void {
    const page = this.#pageOf(port);
    const at = port % PAGE_PORTS;
    page[at] = Math.max(page[at] ?? 0, tries);
  }

  /** The decided ports. */
  decided(): readonly PortRange[] {
    return this.#rangesByMark().get(DECIDED) ?? [];
  }

  /** The ports that are not decided and were asked, by number of tries. */
  silent(): readonly { readonly tries: number; readonly ranges: readonly PortRange[] }[] {
    const byMark = [...this.#rangesByMark()].filter(([mark]) => mark !== DECIDED);
    return byMark.sort(([one], [other]) => one - other).map(([tries, ranges]) => ({ tries, ranges }));
  }

  #pageOf(port: number): Uint8Array {
    const number = Math.floor(port / PAGE_PORTS);
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const page = new Uint8Array(PAGE_PORTS);
    this.#pages.set(number, page);
    this.#onPage();
    return page;
  }

  #rangesByMark(): Map<number, [number, number][]> {
    const byMark = new Map<number, [number, number][]>();
    for (let port = 0; port < PORT_COUNT; port++) {
      const page = this.#pages.get(Math.floor(port / PAGE_PORTS));
      const mark = page?.[port % PAGE_PORTS] ?? 0;
      if (mark === 0) continue;
      const ranges = byMark.get(mark) ?? [];
      byMark.set(mark, ranges);
      const previous = ranges.at(-1);
      if (previous !== undefined && previous[1] === port - 1) previous[1] = port;
      else ranges.push([port, port]);
    }
    return byMark;
  }
}
