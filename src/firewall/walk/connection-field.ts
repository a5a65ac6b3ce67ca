// What connection tracking knows of a packet (nft(8), "CONNTRACK EXPRESSIONS"; net/netfilter/nft_ct.c).
import type { Field } from "../expression.js";
import { BREAK, type FieldReader, type Reading, UNKNOWN } from "./reading.js";
import { walkAddress } from "./walk-address.js";
import { CT_STATUS, ICMP, ICMPV6, type WalkState } from "./walk-state.js";

/** It has a key in the place of ports. */
const GRE = 47;

type ConnectionField = Field & { readonly kind: "ct" };

/** The reader of a key. All but the state break the rule where there is no connection. */
export function readConnection(field: ConnectionField): FieldReader {
  if (field.key === "state") return ({ trackState }) => trackState;
  const read = keyReader(field);
  return (state) => (state.hasConnection ? read(state) : BREAK);
}

function keyReader(field: ConnectionField): FieldReader {
  switch (field.key) {
    case "direction":
      return ({ packet }) => (packet.trackDirection === "reply" ? 1 : 0);
    case "status":
      return (state) => statusOf(state);
    case "mark":
      return ({ connectionMark, clobbered, isConnectionMarkKnown, isGuessed }) =>
        isGuessed || (isConnectionMarkKnown && !clobbered.has("ct mark")) ? connectionMark : UNKNOWN;
    case "l3proto":
      return ({ family }) => (family === 4 ? 2 : 10);
    case "protocol":
      return (state) => (isAboutAnother(state) ? UNKNOWN : state.protocol);
    case "zone":
      return () => 0;
    default:
      return tupleReader(field);
  }
}

/** The connection that an error of ICMP is about is another than the error's own: of it nothing is told. */
function isAboutAnother({ track, protocol }: WalkState): boolean {
  return track === "related" && (protocol === ICMP || protocol === ICMPV6);
}

/** Of a connection that is known already, no bits follow from its state. */
function statusOf(state: WalkState): number {
  const { track, isDestinationChanged, isSourceChanged } = state;
  if (track === "established" || isAboutAnother(state)) return UNKNOWN;
  const expected = track === "related" ? CT_STATUS.expected : 0;
  return expected | (isDestinationChanged ? CT_STATUS.dnat : 0) | (isSourceChanged ? CT_STATUS.snat : 0);
}

/** Addresses and ports of one direction: the first packet's own are those of the original one. */
function tupleReader({ key, direction, family }: ConnectionField): FieldReader {
  const isOriginal = direction === "original";
  const side = key.includes("saddr") || key === "proto-src" || key === "src" ? "source" : "destination";
  const isPort = key.startsWith("proto-");
  if (!(isPort || /addr|^src$|^dst$/.test(key))) return () => UNKNOWN;
  return (state) => {
    if (family !== undefined && (family === "ip") !== (state.family === 4)) return BREAK;
    if (!isOriginal || state.packet.trackDirection === "reply" || isAboutAnother(state)) return UNKNOWN;
    return isPort ? portOf(state, side) : walkAddress(state.packet[side]);
  };
}

/** Of ICMP, type and code stand in the place of the port, and the identifier in that of the source's. */
function portOf({ packet, hasPorts, protocol }: WalkState, side: "source" | "destination"): Reading {
  if (hasPorts) return side === "source" ? packet.sourcePort : packet.destinationPort;
  if (protocol === ICMP || protocol === ICMPV6) {
    return side === "source" ? UNKNOWN : (packet.icmpType << 8) | packet.icmpCode;
  }
  return protocol === GRE ? UNKNOWN : 0;
}
