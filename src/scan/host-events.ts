// Makes the events that tell of a host as a whole.

import type { Reason } from "../model/reason.js";
import type { HostDoneEvent, HostEvent, LossReport } from "../model/scan-event.js";
import { formatMac } from "../packet/ethernet.js";
import { formatAddress } from "../target/address.js";
import type { Host } from "./host.js";

/** A host's status is known. */
export function hostEvent(host: Host, status: "up" | "down", reason: Reason): HostEvent {
  const { address, name, otherAddresses } = host.target;
  const mac = host.path.isNeighbour ? host.path.hop?.mac : undefined;
  return {
    type: "host",
    host: {
      id: host.id,
      address: formatAddress(address),
      family: address.family,
      name,
      otherAddresses,
      status,
      reason,
      ttl: host.upTtl === 0 ? undefined : host.upTtl,
      rttMs: host.upRttMs,
      mac: mac === undefined ? undefined : formatMac(mac, 0),
    },
  };
}

/** Nothing more will come for a host. */
export function hostDoneEvent(host: Host, loss: LossReport, isComplete: boolean): HostDoneEvent {
  return { type: "host-done", hostId: host.id, rttMs: host.roundTrip.smoothedMs, loss, isComplete };
}
