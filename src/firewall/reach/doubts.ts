// Why packets may go one way or another: what rules hang on that a question does not tell, and for which packets.
import type { Region } from "./region.js";

/** A reason, and the packets that it concerns. */
export interface Doubt {
  readonly region: Region;
  readonly why: string;
}

/** The doubts that are met on the way, in the order in which they are. */
export class Doubts {
  readonly #met: Doubt[] = [];

  add(region: Region, why: string): void {
    this.#met.push({ region, why });
  }

  /** The parts of a region, each with the first doubt that concerns it. */
  explain(region: Region): readonly Doubt[] {
    const found = new Map<string, Region>();
    let rest = region;
    for (const { region: own, why } of this.#met) {
      if (rest.isEmpty) break;
      const part = rest.intersect(own);
      if (part.isEmpty) continue;
      found.set(why, found.get(why)?.unite(part) ?? part);
      rest = rest.subtract(own);
    }
    return [...found].map(([why, part]) => ({ region: part, why }));
  }
}
