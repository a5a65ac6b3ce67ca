// Packets that have come the same way: which sources and ports they are of, and what has become of them so far.
import { WalkState } from "../walk/walk-state.js";
import type { Region } from "./region.js";

/** Packets of many sources and ports that are alike in everything else. */
export interface Flow {
  readonly region: Region;
  /** What they are alike in; its source and destination port mean nothing where they are the region's. */
  readonly state: WalkState;
  /** True when NAT has given them all one destination port: then the region's ports are those before it. */
  readonly isPortSet: boolean;
  /** Why it may not come this way at all; undefined when it does. */
  readonly doubt: string | undefined;
}

/** The same flow with another region; undefined when nothing is left. */
export function narrowed(flow: Flow, region: Region): Flow | undefined {
  return region.isEmpty ? undefined : { ...flow, region };
}

/** A state that may be changed without changing the flow's. */
export function copyState(state: WalkState): WalkState {
  const copy = new WalkState(state.packet, state.environment, state.routes);
  Object.assign(copy, state);
  Object.assign(copy, { clobbered: new Set(state.clobbered) });
  return copy;
}

/** Flows that are alike in everything but their region become one. */
export function mergeFlows(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length < 2) return flows;
  const merged = new Map<string, Flow>();
  for (const flow of flows) {
    const key = signatureOf(flow);
    const alike = merged.get(key);
    merged.set(key, alike === undefined ? flow : { ...alike, region: alike.region.unite(flow.region) });
  }
  return [...merged.values()];
}

function signatureOf({ state, isPortSet, doubt }: Flow): string {
  const { destination, destinationPort, mark, connectionMark, ttl, trafficClass, isUntracked, natCount } = state;
  const port = isPortSet ? destinationPort : "";
  const facts = [destination, port, mark, connectionMark, ttl, trafficClass, isUntracked, natCount, doubt ?? ""];
  return [...facts, ...state.clobbered].join(" ");
}
