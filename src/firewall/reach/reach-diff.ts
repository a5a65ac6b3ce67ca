// What became open and what closed between two rulesets, exactly.
import { IntervalSet } from "./interval-set.js";
import type { ReachAnswer, ReachRegion } from "./reach.js";
import { Region } from "./region.js";

/** The difference of two answers. */
export interface ReachDiff {
  readonly opened: readonly ReachRegion[];
  readonly closed: readonly ReachRegion[];
}

/** What of the second is not in the first, and the other way round; what is led elsewhere counts with where it goes. */
export function diffReach(before: ReachAnswer, after: ReachAnswer): ReachDiff {
  const [old, young] = [before, after].map(({ local, published }) => byKind([...local, ...published]));
  if (old === undefined || young === undefined) return { opened: [], closed: [] };
  return { opened: missing(young, old), closed: missing(old, young) };
}

interface Kind {
  readonly sample: ReachRegion;
  readonly region: Region;
}

function byKind(regions: readonly ReachRegion[]): ReadonlyMap<string, Kind> {
  const kinds = new Map<string, Kind>();
  for (const region of regions) {
    const { protocol, family, to } = region;
    const key = [protocol, family, to?.address ?? "", to?.port ?? ""].join(" ");
    const own = Region.box(region.ports ?? NO_PORTS, region.sources);
    const known = kinds.get(key);
    kinds.set(key, { sample: known?.sample ?? region, region: known?.region.unite(own) ?? own });
  }
  return kinds;
}

/** The one value of the ports' dimension where a protocol has none. */
const NO_PORTS: IntervalSet = IntervalSet.of([[0, 0]]);

function missing(of: ReadonlyMap<string, Kind>, from: ReadonlyMap<string, Kind>): readonly ReachRegion[] {
  return [...of].flatMap(([key, { sample, region }]) => {
    const other = from.get(key)?.region ?? Region.empty;
    const [, left] = region.splitBoxes(other.groups);
    return left.groups.map(({ ports, sources }) => ({
      ...sample,
      sources,
      ports: sample.ports === undefined ? undefined : ports,
    }));
  });
}
