// Sets of (source address, destination port): for each group of ports, from which sources. Exact, and never changed.
import { IntervalSet } from "./interval-set.js";

/** Ports that have the same sources. */
export interface PortGroup {
  readonly ports: IntervalSet;
  readonly sources: IntervalSet;
}

/** A set of sources and ports. Groups have disjoint ports. */
export class Region {
  readonly groups: readonly PortGroup[];

  constructor(groups: readonly PortGroup[]) {
    this.groups = groups;
  }

  static readonly empty: Region = new Region([]);

  static box(ports: IntervalSet, sources: IntervalSet): Region {
    return ports.isEmpty || sources.isEmpty ? Region.empty : new Region([{ ports, sources }]);
  }

  get isEmpty(): boolean {
    return this.groups.length === 0;
  }

  /** What lies within those ports and sources, and what does not. */
  split(ports: IntervalSet | undefined, sources: IntervalSet | undefined): readonly [inside: Region, outside: Region] {
    const inside: PortGroup[] = [];
    const outside: PortGroup[] = [];
    for (const group of this.groups) {
      const common = ports === undefined ? group.ports : group.ports.intersect(ports);
      if (common.isEmpty) {
        outside.push(group);
        continue;
      }
      const rest = ports === undefined ? IntervalSet.empty : group.ports.subtract(common);
      if (!rest.isEmpty) outside.push({ ports: rest, sources: group.sources });
      splitSources({ ports: common, sources: group.sources }, sources, inside, outside);
    }
    return [regionOf(inside), regionOf(outside)];
  }

  /** What lies within several boxes, and what does not. */
  splitBoxes(boxes: readonly PortGroup[]): readonly [inside: Region, outside: Region] {
    let inside: Region = Region.empty;
    let rest: Region = this;
    for (const { ports, sources } of boxes) {
      const [hit, missed] = rest.split(ports, sources);
      inside = inside.unite(hit);
      rest = missed;
    }
    return [inside, rest];
  }

  /** Of two that may overlap in ports, not in what they hold. */
  unite(other: Region): Region {
    if (this.isEmpty) return other;
    if (other.isEmpty) return this;
    let groups: readonly PortGroup[] = this.groups;
    for (const group of other.groups) groups = uniteGroup(groups, group);
    return regionOf(groups);
  }
}

function splitSources(
  group: PortGroup,
  sources: IntervalSet | undefined,
  inside: PortGroup[],
  outside: PortGroup[],
): void {
  if (sources === undefined) {
    inside.push(group);
    return;
  }
  const common = group.sources.intersect(sources);
  if (common.isEmpty) {
    outside.push(group);
    return;
  }
  inside.push({ ports: group.ports, sources: common });
  const rest = group.sources.subtract(common);
  if (!rest.isEmpty) outside.push({ ports: group.ports, sources: rest });
}

function uniteGroup(groups: readonly PortGroup[], added: PortGroup): readonly PortGroup[] {
  const result: PortGroup[] = [];
  let { ports } = added;
  for (const group of groups) {
    const common = ports.isEmpty ? ports : group.ports.intersect(ports);
    if (common.isEmpty) {
      result.push(group);
      continue;
    }
    const rest = group.ports.subtract(common);
    if (!rest.isEmpty) result.push({ ports: rest, sources: group.sources });
    result.push({ ports: common, sources: group.sources.unite(added.sources) });
    ports = ports.subtract(common);
  }
  if (!ports.isEmpty) result.push({ ports, sources: added.sources });
  return result;
}

/** Groups whose sources are the same become one: rules would be asked for each of them otherwise. */
function regionOf(groups: readonly PortGroup[]): Region {
  if (groups.length === 0) return Region.empty;
  if (groups.length === 1) return new Region(groups);
  const merged = new Map<string, PortGroup[]>();
  for (const group of groups) {
    const { sources } = group;
    const key = `${sources.count} ${sources.lowest ?? ""} ${sources.highest ?? ""}`;
    const alike = merged.get(key);
    const same = alike?.findIndex((one) => one.sources.equals(sources)) ?? -1;
    if (alike === undefined) merged.set(key, [group]);
    else if (same < 0) alike.push(group);
    else alike[same] = { ports: (alike[same] ?? group).ports.unite(group.ports), sources };
  }
  return new Region([...merged.values()].flat());
}
