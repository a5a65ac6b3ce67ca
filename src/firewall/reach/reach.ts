// What is let in at all: the exact set of sources and destination ports that reach a local socket, and the ports that lead
// elsewhere. No sampling: all packets walk at once.
import type { HostEnvironment, QuestionPacket, ReachQuestion } from "../packet-question.js";
import type { Ruleset } from "../ruleset.js";
import { HookStations } from "../walk/hook-stations.js";
import { isLoopback, RouteTable } from "../walk/route-table.js";
import { plainAddress, type WalkAddress } from "../walk/walk-address.js";
import { TCP, WalkState } from "../walk/walk-state.js";
import { copyState, type Flow } from "./flow.js";
import { type Interval, IntervalSet } from "./interval-set.js";
import { wholeRegion } from "./reach-rule.js";
import { flowsThroughHook, type Lost } from "./reach-walk.js";
import type { Region } from "./region.js";

const PORT_PROTOCOLS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);
/** Of ICMP it is the echo request that is asked about. */
const ECHO_REQUESTS: Readonly<Record<number, number>> = { 1: 8, 58: 128 };
const EPHEMERAL_PORT = 40_000;

/** Ports of one protocol that get through from the same sources. */
export interface ReachRegion {
  readonly protocol: number;
  readonly family: 4 | 6;
  readonly sources: IntervalSet;
  /** All sources that may come by the interface at all: no link brings loopback addresses. */
  readonly everywhere: IntervalSet;
  /** Undefined for a protocol without ports. */
  readonly ports: IntervalSet | undefined;
  /** Where they go: undefined for a socket of this host at the address that was asked for. */
  readonly to?: { readonly address: WalkAddress; readonly port: number | undefined; readonly outputInterface?: string };
  /** The rule that it hangs on whether it gets through; undefined when it does. */
  readonly doubt?: string;
}

/** The answer to a question of reach. */
export interface ReachAnswer {
  /** What reaches a local socket. */
  readonly local: readonly ReachRegion[];
  /** What NAT leads to other hosts or containers. */
  readonly published: readonly ReachRegion[];
  /** What may get through, or not. */
  readonly unknown: readonly ReachRegion[];
}

/** Finds what gets in. */
export function findReach(
  ruleset: Ruleset,
  question: ReachQuestion,
  environment: HostEnvironment | undefined,
): ReachAnswer {
  const stations = new HookStations(ruleset);
  const routes = new RouteTable(environment);
  const parts = question.protocols.flatMap((protocol) =>
    destinationsOf(question, environment, protocol).map((destination) => ({ protocol, destination })),
  );
  const answers = parts.map(({ protocol, destination }) => {
    const state = new WalkState(packetOf(question, protocol, destination), environment, routes);
    return reachOne(stations, state, protocol);
  });
  return {
    local: merged(answers.flatMap(({ local }) => local)),
    published: merged(answers.flatMap(({ published }) => published)),
    unknown: merged(answers.flatMap(({ unknown }) => unknown)),
  };
}

/** The address that is asked about; without one, the first own one of each family of that interface. */
function destinationsOf(question: ReachQuestion, environment: HostEnvironment | undefined, protocol: number) {
  const fits = (family: 4 | 6): boolean => (protocol === 1 ? family === 4 : protocol === 58 ? family === 6 : true);
  if (question.destination !== undefined) return fits(question.destination.family) ? [question.destination] : [];
  const own = environment?.interfaces.find(({ name }) => name === question.inputInterface)?.addresses ?? [];
  const found = ([4, 6] as const).flatMap(
    (family) => own.find(({ address }) => address.family === family)?.address ?? [],
  );
  const usual = [plainAddress(0xc000_0201), plainAddress(0x2001_0db8n << 96n)];
  return (found.length > 0 ? found : usual).filter(({ family }) => fits(family));
}

function packetOf(
  question: ReachQuestion,
  protocol: number,
  destination: QuestionPacket["destination"],
): QuestionPacket {
  return {
    id: "",
    direction: "in",
    inputInterface: question.inputInterface,
    source: plainAddress(destination.family === 4 ? 0 : 0n),
    destination,
    protocol,
    sourcePort: question.sourcePort ?? EPHEMERAL_PORT,
    destinationPort: 0,
    flags: protocol === TCP ? question.flags : [],
    icmpType: ECHO_REQUESTS[protocol] ?? 0,
    icmpCode: 0,
    track: question.track,
    trackDirection: "original",
    ttl: 64,
    dscp: 0,
  };
}

function reachOne(stations: HookStations, state: WalkState, protocol: number): ReachAnswer {
  const { family } = state;
  const hasPorts = PORT_PROTOCOLS.has(protocol);
  const lost: Lost[] = [];
  const first: Flow = { region: sourcesOfLinks(state, hasPorts), state, isPortSet: false, doubt: undefined };
  const early = flowsThroughHook(stations, "prerouting", flowsThroughHook(stations, "ingress", [first], lost), lost);
  const own = early.filter(({ state: one }) => isForUs(one));
  const others = early.filter(({ state: one }) => !isForUs(one) && one.environment?.isForwarding === true);
  const local = flowsThroughHook(stations, "input", own, lost);
  const forwarded = flowsThroughHook(stations, "forward", others.map(towardsLink), lost);
  const everywhere = first.region.groups[0]?.sources ?? IntervalSet.empty;
  const facts = { protocol, family, everywhere, hasPorts };
  const asRegions = (flows: readonly Flow[]) => flows.flatMap((flow) => regionsOf(flow, facts, state.destination));
  const certain = (flow: Flow): boolean => flow.doubt === undefined;
  return {
    local: asRegions(local.filter(certain)),
    published: asRegions(forwarded.filter(certain)),
    unknown: [
      ...asRegions([...local, ...forwarded].filter((flow) => !certain(flow))),
      ...lost.flatMap(({ flow, why }) => asRegions([{ ...flow, doubt: why }])),
    ],
  };
}

function isForUs({ destination, routes }: WalkState): boolean {
  return !routes.isKnown || routes.isForUs(destination);
}

function towardsLink(flow: Flow): Flow {
  const state = copyState(flow.state);
  state.outputInterface = state.routes.deviceTo(state.destination);
  state.ttl--;
  return { ...flow, state };
}

/** No link may bring loopback addresses, or the host's own (see packet-walk.ts). */
function sourcesOfLinks(state: WalkState, hasPorts: boolean): Region {
  const whole = wholeRegion(state.family, hasPorts);
  if (state.inputInterface === "lo") return whole;
  const loopback: Interval = state.family === 4 ? [0x7f00_0000, 0x7fff_ffff] : [1n, 1n];
  const own = state.family === 4 ? state.routes.ownAddresses(4).filter((one) => !isLoopback(one)) : [];
  const [, outside] = whole.split(undefined, IntervalSet.of([loopback, ...own.map((one): Interval => [one, one])]));
  return outside;
}

interface RegionFacts {
  readonly protocol: number;
  readonly family: 4 | 6;
  readonly everywhere: IntervalSet;
  readonly hasPorts: boolean;
}

function regionsOf(flow: Flow, facts: RegionFacts, asked: WalkAddress): readonly ReachRegion[] {
  const { protocol, family, everywhere, hasPorts } = facts;
  const { state, isPortSet, doubt } = flow;
  const isMoved = state.isDestinationChanged && (state.destination !== asked || isPortSet);
  const device = state.outputInterface;
  const to = isMoved
    ? {
        to: {
          address: state.destination,
          port: isPortSet ? state.destinationPort : undefined,
          ...(device === undefined ? {} : { outputInterface: device }),
        },
      }
    : {};
  return flow.region.groups.map(({ ports, sources }) => ({
    protocol,
    family,
    sources,
    everywhere,
    ports: hasPorts ? ports : undefined,
    ...to,
    ...(doubt === undefined ? {} : { doubt }),
  }));
}

/** Regions of the same sources and destination become one. */
function merged(regions: readonly ReachRegion[]): readonly ReachRegion[] {
  const result: ReachRegion[] = [];
  for (const region of regions) {
    const at = result.findIndex((one) => isAlike(one, region));
    const known = result[at];
    if (known === undefined) result.push(region);
    else if (known.ports !== undefined && region.ports !== undefined) {
      result[at] = { ...known, ports: known.ports.unite(region.ports) };
    }
  }
  return result;
}

function isAlike(a: ReachRegion, b: ReachRegion): boolean {
  return (
    a.protocol === b.protocol &&
    a.family === b.family &&
    a.doubt === b.doubt &&
    a.to?.address === b.to?.address &&
    a.to?.port === b.to?.port &&
    a.sources.equals(b.sources)
  );
}
