// What is to be asked of a host once it is up: its ports in their order, one track a technique, less what another part of
// the scan asks or an earlier run has decided.
import type { Protocol } from "../model/scan-event.js";
import { portOrder } from "../target/port-order.js";
import { PortSet } from "../target/port-set.js";
import type { DecidedPorts, HostProgress } from "../target/resume-point.js";
import { hasPort, type Shard } from "../target/shard.js";
import { TECHNIQUES } from "../technique/list.js";
import { controlsFor } from "./controls.js";
import { ErrorWatch } from "./error-watch.js";
import type { Host } from "./host.js";
import { NO_SLICE } from "./pace-control.js";
import type { ScanPlan } from "./plan.js";
import { Track } from "./track.js";

/** Orders that are kept: hosts with the same ports share one. */
const ORDERS_MAX = 4096;

/** Makes the tracks of hosts. */
export class PortWork {
  private readonly plan: ScanPlan;
  private readonly shard: Shard | undefined;
  private readonly orders = new Map<PortSet, Map<Protocol, Uint16Array>>();
  private readonly progress: ReadonlyMap<number, HostProgress>;

  /** `shard`: the part of every host's ports that is to be asked; undefined for all. */
  constructor(plan: ScanPlan, shard: Shard | undefined) {
    this.plan = plan;
    this.shard = shard;
    this.progress = new Map((plan.resume?.hosts ?? []).map((host) => [host.hostId, host] as const));
  }

  /** What an earlier run has found of this host. */
  progressOf(host: Host): HostProgress | undefined {
    return this.progress.get(host.id);
  }

  /** Ports that these techniques ask of a host. */
  countOf(ports: PortSet, techniques: readonly number[]): number {
    let count = 0;
    for (const number of techniques) count += ports.count(TECHNIQUES[number]?.protocol ?? "tcp");
    return count;
  }

  /** The tracks of a host, without those that have no port. */
  tracksFor(host: Host, techniques: readonly number[]): readonly Track[] {
    const earlier = this.progress.get(host.id);
    const tracks = techniques.map((number) => {
      const protocol = TECHNIQUES[number]?.protocol ?? "tcp";
      const order = this.orderOf(host.target.ports, protocol);
      const track = new Track(
        number,
        protocol,
        earlier === undefined ? order : withoutDecided(order, protocol, earlier),
      );
      if (protocol === "udp" || protocol === "ip") track.errorWatch = new ErrorWatch();
      else if (TECHNIQUES[number]?.kind === "frame") track.controls = controlsFor(order.length);
      if (earlier !== undefined) recallSilence(track, earlier);
      return track;
    });
    return tracks.filter((track) => track.order.length > 0);
  }

  /** The order is the same for all hosts with the same ports: hosts take turns, so no port is hit on all at once. */
  private orderOf(ports: PortSet, protocol: Protocol): Uint16Array {
    if (this.orders.size >= ORDERS_MAX) this.orders.clear();
    let orders = this.orders.get(ports);
    if (orders === undefined) {
      orders = new Map();
      this.orders.set(ports, orders);
    }
    let order = orders.get(protocol);
    if (order === undefined) {
      order = this.makeOrder(ports, protocol);
      orders.set(protocol, order);
    }
    return order;
  }

  private makeOrder(ports: PortSet, protocol: Protocol): Uint16Array {
    const { likelyPorts, seed, isSequential } = this.plan;
    const { shard } = this;
    const order = portOrder(ports, protocol, likelyPorts[protocol] ?? [], seed, isSequential);
    return shard === undefined ? order : order.filter((port) => hasPort(shard, seed, protocol, port));
  }
}

function setOf(parts: readonly DecidedPorts[], protocol: Protocol): PortSet {
  return PortSet.of({ [protocol]: parts.filter((one) => one.protocol === protocol).flatMap(({ ranges }) => ranges) });
}

function withoutDecided(order: Uint16Array, protocol: Protocol, earlier: HostProgress): Uint16Array {
  const decided = setOf(earlier.decided, protocol);
  return order.filter((port) => !decided.has(protocol, port));
}

/** Ports that were silent before are asked for the tries that are left, and come before those that were never asked. */
function recallSilence(track: Track, earlier: HostProgress): void {
  const { protocol, order } = track;
  const silent = earlier.silent.filter((one) => one.protocol === protocol && one.tries > 0);
  if (silent.length === 0) return;
  const known = setOf(silent, protocol);
  const [first, second] = [
    order.filter((port) => known.has(protocol, port)),
    order.filter((port) => !known.has(protocol, port)),
  ];
  order.set(first, 0);
  order.set(second, first.length);
  track.cursor = first.length;
  for (const { tries, ranges } of silent) {
    const group = PortSet.of({ [protocol]: ranges });
    for (const port of first) {
      if (!group.has(protocol, port)) continue;
      track.setUnanswered(port);
      if (tries === 1) track.retries.push(port, 1, NO_SLICE);
      else track.giveUp(port, tries);
    }
  }
}
