// What is let in at all: the exact set of sources and destination ports that reach a local socket, and the ports that lead
// elsewhere. No sampling: all packets walk at once.
import type { HostEnvironment, QuestionPacket, ReachQuestion } from "../packet-question.js";
import type { Ruleset } from "../ruleset.js";
import { HookStations } from "../walk/hook-stations.js";
import { RouteTable } from "../walk/route-table.js";
import { earlyFault, forwardDevice, forwardFault, martianFault } from "../walk/routing-fault.js";
import { plainAddress, type WalkAddress } from "../walk/walk-address.js";
import { TCP, WalkState } from "../walk/walk-state.js";
import { Doubts } from "./doubts.js";
import { copyState, type Flow } from "./flow.js";
import { IntervalSet } from "./interval-set.js";
import { type EndKind, joinEnds } from "./reach-ends.js";
import { ReachWalk } from "./reach-walk.js";
import { Region } from "./region.js";

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
  /** Where they go: undefined for a socket of this host at the address and port that were asked for. */
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
  const answers = question.protocols.flatMap((protocol) =>
    destinationsOf(question, environment, protocol).map((destination) =>
      reachOne(stations, new WalkState(packetOf(question, protocol, destination), environment, routes)),
    ),
  );
  return {
    local: answers.flatMap(({ local }) => local),
    published: answers.flatMap(({ published }) => published),
    unknown: answers.flatMap(({ unknown }) => unknown),
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

function reachOne(stations: HookStations, state: WalkState): ReachAnswer {
  const { family, environment } = state;
  const doubts = new Doubts();
  const walk = new ReachWalk(stations, doubts);
  const all: Flow = {
    region: Region.whole(family),
    state,
    isPortSet: false,
    isSourceSet: false,
    isDoubtful: false,
  };
  const early = walk.withoutFaults(walk.pass("ingress", [all]), earlyFault);
  const routed = walk.withoutFaults(walk.pass("prerouting", early), martianFault);
  const local = walk.pass(
    "input",
    routed.filter((flow) => isForUs(flow)),
  );
  const others = walk.withoutFaults(
    routed.filter((flow) => !isForUs(flow)),
    (one) => forwardFault(one, environment),
  );
  const forwarded = walk.pass("egress", walk.pass("postrouting", walk.pass("forward", others.map(towardsLink))));
  const ends = joinEnds(
    [
      { kind: "local", flows: local.flatMap(byPort) },
      { kind: "published", flows: forwarded.flatMap(byPort) },
    ],
    walk,
    family,
  );
  const everywhere = sourcesOfLinks(walk, all);
  const regions = (kind: EndKind): readonly ReachRegion[] =>
    ends.certain
      .filter((one) => one.kind === kind)
      .flatMap(({ sample, region }) => regionsOf(region, state, everywhere, destinationOf(sample, state, kind)));
  return {
    local: regions("local"),
    published: regions("published"),
    unknown: doubts
      .explain(ends.unknown)
      .flatMap(({ region, why }) => regionsOf(region, state, everywhere, { doubt: why })),
  };
}

function isForUs({ state: { destination, routes } }: Flow): boolean {
  return !routes.isKnown || routes.isForUs(destination);
}

/** Packets that have had the port before that a rule has set are like those whose port nobody has touched. */
function byPort(flow: Flow): readonly Flow[] {
  const { state, region, isPortSet } = flow;
  if (!isPortSet) return [flow];
  const { destinationPort, family } = state;
  const same = Region.ofPorts(IntervalSet.of([[destinationPort, destinationPort]]), family);
  return [
    { ...flow, region: region.intersect(same), isPortSet: false },
    { ...flow, region: region.subtract(same) },
  ].filter((one) => !one.region.isEmpty);
}

/** Towards where it is forwarded, as packet-walk.ts does. */
function towardsLink(flow: Flow): Flow {
  const state = copyState(flow.state);
  state.outputInterface = forwardDevice(state);
  state.ttl--;
  return { ...flow, state };
}

/** All sources that the kernel takes from the interface, whatever rules say. */
function sourcesOfLinks(walk: ReachWalk, all: Flow): IntervalSet {
  const [left] = walk.withoutFaults(walk.withoutFaults([all], earlyFault), martianFault);
  return (left?.region ?? Region.empty).mask;
}

/** Where packets go that do not stay what they were. */
function destinationOf({ state, isPortSet }: Flow, asked: WalkState, kind: EndKind): Pick<ReachRegion, "to"> {
  const isMoved = state.destination !== asked.destination || isPortSet;
  if (kind === "local" && !isMoved) return {};
  const { destination, destinationPort, outputInterface } = state;
  return {
    to: {
      address: destination,
      port: isPortSet && state.hasPorts ? destinationPort : undefined,
      ...(outputInterface === undefined ? {} : { outputInterface }),
    },
  };
}

function regionsOf(
  region: Region,
  { protocol, family, hasPorts }: WalkState,
  everywhere: IntervalSet,
  facts: Pick<ReachRegion, "to" | "doubt">,
): readonly ReachRegion[] {
  return region.groups().map(({ ports, sources }) => ({
    protocol,
    family,
    sources,
    everywhere,
    ports: hasPorts ? ports : undefined,
    ...facts,
  }));
}
