// The packets that make all nodes of an IPv6 link answer: an echo request (RFC 4443 §4.1), one behind an option that must
// be reported even to the sender to a group (RFC 8200 §4.2, RFC 4443 §2.4), and an MLD query (RFC 3810 §5.1).
import { sumBytes } from "../packet/checksum.js";
import { UNKNOWN_OPTION_BYTES, writeUnknownOption } from "../packet/destination-options.js";
import { ETHER_TYPE_IPV6, MAC_BYTES } from "../packet/ethernet.js";
import { ICMPV6_HEADER_BYTES, writeIcmpv6Echo } from "../packet/icmpv6.js";
import {
  IPV6_ADDRESS_BYTES,
  IPV6_HEADER_BYTES,
  IPV6_SOURCE_AT,
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ICMPV6,
  writeIpv6,
} from "../packet/ipv6.js";
import { MLD_QUERY_BYTES, ROUTER_ALERT_BYTES, writeMldQuery, writeRouterAlert } from "../packet/mld.js";
import { writeMulticastMac } from "../packet/neighbour-discovery.js";
import type { FrameTransmitter, NextHop } from "./frame-transmitter.js";
import { type Interface, isLinkLocal } from "./interfaces.js";

/** All nodes of a link, ff02::1 (RFC 4291 §2.7.1). */
export const ALL_NODES: Uint8Array = Uint8Array.of(0xff, 2, ...new Array<number>(IPV6_ADDRESS_BYTES - 3).fill(0), 1);

/** A router does not pass these on, whatever their hop limit: their target is of the link's scope. */
const ECHO_HOP_LIMIT = 64;
/** RFC 3810 §5. */
const MLD_HOP_LIMIT = 1;
/** Equal to no other tag: each packet is written as a whole. */
const NO_TAG = Number.NaN;

/** Writes into a transmitter; the packets leave at its next flush. */
export class LinkQuestions {
  private readonly transmitter: FrameTransmitter;
  private readonly hop: NextHop;
  private readonly identifier: number;

  /** `identifier`, of 16 bits, comes back in each answer to an echo. */
  constructor(transmitter: FrameTransmitter, device: Interface, ownMac: Uint8Array, identifier: number) {
    const mac = new Uint8Array(MAC_BYTES);
    writeMulticastMac(ALL_NODES, 0, mac, 0);
    this.transmitter = transmitter;
    this.hop = { mac, ownMac, interfaceIndex: device.index, interfaceName: device.name };
    this.identifier = identifier;
  }

  /** Asks all that can be asked from this own address; for the group's members only a link-local one may. */
  ask(source: Uint8Array): void {
    const { identifier } = this;
    this.put(source, ECHO_HOP_LIMIT, PROTOCOL_ICMPV6, ICMPV6_HEADER_BYTES, (bytes, at, sum) => {
      writeIcmpv6Echo({ identifier, sequence: 0 }, 0, sum, bytes, at);
    });
    const optionBytes = UNKNOWN_OPTION_BYTES + ICMPV6_HEADER_BYTES;
    this.put(source, ECHO_HOP_LIMIT, PROTOCOL_DESTINATION_OPTIONS, optionBytes, (bytes, at, sum) => {
      const echoAt = at + writeUnknownOption(bytes, at, PROTOCOL_ICMPV6);
      writeIcmpv6Echo({ identifier, sequence: 1 }, 0, sum, bytes, echoAt);
    });
    if (!isLinkLocal(source)) return;
    this.put(source, MLD_HOP_LIMIT, PROTOCOL_HOP_BY_HOP, ROUTER_ALERT_BYTES + MLD_QUERY_BYTES, (bytes, at, sum) => {
      writeMldQuery(sum, bytes, at + writeRouterAlert(bytes, at, PROTOCOL_ICMPV6));
    });
  }

  private put(
    source: Uint8Array,
    hopLimit: number,
    protocol: number,
    payloadBytes: number,
    write: (bytes: Uint8Array, at: number, addressSum: number) => void,
  ): void {
    const { transmitter } = this;
    const at = transmitter.reserve(ETHER_TYPE_IPV6, this.hop, NO_TAG);
    const { bytes } = transmitter;
    writeIpv6({ flowLabel: 0, hopLimit, protocol, source, target: ALL_NODES, payloadBytes }, bytes, at);
    const addressSum = sumBytes(bytes, at + IPV6_SOURCE_AT, at + IPV6_HEADER_BYTES);
    write(bytes, at + IPV6_HEADER_BYTES, addressSum);
    transmitter.commit(at, IPV6_HEADER_BYTES + payloadBytes);
  }
}
