// Neighbour solicitation: what ARP is to IPv4 (RFC 4861 §4.3, §7.2; nmap reference guide, -PR). An advertisement carries no
// cookie: its hop limit proves that it comes from our own link, and it names an address that we asked for.

import { IPV6_HEADER_BYTES, type Ipv6Fields, PROTOCOL_ICMPV6, writeIpv6 } from "../packet/ipv6.js";
import {
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_HOP_LIMIT,
  NEIGHBOUR_MESSAGE_BYTES,
  writeNeighbourSolicitation,
  writeSolicitedNodeAddress,
} from "../packet/neighbour-discovery.js";
import { addressSumAt } from "./datagram.js";
import type { FrameTechnique } from "./technique.js";

const group = new Uint8Array(16);
const header: Ipv6Fields = {
  flowLabel: 0,
  hopLimit: NEIGHBOUR_HOP_LIMIT,
  protocol: PROTOCOL_ICMPV6,
  source: new Uint8Array(16),
  target: group,
  payloadBytes: NEIGHBOUR_MESSAGE_BYTES,
};

/** Asks the link who has an IPv6 address. */
export const neighbourSolicitation: FrameTechnique = {
  kind: "frame",
  name: "neighbour-solicitation",
  summary: "neighbour solicitation, for IPv6 neighbours on the same link",
  sources: ["RFC 4861 §7.2", "nmap reference guide, -PR"],
  option: "-PR",
  protocol: undefined,
  families: [6],
  outcomes: ["up", "down"],
  silence: "down",
  layer: "link",
  lane: -1,
  probeBytesMax: IPV6_HEADER_BYTES + NEIGHBOUR_MESSAGE_BYTES,

  wants: () => [{ kind: "icmpv6", types: [NEIGHBOUR_ADVERTISEMENT] }],

  write(out, at, probe) {
    writeSolicitedNodeAddress(probe.target, group, 0);
    header.source = probe.source;
    const icmpAt = at + writeIpv6(header, out, at);
    const sum = addressSumAt(out, at, 6);
    return IPV6_HEADER_BYTES + writeNeighbourSolicitation(probe.target, probe.sourceMac, sum, out, icmpAt);
  },

  rewrite: (out, at, probe) => neighbourSolicitation.write(out, at, probe),

  read(frame, _cookies, answer) {
    if (frame.kind !== "neighbour" || !frame.copyNeighbourMac(answer.mac)) return false;
    answer.outcome = "up";
    answer.reason = "nd-response";
    answer.key = frame.peerKey;
    answer.port = 0;
    answer.tryIndex = 0;
    answer.responder = undefined;
    answer.ttl = 0;
    answer.window = -1;
    return true;
  },
};
