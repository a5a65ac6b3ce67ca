// Sets of (source address, destination port), exact and never changed. The sources are kept twice: for each port those that
// rules about that port have left, and a mask that holds for all ports. So neither a rule about sources alone nor one about a
// port alone touches what thousands of others have left.
import { type Interval, IntervalSet, type Value } from "./interval-set.js";
import {
  clipPorts,
  intersectPorts,
  type PortRun,
  type PortTree,
  portRuns,
  somePart,
  sourcesOfPort,
  subtractPorts,
  treeOfBoxes,
  unitePorts,
} from "./port-tree.js";

/** The one value of the ports' dimension for protocols without ports. */
export const NO_PORT = 0;

/** Ports that have the same sources. */
export interface PortGroup {
  readonly ports: IntervalSet;
  readonly sources: IntervalSet;
}

/** A set of sources and ports: a pair belongs to it when the source is both in the mask and among those of the port. */
export class Region {
  readonly mask: IntervalSet;
  readonly ports: PortTree;
  #isEmpty: boolean | undefined;

  private constructor(mask: IntervalSet, ports: PortTree) {
    this.mask = mask;
    this.ports = ports;
  }

  static readonly empty: Region = new Region(IntervalSet.empty, IntervalSet.empty);
  static readonly #wholes: Readonly<Record<4 | 6, Region>> = {
    4: new Region(IntervalSet.ipv4, IntervalSet.ipv4),
    6: new Region(IntervalSet.ipv6, IntervalSet.ipv6),
  };

  /** All sources of a family and all ports. */
  static whole(family: 4 | 6): Region {
    return Region.#wholes[family];
  }

  /** Those sources and all ports. */
  static ofSources(sources: IntervalSet, family: 4 | 6): Region {
    return sources.isEmpty ? Region.empty : new Region(sources, Region.whole(family).mask);
  }

  /** All sources and those ports. */
  static ofPorts(ports: IntervalSet, family: 4 | 6): Region {
    const { mask } = Region.whole(family);
    return Region.ofBoxes(
      ports.intervals().map((interval) => ({ ports: interval, sources: mask })),
      family,
    );
  }

  /** The pairs of boxes, which may overlap. */
  static ofBoxes(boxes: readonly { readonly ports: Interval; readonly sources: IntervalSet }[], family: 4 | 6): Region {
    const tree = treeOfBoxes(
      boxes.map(({ ports: [low, high], sources }) => ({ low: Number(low), high: Number(high), sources })),
    );
    return Region.ofTree(tree, family);
  }

  /** What lies in any of the regions; thousands at once. */
  static union(regions: readonly Region[], family: 4 | 6): Region {
    const [first, second] = regions;
    if (first === undefined || second === undefined) return first ?? Region.empty;
    if (regions.length === 2) return first.unite(second);
    const { mask } = Region.whole(family);
    let ports: PortTree = IntervalSet.empty;
    for (const region of regions) ports = unitePorts({ ports, mask }, region, mask);
    return Region.ofTree(ports, family);
  }

  /** What a tree holds. */
  static ofTree(tree: PortTree, family: 4 | 6): Region {
    return new Region(Region.whole(family).mask, tree);
  }

  get isEmpty(): boolean {
    this.#isEmpty ??= this.mask.isEmpty || !somePart(this.ports, (sources) => sources.intersects(this.mask));
    return this.#isEmpty;
  }

  has(source: Value, port: number): boolean {
    return this.mask.has(source) && sourcesOfPort(this.ports, port).has(source);
  }

  intersect(other: Region): Region {
    const mask = this.mask.intersect(other.mask);
    return this.#changed(mask, mask.isEmpty ? IntervalSet.empty : intersectPorts(this.ports, other.ports));
  }

  subtract(other: Region): Region {
    const { ports } = other;
    if (ports instanceof IntervalSet) {
      const sources = ports.isWhole ? other.mask : other.mask.intersect(ports);
      return this.#changed(this.mask.subtract(sources), this.ports);
    }
    return this.#changed(this.mask, subtractPorts(this.ports, ports, other.mask));
  }

  unite(other: Region): Region {
    if (this.isEmpty || other.isEmpty) return this.isEmpty ? other : this;
    const mask = this.mask.unite(other.mask);
    return this.#changed(mask, unitePorts(this, other, mask));
  }

  /** One or two of its pairs, with different ports where it has such. */
  samples(): readonly { readonly source: Value; readonly port: number }[] {
    const found: { readonly source: Value; readonly port: number }[] = [];
    somePart(this.ports, (sources, from, count) => {
      const source = sources.firstCommon(this.mask);
      if (source === undefined) return false;
      found.push({ source, port: from });
      if (count > 1 && found.length < 2) found.push({ source, port: from + 1 });
      return found.length > 1;
    });
    return found;
  }

  /** The sources of each port as they are, as a tree. */
  tree(): PortTree {
    return clipPorts(this);
  }

  /** The sources of each run of ports. */
  runs(): readonly PortRun[] {
    return portRuns(this.tree());
  }

  /** Groups with disjoint ports and different sources, in the order of their lowest ports. */
  groups(): readonly PortGroup[] {
    const found = new Map<string, { readonly sources: IntervalSet; readonly ports: Interval[] }[]>();
    const groups: { readonly sources: IntervalSet; readonly ports: Interval[] }[] = [];
    for (const { low, high, sources } of this.runs()) {
      const key = `${sources.count} ${sources.hash}`;
      const alike = found.get(key) ?? [];
      const same = alike.find((one) => one.sources.equals(sources));
      if (same !== undefined) {
        same.ports.push([low, high]);
        continue;
      }
      const group = { sources, ports: [[low, high]] satisfies Interval[] };
      groups.push(group);
      found.set(key, [...alike, group]);
    }
    return groups.map(({ sources, ports }) => ({ sources, ports: IntervalSet.of(ports) }));
  }

  #changed(mask: IntervalSet, ports: PortTree): Region {
    return mask === this.mask && ports === this.ports ? this : new Region(mask, ports);
  }
}
