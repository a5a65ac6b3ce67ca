// What ARP and neighbour discovery say about who has which address: RFC 826, RFC 5227 §2.1.1 and §2.4 (conflicts),
// RFC 4861 §7.1 and §7.2, RFC 4862 §5.4.3 and §5.4.4.
import {
  ARP_REQUEST,
  ARP_SENDER_ADDRESS_AT,
  ARP_SENDER_MAC_AT,
  ARP_TARGET_ADDRESS_AT,
  createArpView,
  readArp,
} from "../packet/arp.js";
import { readUint8 } from "../packet/bytes.js";
import { sumBytes } from "../packet/checksum.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV6, MAC_BYTES } from "../packet/ethernet.js";
import { createIcmpv6View, readIcmpv6 } from "../packet/icmpv6.js";
import { createIpv6View, IPV6_ADDRESS_BYTES, IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, readIpv6 } from "../packet/ipv6.js";
import {
  createNeighbourView,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_HOP_LIMIT,
  readNeighbourMessage,
} from "../packet/neighbour-discovery.js";
import { READ_OK } from "../packet/read-fault.js";
import type { FrameFacts } from "./packet-receiver.js";

/** Hears what others say. Positions are indexes into `bytes`, which are the receiver's: copy to keep. */
export interface TalkListener {
  /** Somebody has the address at `addressAt`, or is about to take it. */
  claimed(bytes: Uint8Array, addressAt: number): void;
  /** Somebody asks who has the address at `askedAt`: `askerAt` is his own, `macAt` his link address. */
  asked(bytes: Uint8Array, askedAt: number, askerAt: number, macAt: number): void;
}

/** Reads the packets of one link. */
export class AddressTalk {
  private readonly ownMac: Uint8Array;
  private readonly listener: TalkListener;
  private readonly arp = createArpView();
  private readonly ip = createIpv6View();
  private readonly icmp = createIcmpv6View();
  private readonly neighbour = createNeighbourView();

  constructor(ownMac: Uint8Array, listener: TalkListener) {
    this.ownMac = ownMac;
    this.listener = listener;
  }

  /** Takes a packet from the network header on; the 6 bytes at `senderMacAt` are the link address that it came from. */
  read(bytes: Uint8Array, at: number, end: number, facts: FrameFacts, senderMacAt: number): void {
    // What we said ourselves can come back: from a bridge with a loop, or an access point (RFC 4862 appendix A).
    if (this.isOwnMac(bytes, senderMacAt)) return;
    if (facts.etherType === ETHER_TYPE_ARP) this.readArp(bytes, at, end);
    else if (facts.etherType === ETHER_TYPE_IPV6) this.readIpv6(bytes, at, end, facts.isChecksumTrusted, senderMacAt);
  }

  private readArp(bytes: Uint8Array, at: number, end: number): void {
    const { arp, listener } = this;
    if (readArp(bytes, at, end, arp) !== READ_OK || this.isOwnMac(bytes, at + ARP_SENDER_MAC_AT)) return;
    const isRequest = arp.operation === ARP_REQUEST;
    if (arp.senderAddress !== 0) listener.claimed(bytes, at + ARP_SENDER_ADDRESS_AT);
    else if (isRequest) listener.claimed(bytes, at + ARP_TARGET_ADDRESS_AT); // a probe: he wants it for himself
    const isQuestion = isRequest && arp.senderAddress !== 0 && arp.senderAddress !== arp.targetAddress;
    if (!isQuestion) return;
    listener.asked(bytes, at + ARP_TARGET_ADDRESS_AT, at + ARP_SENDER_ADDRESS_AT, at + ARP_SENDER_MAC_AT);
  }

  private readIpv6(bytes: Uint8Array, at: number, end: number, isTrusted: boolean, senderMacAt: number): void {
    const { ip, icmp, neighbour, listener } = this;
    if (readIpv6(bytes, at, end, ip) !== READ_OK || ip.payloadAt !== at + IPV6_HEADER_BYTES) return;
    if (ip.protocol !== PROTOCOL_ICMPV6 || ip.hopLimit !== NEIGHBOUR_HOP_LIMIT) return;
    const addressSum = sumBytes(bytes, ip.sourceAt, ip.targetAt + IPV6_ADDRESS_BYTES);
    if (readIcmpv6(bytes, ip.payloadAt, ip.payloadEnd, addressSum, isTrusted, icmp) !== READ_OK) return;
    if (readNeighbourMessage(bytes, ip.payloadAt, ip.payloadEnd, neighbour) !== READ_OK) return;
    const isFromNobody = isUnspecified(bytes, ip.sourceAt);
    if (!isFromNobody) listener.claimed(bytes, ip.sourceAt);
    // An advertisement says who has the address, and a solicitation from nobody who wants it for himself.
    if (icmp.type === NEIGHBOUR_ADVERTISEMENT || isFromNobody) listener.claimed(bytes, neighbour.targetAt);
    else {
      const macAt = neighbour.linkAddressAt < 0 ? senderMacAt : neighbour.linkAddressAt;
      listener.asked(bytes, neighbour.targetAt, ip.sourceAt, macAt);
    }
  }

  private isOwnMac(bytes: Uint8Array, at: number): boolean {
    for (let index = 0; index < MAC_BYTES; index++) {
      if (readUint8(bytes, at + index) !== this.ownMac[index]) return false;
    }
    return true;
  }
}

function isUnspecified(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < IPV6_ADDRESS_BYTES; index++) if (readUint8(bytes, at + index) !== 0) return false;
  return true;
}
