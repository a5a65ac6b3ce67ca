// The way of a packet through a host, as the kernel has it: ingress, prerouting, the route, input or forward, postrouting;
// or output and postrouting for what the host sends itself (net/ipv4/ip_input.c, ip_forward.c, ip_output.c and their IPv6
// counterparts; nft(8), "ADDRESS FAMILIES").
import type { Decider, HostEnvironment, QuestionPacket, WalkAnswer } from "../packet-question.js";
import type { Hook, Ruleset } from "../ruleset.js";
import { walkBaseChain } from "./chain-walk.js";
import { type HookChain, HookStations } from "./hook-stations.js";
import { RouteTable } from "./route-table.js";
import { earlyFault, forwardDevice, forwardFault, martianFault } from "./routing-fault.js";
import { plainAddress } from "./walk-address.js";
import { type WalkEnd, WalkRun } from "./walk-run.js";
import { ICMP, ICMPV6, WalkState } from "./walk-state.js";

/** So many open questions are tried both ways; with more the end is not known. */
const OPEN_QUESTIONS_MAX = 4;

type Where = "local" | "forward" | "out";

interface Outcome {
  readonly end: "accept" | WalkEnd;
  readonly where: Where | undefined;
  /** What decided an accept: the last verdict at the hook that lets packets in, through or out. */
  readonly by: Decider | undefined;
}

/** Walks packets through one ruleset on one host. */
export class PacketWalk {
  readonly #stations: HookStations;
  readonly #environment: HostEnvironment | undefined;
  readonly #routes: RouteTable;

  /** @param environment The host; undefined where nothing is known of it: then what comes in is taken for its own */
  constructor(ruleset: Ruleset, environment: HostEnvironment | undefined) {
    this.#stations = new HookStations(ruleset);
    this.#environment = environment;
    this.#routes = new RouteTable(environment);
  }

  /** The end of a packet's way. Where that hangs on what the question does not tell, all ways are tried. */
  answer(packet: QuestionPacket): WalkAnswer {
    const first = this.#walk(packet, []);
    const { openQuestions } = first.run;
    if (openQuestions.length === 0) return answerOf(first.run, first.outcome);
    const why = openQuestions.slice(0, OPEN_QUESTIONS_MAX).join("; ");
    if (openQuestions.length > OPEN_QUESTIONS_MAX) return unknownAnswer(first.run, why);
    const own = answerOf(first.run, first.outcome);
    return this.#isSameEitherWay(packet, own) ? own : unknownAnswer(first.run, why);
  }

  /** Tries all answers to the open questions, each of which may open further ones. */
  #isSameEitherWay(packet: QuestionPacket, own: WalkAnswer): boolean {
    const pending: (readonly boolean[])[] = [[]];
    for (let tries = 0; pending.length > 0; tries++) {
      const flipped = pending.pop() ?? [];
      if (tries > 1 << OPEN_QUESTIONS_MAX) return false;
      const { run, outcome } = this.#walk(packet, flipped);
      if (!isSameEnd(answerOf(run, outcome), own)) return false;
      for (let at = flipped.length; at < run.openQuestions.length; at++) {
        pending.push([...flipped, ...new Array<boolean>(at - flipped.length).fill(false), true]);
      }
    }
    return true;
  }

  #walk(packet: QuestionPacket, flipped: readonly boolean[]): { readonly run: WalkRun; readonly outcome: Outcome } {
    const run = new WalkRun(new WalkState(packet, this.#environment, this.#routes), flipped);
    const outcome = packet.direction === "in" ? this.#comeIn(run) : this.#goOut(run);
    return { run, outcome };
  }

  #comeIn(run: WalkRun): Outcome {
    const { state } = run;
    const early =
      this.#pass(run, "ingress") ??
      faultEnd(earlyFault(state)) ??
      this.#pass(run, "prerouting") ??
      faultEnd(martianFault(state));
    if (early !== undefined) return { end: early, where: undefined, by: undefined };
    if (!this.#routes.isKnown || this.#routes.isForUs(state.destination)) return this.#deliver(run);
    return this.#forward(run);
  }

  #deliver(run: WalkRun): Outcome {
    const end = this.#pass(run, "input") ?? "accept";
    return { end, where: "local", by: run.accepted };
  }

  #forward(run: WalkRun): Outcome {
    const { state } = run;
    const fault = forwardFault(state, this.#environment);
    if (fault !== undefined) return { end: fault, where: "forward", by: undefined };
    state.outputInterface = forwardDevice(state);
    state.ttl--; // before the hook (ip_forward())
    const forward = this.#pass(run, "forward");
    const by = run.accepted;
    const end = forward ?? this.#pass(run, "postrouting") ?? this.#pass(run, "egress") ?? "accept";
    return { end, where: "forward", by };
  }

  #goOut(run: WalkRun): Outcome {
    const { state } = run;
    state.outputInterface = run.packet.outputInterface ?? this.#routes.deviceTo(state.destination);
    const output = this.#pass(run, "output");
    const by = run.accepted;
    // A new destination is a new route (ip_route_me_harder()).
    if (state.isDestinationChanged) state.outputInterface = this.#routes.deviceTo(state.destination);
    const end = output ?? this.#pass(run, "postrouting") ?? this.#pass(run, "egress") ?? "accept";
    return { end, where: "out", by };
  }

  /** What stops the packet at a hook; undefined when it passes. */
  #pass(run: WalkRun, hook: Hook): WalkEnd | undefined {
    const { state } = run;
    state.hook = hook;
    run.accepted = undefined;
    for (const station of this.#stations.at(hook, state.family)) {
      let end: WalkEnd | undefined;
      if (station.kind === "conntrack") track(state);
      else if (station.kind === "chain") end = passChain(run, station.at);
      else end = passNat(run, station.chains);
      if (end !== undefined) return end;
    }
    return undefined;
  }
}

/** What connection tracking does with it. */
export function track(state: WalkState): void {
  if (state.track === "untracked") state.isUntracked = true;
  else if (!state.isUntracked) state.isTracked = true;
}

function passChain(run: WalkRun, at: HookChain): WalkEnd | undefined {
  if (!isOnDevice(run, at)) return undefined;
  const end = walkBaseChain(run, at.table, at.chain);
  if (end !== "accept") return end;
  run.accepted = run.path.at(-1);
  return undefined;
}

function faultEnd(why: string | undefined): WalkEnd | undefined {
  return why === undefined ? undefined : { kind: "drop", why };
}

/** Whether a chain hangs on the packet's device; where the listing does not say, both are tried. */
function isOnDevice(run: WalkRun, { table, chain }: HookChain): boolean {
  const { state } = run;
  const { hook, devices } = chain.base;
  if (hook !== "ingress" && hook !== "egress") return true;
  const device = hook === "egress" ? state.outputInterface : state.inputInterface;
  if (device === undefined) return false;
  if (devices !== undefined) return devices.includes(device);
  const name = `${table.table.family} ${table.table.name} ${chain.name}`;
  return run.assume(`the devices of ${name} are not told by the listing (nft -j leaves them out)`, false);
}

/**
 * Whether it comes by the NAT rules. An ICMP error is about a connection that has been here already (nf_nat_ipv4_fn(),
 * nf_nat_ipv6_fn()).
 */
export function isFirst({ track, protocol }: WalkState): boolean {
  return track === "new" || (track === "related" && protocol !== ICMP && protocol !== ICMPV6);
}

/** Only the first packet of a connection comes by here; the first chain that sets an address is the last one. */
function passNat(run: WalkRun, chains: readonly HookChain[]): WalkEnd | undefined {
  const { state } = run;
  if (!(state.hasConnection && isFirst(state))) return undefined;
  for (const { table, chain } of chains) {
    const { natCount } = state;
    const end = walkBaseChain(run, table, chain);
    if (end !== "accept") return end;
    if (state.natCount !== natCount) return undefined;
  }
  return undefined;
}

function answerOf(run: WalkRun, { end, where, by }: Outcome): WalkAnswer {
  const head = headOf(run, where);
  if (end === "accept") return { ...head, verdict: "accept", ...(by === undefined ? {} : { by }) };
  const decider = end.by === undefined ? {} : { by: end.by };
  const why = "why" in end && end.why !== undefined ? { why: end.why } : {};
  const answer = end.kind === "reject" ? { with: end.with } : {};
  return { ...head, verdict: end.kind, ...answer, ...decider, ...why };
}

function headOf({ state, path, packet }: WalkRun, where: Where | undefined) {
  return {
    id: packet.id,
    ...(where === undefined ? {} : { where }),
    ...(where === "local" || state.outputInterface === undefined ? {} : { outputInterface: state.outputInterface }),
    source: plainAddress(state.source),
    sourcePort: state.sourcePort,
    destination: plainAddress(state.destination),
    destinationPort: state.destinationPort,
    isDestinationChanged: state.isDestinationChanged,
    isSourceChanged: state.isSourceChanged,
    ...(state.isSourcePortOpen ? { isSourcePortOpen: true } : {}),
    ...(state.isDestinationPortOpen ? { isDestinationPortOpen: true } : {}),
    path,
  };
}

function unknownAnswer(run: WalkRun, why: string): WalkAnswer {
  return { ...headOf(run, undefined), verdict: "unknown", why };
}

/** True when two ends mean the same for the packet, whichever rule decided: where it would have gone is nothing to a lost one. */
function isSameEnd(a: WalkAnswer, b: WalkAnswer): boolean {
  if (a.verdict !== b.verdict || a.with !== b.with || a.verdict === "unknown") return false;
  if (a.verdict !== "accept") return true;
  return a.where === b.where && a.outputInterface === b.outputInterface && isSameAddress(a, b);
}

function isSameAddress(a: WalkAnswer, b: WalkAnswer): boolean {
  const facts = ({ source, sourcePort, destination, destinationPort }: WalkAnswer) =>
    JSON.stringify([source, sourcePort, destination, destinationPort], (_key, value: unknown) =>
      value instanceof Uint8Array ? [...value] : value,
    );
  return facts(a) === facts(b);
}
