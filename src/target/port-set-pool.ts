// Port sets by number: targets with the same ports share one object, and unions are made once.
import { PortSet, type PortSetData } from "./port-set.js";

/** A pool of different port sets. */
export class PortSetPool {
  readonly #sets: PortSet[] = [];
  readonly #idByKey = new Map<string, number>();
  readonly #unions = new Map<number, number>();

  /** The number of the set that has these ports. */
  idOf(set: PortSet): number {
    const key = set.key();
    const known = this.#idByKey.get(key);
    if (known !== undefined) return known;
    this.#idByKey.set(key, this.#sets.length);
    return this.#sets.push(set) - 1;
  }

  /** The number of the set that data describe. */
  idOfData(data: PortSetData): number {
    return this.idOf(PortSet.fromData(data));
  }

  /** The set with this number; the empty one for a number that was never given out. */
  get(id: number): PortSet {
    return this.#sets[id] ?? PortSet.empty;
  }

  /** The number of the union of two sets. */
  union(one: number, other: number): number {
    if (one === other) return one;
    const pair = Math.min(one, other) * 2 ** 26 + Math.max(one, other);
    const known = this.#unions.get(pair);
    if (known !== undefined) return known;
    const id = this.idOf(this.get(one).union(this.get(other)));
    this.#unions.set(pair, id);
    return id;
  }

  /** The number of the union of many sets, made in one go. */
  unionOf(ids: Iterable<number>): number {
    const [first, second, ...more] = new Set(ids);
    if (first === undefined) return this.idOf(PortSet.empty);
    if (second === undefined) return first;
    return more.length === 0 ? this.union(first, second) : this.idOf(this.#unionOfSets([first, second, ...more]));
  }

  #unionOfSets(ids: readonly number[]): PortSet {
    const sets = ids.map((id) => this.get(id));
    return PortSet.of({
      tcp: sets.flatMap((set) => set.ranges("tcp")),
      udp: sets.flatMap((set) => set.ranges("udp")),
      sctp: sets.flatMap((set) => set.ranges("sctp")),
      ip: sets.flatMap((set) => set.ranges("ip")),
    });
  }
}
