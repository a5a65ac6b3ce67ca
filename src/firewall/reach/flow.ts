// Packets that have come the same way: which sources and ports they are of, and what has become of them so far.
import { plainAddress } from "../walk/walk-address.js";
import { WalkState } from "../walk/walk-state.js";
import type { Value } from "./interval-set.js";
import { Region } from "./region.js";

/** Packets of many sources and ports that are alike in everything else. */
export interface Flow {
  readonly region: Region;
  /** What they are alike in; its source and destination port mean nothing where they are the region's. */
  readonly state: WalkState;
  /** True when a rule has given them all one destination port: then the region's ports are those before it. */
  readonly isPortSet: boolean;
  /** True when NAT has given them all one source. */
  readonly isSourceSet: boolean;
  /** True when they may not come this way at all. */
  readonly isDoubtful: boolean;
}

/** The same flow with another region. */
export function withRegion(flow: Flow, region: Region): Flow {
  return region === flow.region ? flow : { ...flow, region };
}

/** A state that may be changed without changing the flow's. */
export function copyState(state: WalkState): WalkState {
  const copy = new WalkState(state.packet, state.environment, state.routes);
  Object.assign(copy, state);
  Object.assign(copy, { clobbered: new Set(state.clobbered) });
  return copy;
}

/** One packet of a flow, at the place where the flow is. */
export function stateAt({ state, isPortSet, isSourceSet }: Flow, source: Value, port: number): WalkState {
  const copy = copyState(state);
  Object.assign(copy, { packet: { ...state.packet, source: plainAddress(source), destinationPort: port } });
  if (!isSourceSet) copy.source = source;
  if (!isPortSet) copy.destinationPort = port;
  return copy;
}

/** Flows that are alike in everything but their region become one. */
export function mergeFlows(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length < 2) return flows;
  const alike = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = signatureOf(flow);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [flow]);
    else known.push(flow);
  }
  return [...alike.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const regions = own.map(({ region }) => region);
    return [withRegion(first, Region.union(regions, first.state.family))];
  });
}

function signatureOf({ state, isPortSet, isSourceSet, isDoubtful }: Flow): string {
  const facts = [
    isDoubtful,
    state.mark,
    state.connectionMark,
    state.destination,
    isPortSet ? state.destinationPort : "",
    isSourceSet ? state.source : "",
    state.sourcePort,
    state.tcpFlags,
    state.ttl,
    state.trafficClass,
    state.isTracked,
    state.isUntracked,
    state.isDestinationChanged,
    state.isSourceChanged,
    state.natCount,
    state.outputInterface ?? "",
    ...[...state.clobbered].sort(),
  ];
  return facts.join(" ");
}
