// Makes the events that tell of a host as a whole.
import type { Reason } from "../model/reason.js";
import type { HostDoneEvent, HostEvent, LossReport, TraceEvent, UndecidedPorts } from "../model/scan-event.js";
import { formatMac } from "../packet/ethernet.js";
import { formatAddress } from "../target/address.js";
import type { Target } from "../target/target-set.js";
import { TECHNIQUES } from "../technique/list.js";
import type { Host } from "./host.js";

/** A host's status is known. */
export function hostEvent(host: Host, status: "up" | "down", reason: Reason): HostEvent {
  const mac = host.path.isNeighbour ? host.path.hop?.mac : undefined;
  return {
    type: "host",
    host: {
      ...targetFacts(host.id, host.target),
      status,
      reason,
      ttl: host.upTtl === 0 ? undefined : host.upTtl,
      rttMs: host.upRttMs,
      mac: mac === undefined ? undefined : formatMac(mac, 0),
    },
  };
}

/** A target that nobody asks anything (-sL). */
export function listedEvent(id: number, target: Target): HostEvent {
  const unknown = { ttl: undefined, rttMs: undefined, mac: undefined };
  return { type: "host", host: { ...targetFacts(id, target), status: "listed", reason: "user-set", ...unknown } };
}

function targetFacts(id: number, { address, name, otherAddresses }: Target) {
  return { id, address: formatAddress(address), family: address.family, name, otherAddresses };
}

/** Nothing more will come for a host. */
export function hostDoneEvent(host: Host, loss: LossReport): HostDoneEvent {
  const undecided: UndecidedPorts[] = [];
  for (const { protocol, undecidedCount } of host.tracks) {
    if (undecidedCount > 0) undecided.push({ protocol, count: undecidedCount });
  }
  const { id, roundTrip, end, marks } = host;
  return { type: "host-done", hostId: id, rttMs: roundTrip.smoothedMs, loss, end, undecided, marks };
}

/** The way to a host. */
export function traceEvent(host: Host): TraceEvent | undefined {
  const { trace, target, roundTrip } = host;
  const technique = trace === undefined ? undefined : TECHNIQUES[trace.technique];
  if (trace === undefined || technique === undefined) return undefined;
  return {
    type: "trace",
    hostId: host.id,
    technique: technique.name,
    protocol: technique.protocol ?? "icmp",
    port: trace.port,
    hops: trace.result(target.address, roundTrip.smoothedMs),
  };
}
