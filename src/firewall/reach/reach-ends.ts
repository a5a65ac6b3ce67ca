// What has become of all packets: those that end in one way for certain, and those that may end in several.
import type { Flow } from "./flow.js";
import { Region } from "./region.js";

/** Where packets end that get through. */
export type EndKind = "local" | "published";

/** Packets that get through to one place. */
export interface End {
  readonly kind: EndKind;
  /** One of the flows that end there, for where that is. */
  readonly sample: Flow;
  readonly region: Region;
}

/** All ends. */
export interface Ends {
  readonly certain: readonly End[];
  readonly unknown: Region;
}

/** Puts together what came through, and what did not. Packets in doubt that end the same way whatever holds are certain. */
export function joinEnds(
  passed: readonly { readonly kind: EndKind; readonly flows: readonly Flow[] }[],
  { dropped, lost }: { readonly dropped: readonly Region[]; readonly lost: readonly Region[] },
  family: 4 | 6,
): Ends {
  const rows = passed.flatMap(({ kind, flows }) => endsOf(kind, flows, family));
  const doubtful = [...rows.map(({ doubtful: one }) => one), Region.union(dropped, family)];
  let seen: Region = Region.empty;
  let unknown: Region = Region.union(lost, family);
  for (const region of doubtful) {
    unknown = unknown.unite(seen.intersect(region));
    seen = seen.unite(region);
  }
  return {
    certain: rows.map(({ kind, sample, certain, doubtful: one }) => ({
      kind,
      sample,
      region: certain.unite(one).subtract(unknown),
    })),
    unknown,
  };
}

interface EndRow {
  readonly kind: EndKind;
  readonly sample: Flow;
  readonly certain: Region;
  readonly doubtful: Region;
}

function endsOf(kind: EndKind, flows: readonly Flow[], family: 4 | 6): readonly EndRow[] {
  const byPlace = new Map<string, Flow[]>();
  for (const flow of flows) {
    const { state, isPortSet } = flow;
    const port = isPortSet ? state.destinationPort : "";
    const place = [state.destination, port, state.outputInterface ?? ""].join(" ");
    const known = byPlace.get(place);
    if (known === undefined) byPlace.set(place, [flow]);
    else known.push(flow);
  }
  return [...byPlace.values()].flatMap((own): EndRow[] => {
    const [sample] = own;
    if (sample === undefined) return [];
    const regions = (isDoubtful: boolean) =>
      Region.union(
        own.filter((flow) => flow.isDoubtful === isDoubtful).map(({ region }) => region),
        family,
      );
    return [{ kind, sample, certain: regions(false), doubtful: regions(true) }];
  });
}
