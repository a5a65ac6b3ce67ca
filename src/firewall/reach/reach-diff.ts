// What became open and what closed between two rulesets, exactly.
import type { ReachAnswer, ReachRegion } from "./reach.js";
import { Region } from "./region.js";

/** The difference of two answers. */
export interface ReachDiff {
  readonly opened: readonly ReachRegion[];
  readonly closed: readonly ReachRegion[];
}

/** What of the second is not in the first, and the other way round; what is led elsewhere counts with where it goes. */
export function diffReach(before: ReachAnswer, after: ReachAnswer): ReachDiff {
  const old = byKind([...before.local, ...before.published]);
  const young = byKind([...after.local, ...after.published]);
  return { opened: missing(young, old), closed: missing(old, young) };
}

interface Kind {
  readonly sample: ReachRegion;
  readonly region: Region;
}

function byKind(regions: readonly ReachRegion[]): ReadonlyMap<string, Kind> {
  const kinds = new Map<string, ReachRegion[]>();
  for (const region of regions) {
    const { protocol, family, to } = region;
    const key = [protocol, family, to?.address ?? "", to?.port ?? "", to?.outputInterface ?? ""].join(" ");
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, [region]);
    else known.push(region);
  }
  return new Map(
    [...kinds].flatMap(([key, own]): (readonly [string, Kind])[] => {
      const [sample] = own;
      return sample === undefined ? [] : [[key, { sample, region: Region.union(own.map(boxOf), sample.family) }]];
    }),
  );
}

function boxOf({ ports, sources, family }: ReachRegion): Region {
  const own = Region.ofSources(sources, family);
  return ports === undefined ? own : own.intersect(Region.ofPorts(ports, family));
}

function missing(of: ReadonlyMap<string, Kind>, from: ReadonlyMap<string, Kind>): readonly ReachRegion[] {
  return [...of].flatMap(([key, { sample, region }]) =>
    region
      .subtract(from.get(key)?.region ?? Region.empty)
      .groups()
      .map(({ ports, sources }) => ({ ...sample, sources, ports: sample.ports === undefined ? undefined : ports })),
  );
}
