// A received packet, taken apart once for all techniques: headers checked, checksums judged, the datagram that an ICMP
// error quotes unwrapped. What does not hold together is no packet at all: techniques never see it.
import { createArpView, readArp } from "../packet/arp.js";
import { readUint8, readUint16, readUint32 } from "../packet/bytes.js";
import { copyMac, ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { createIcmpv4View, isIcmpError, readIcmpv4 } from "../packet/icmpv4.js";
import { isIcmpv6Error, readIcmpv6 } from "../packet/icmpv6.js";
import {
  createIpv4View,
  IPV4_DONT_FRAGMENT,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  readIpv4,
} from "../packet/ipv4.js";
import { createIpv6View, PROTOCOL_ICMPV6, readIpv6 } from "../packet/ipv6.js";
import {
  createNeighbourView,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_HOP_LIMIT,
  readNeighbourMessage,
} from "../packet/neighbour-discovery.js";
import { READ_OK } from "../packet/read-fault.js";
import { createSctpView, PROTOCOL_SCTP, readSctp, readSctpQuote } from "../packet/sctp.js";
import { createTcpView, isTcpChecksumGood, readTcp, readTcpQuote } from "../packet/tcp.js";
import { createUdpView, isUdpChecksumGood, readUdp, readUdpQuote } from "../packet/udp.js";
import type { Address } from "../target/address.js";
import type { Cookies } from "./cookies.js";
import { addressSumAt } from "./datagram.js";

/** What the packet turned out to be; a "…-quote" is an ICMP error about a datagram of somebody's, "other" any protocol else. */
export type FrameKind =
  | "arp"
  | "neighbour"
  | "tcp"
  | "udp"
  | "sctp"
  | "icmp"
  | "other"
  | "tcp-quote"
  | "udp-quote"
  | "sctp-quote"
  | "icmp-quote"
  | "other-quote";

const IPV4_SOURCE_AT = 12;
const IPV4_TARGET_AT = 16;
const IPV6_ADDRESS_BYTES = 16;

/** One view is used for all packets; which fields are valid follows from {@link kind}. */
export class FrameView {
  kind: FrameKind = "tcp";
  family: 4 | 6 = 4;
  /** kind "arp". */
  readonly arp: ReturnType<typeof createArpView> = createArpView();
  /** TTL or hop limit of the outer header. */
  ttl = 0;
  /** Protocol of the outer header; in quotes that of the quoted one. */
  protocol = 0;
  /** Identification or flow label of the outer header. */
  mark = 0;
  /** IPv4: the outer header forbids fragments; false over IPv6. */
  isDfSet = false;
  /** Who was probed: who sent the packet, or whom the quoted datagram was sent to. IPv6: see {@link Cookies.keyOf}. */
  peerKey = 0;
  readonly tcp: ReturnType<typeof createTcpView> = createTcpView();
  readonly udp: ReturnType<typeof createUdpView> = createUdpView();
  readonly sctp: ReturnType<typeof createSctpView> = createSctpView();
  /** kinds "icmp" and all quotes; of either family. */
  readonly icmp: ReturnType<typeof createIcmpv4View> = createIcmpv4View();
  /** Quotes: identification or flow label of our own datagram. */
  quotedMark = 0;
  /** kind "icmp-quote": identifier and sequence of the quoted query. */
  readonly quotedIcmp: ReturnType<typeof createIcmpv4View> = createIcmpv4View();
  private readonly neighbour = createNeighbourView();
  private readonly ipv4 = createIpv4View();
  private readonly ipv6 = createIpv6View();
  private readonly quotedIpv4 = createIpv4View();
  private readonly quotedIpv6 = createIpv6View();
  private readonly cookies: Cookies;
  private bytes: Uint8Array = new Uint8Array(0);
  private sourceAt = 0;
  private peerAt = 0;
  /** Who answered last in somebody else's name: errors of one router come by the thousand. */
  private lastResponder: Address | undefined;

  constructor(cookies: Cookies) {
    this.cookies = cookies;
  }

  /**
   * Takes a packet apart. False when it is cut, has a wrong checksum, contradicts itself or is of no kind that postern
   * reads. `isChecksumTrusted`: the transport checksum was judged already, or is not filled in yet.
   */
  parse(bytes: Uint8Array, at: number, end: number, etherType: number, isChecksumTrusted: boolean): boolean {
    this.bytes = bytes;
    if (etherType === ETHER_TYPE_IPV4) return this.parseIpv4(at, end, isChecksumTrusted);
    if (etherType === ETHER_TYPE_IPV6) return this.parseIpv6(at, end, isChecksumTrusted);
    if (etherType !== ETHER_TYPE_ARP || readArp(bytes, at, end, this.arp) !== READ_OK) return false;
    this.kind = "arp";
    this.family = 4;
    this.ttl = 0;
    this.peerKey = this.arp.senderAddress;
    return true;
  }

  /** True when this very address was probed: keys of IPv6 addresses may collide. */
  isPeer(address: Address): boolean {
    if (address.family !== this.family) return false;
    if (address.family === 4) return address.value === this.peerKey;
    return isSameAddress(this.bytes, this.peerAt, address.bytes, 0);
  }

  /** Who sent an error, when it was not the host that was probed. The same object for the same sender in a row. */
  get responder(): Address | undefined {
    const { bytes, sourceAt, peerAt, family } = this;
    const count = family === 4 ? 4 : IPV6_ADDRESS_BYTES;
    let index = 0;
    while (index < count && bytes[sourceAt + index] === bytes[peerAt + index]) index++;
    if (index === count) return undefined;
    const last = this.lastResponder;
    if (family === 4) {
      const value = readUint32(bytes, sourceAt);
      if (last?.family !== 4 || last.value !== value) this.lastResponder = { family, value };
    } else if (last?.family !== 6 || !isSameAddress(bytes, sourceAt, last.bytes, 0)) {
      this.lastResponder = { family, bytes: bytes.slice(sourceAt, sourceAt + IPV6_ADDRESS_BYTES) };
    }
    return this.lastResponder;
  }

  /** kind "neighbour": copies the link address that the advertisement tells; false when it tells none. */
  copyNeighbourMac(to: Uint8Array): boolean {
    const { linkAddressAt } = this.neighbour;
    if (linkAddressAt >= 0) copyMac(this.bytes, linkAddressAt, to, 0);
    return linkAddressAt >= 0;
  }

  private parseIpv4(at: number, end: number, isChecksumTrusted: boolean): boolean {
    const { ipv4, bytes } = this;
    if (readIpv4(bytes, at, end, ipv4) !== READ_OK || ipv4.fragmentOffset !== 0) return false;
    this.family = 4;
    this.ttl = ipv4.ttl;
    this.protocol = ipv4.protocol;
    this.mark = ipv4.identification;
    this.isDfSet = (ipv4.flags & IPV4_DONT_FRAGMENT) !== 0;
    this.peerKey = ipv4.source;
    this.sourceAt = at + IPV4_SOURCE_AT;
    this.peerAt = this.sourceAt;
    const { payloadAt, payloadEnd } = ipv4;
    if (ipv4.protocol !== PROTOCOL_ICMP) return this.parseTransport(at, payloadAt, payloadEnd, isChecksumTrusted);
    if (readIcmpv4(bytes, payloadAt, payloadEnd, this.icmp) !== READ_OK) return false;
    this.kind = "icmp";
    return !isIcmpError(this.icmp.type) || this.parseQuotedIpv4();
  }

  private parseIpv6(at: number, end: number, isChecksumTrusted: boolean): boolean {
    const { ipv6, bytes } = this;
    if (readIpv6(bytes, at, end, ipv6) !== READ_OK || ipv6.fragmentOffset !== 0) return false;
    this.family = 6;
    this.ttl = ipv6.hopLimit;
    this.protocol = ipv6.protocol;
    this.mark = ipv6.flowLabel;
    this.isDfSet = false;
    this.sourceAt = ipv6.sourceAt;
    this.peerAt = ipv6.sourceAt;
    this.peerKey = this.cookies.keyOf(bytes, ipv6.sourceAt);
    const { payloadAt, payloadEnd } = ipv6;
    if (ipv6.protocol !== PROTOCOL_ICMPV6) return this.parseTransport(at, payloadAt, payloadEnd, isChecksumTrusted);
    const sum = addressSumAt(bytes, at, 6);
    if (readIcmpv6(bytes, payloadAt, payloadEnd, sum, isChecksumTrusted, this.icmp) !== READ_OK) return false;
    this.kind = "icmp";
    if (this.icmp.type === NEIGHBOUR_ADVERTISEMENT) return this.parseNeighbour(payloadAt, payloadEnd);
    return !isIcmpv6Error(this.icmp.type) || this.parseQuotedIpv6();
  }

  /** A hop limit of 255 proves that no router has passed it on (RFC 4861 §7.1.2). */
  private parseNeighbour(at: number, end: number): boolean {
    if (this.ttl !== NEIGHBOUR_HOP_LIMIT || readNeighbourMessage(this.bytes, at, end, this.neighbour) !== READ_OK)
      return false;
    this.kind = "neighbour";
    this.peerAt = this.neighbour.targetAt;
    this.peerKey = this.cookies.keyOf(this.bytes, this.peerAt);
    return true;
  }

  private parseTransport(headerAt: number, at: number, end: number, isTrusted: boolean): boolean {
    const { bytes, family, udp } = this;
    switch (this.protocol) {
      case PROTOCOL_TCP:
        this.kind = "tcp";
        if (readTcp(bytes, at, end, this.tcp) !== READ_OK) return false;
        return isTrusted || isTcpChecksumGood(bytes, at, end, addressSumAt(bytes, headerAt, family));
      case PROTOCOL_UDP:
        this.kind = "udp";
        if (readUdp(bytes, at, end, udp) !== READ_OK) return false;
        if (isTrusted) return true;
        return isUdpChecksumGood(bytes, at, udp.payloadEnd, addressSumAt(bytes, headerAt, family), family === 4);
      case PROTOCOL_SCTP:
        this.kind = "sctp";
        return readSctp(bytes, at, end, isTrusted, this.sctp) === READ_OK;
      default:
        this.kind = "other";
        return true;
    }
  }

  private parseQuotedIpv4(): boolean {
    const { bytes, icmp, quotedIpv4 } = this;
    if (readIpv4(bytes, icmp.bodyAt, icmp.bodyEnd, quotedIpv4, true) !== READ_OK) return false;
    if (quotedIpv4.fragmentOffset !== 0) return false;
    this.peerAt = icmp.bodyAt + IPV4_TARGET_AT;
    this.peerKey = quotedIpv4.target;
    this.protocol = quotedIpv4.protocol;
    this.quotedMark = quotedIpv4.identification;
    return this.parseQuote(quotedIpv4.payloadAt, quotedIpv4.payloadEnd, PROTOCOL_ICMP);
  }

  private parseQuotedIpv6(): boolean {
    const { bytes, icmp, quotedIpv6 } = this;
    if (readIpv6(bytes, icmp.bodyAt, icmp.bodyEnd, quotedIpv6, true) !== READ_OK) return false;
    if (quotedIpv6.fragmentOffset !== 0) return false;
    this.peerAt = quotedIpv6.targetAt;
    this.peerKey = this.cookies.keyOf(bytes, quotedIpv6.targetAt);
    this.protocol = quotedIpv6.protocol;
    this.quotedMark = quotedIpv6.flowLabel;
    return this.parseQuote(quotedIpv6.payloadAt, quotedIpv6.payloadEnd, PROTOCOL_ICMPV6);
  }

  private parseQuote(at: number, end: number, icmpProtocol: number): boolean {
    const { bytes } = this;
    switch (this.protocol) {
      case PROTOCOL_TCP:
        this.kind = "tcp-quote";
        return readTcpQuote(bytes, at, end, this.tcp) === READ_OK;
      case PROTOCOL_UDP:
        this.kind = "udp-quote";
        return readUdpQuote(bytes, at, end, this.udp) === READ_OK;
      case PROTOCOL_SCTP:
        this.kind = "sctp-quote";
        return readSctpQuote(bytes, at, end, this.sctp) === READ_OK;
      case icmpProtocol:
        this.kind = "icmp-quote";
        return readIcmpQuote(bytes, at, end, this.quotedIcmp);
      default:
        this.kind = "other-quote";
        return true;
    }
  }
}

function isSameAddress(one: Uint8Array, at: number, other: Uint8Array, otherAt: number): boolean {
  for (let index = 0; index < IPV6_ADDRESS_BYTES; index++) {
    if (one[at + index] !== other[otherAt + index]) return false;
  }
  return true;
}

/** The first 8 bytes of a quoted query; its checksum covers more than is quoted, so it is not judged. */
function readIcmpQuote(bytes: Uint8Array, at: number, end: number, view: FrameView["quotedIcmp"]): boolean {
  if (end - at < 8) return false;
  view.type = readUint8(bytes, at);
  view.code = readUint8(bytes, at + 1);
  view.identifier = readUint16(bytes, at + 4);
  view.sequence = readUint16(bytes, at + 6);
  return true;
}
