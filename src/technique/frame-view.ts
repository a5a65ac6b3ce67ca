// A received packet, taken apart once for all techniques: headers checked, checksums judged, the datagram that an ICMP
// error quotes unwrapped. What does not hold together is no packet at all: techniques never see it.
import { createArpView, readArp } from "../packet/arp.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { createIcmpv4View, isIcmpError, readIcmpv4 } from "../packet/icmpv4.js";
import { createIpv4View, PROTOCOL_ICMP, PROTOCOL_TCP, readIpv4 } from "../packet/ipv4.js";
import { READ_OK } from "../packet/read-fault.js";
import { createTcpView, isTcpChecksumGood, readTcp, readTcpQuote } from "../packet/tcp.js";

/** What the packet turned out to be. A "tcp-quote" is an ICMP error about a TCP segment of somebody's. */
export type FrameKind = "arp" | "tcp" | "icmp" | "tcp-quote" | "icmp-quote";

/** One view is used for all packets; which fields are valid follows from {@link kind}. */
export class FrameView {
  kind: FrameKind = "tcp";
  /** kind "arp". */
  readonly arp: ReturnType<typeof createArpView> = createArpView();
  /** All kinds but "arp": the outer header; its source is who answered. */
  readonly ip: ReturnType<typeof createIpv4View> = createIpv4View();
  /** kind "tcp". */
  readonly tcp: ReturnType<typeof createTcpView> = createTcpView();
  /** kinds "icmp", "tcp-quote", "icmp-quote". */
  readonly icmp: ReturnType<typeof createIcmpv4View> = createIcmpv4View();
  /** kinds "tcp-quote", "icmp-quote": the header of our own datagram; its target is who was probed. */
  readonly quotedIp: ReturnType<typeof createIpv4View> = createIpv4View();
  /** kind "tcp-quote": ports and sequence number only. */
  readonly quotedTcp: ReturnType<typeof createTcpView> = createTcpView();
  /** kind "icmp-quote": identifier and sequence of the quoted query. */
  readonly quotedIcmp: ReturnType<typeof createIcmpv4View> = createIcmpv4View();

  /**
   * Takes a packet apart. False when it is cut, has a wrong checksum, contradicts itself or is of no kind that postern
   * reads. `isChecksumTrusted`: the transport checksum was judged already, or is not filled in yet.
   */
  parse(bytes: Uint8Array, at: number, end: number, etherType: number, isChecksumTrusted: boolean): boolean {
    if (etherType === ETHER_TYPE_ARP) {
      this.kind = "arp";
      return readArp(bytes, at, end, this.arp) === READ_OK;
    }
    if (etherType !== ETHER_TYPE_IPV4 || readIpv4(bytes, at, end, this.ip) !== READ_OK) return false;
    if (this.ip.fragmentOffset !== 0) return false;
    if (this.ip.protocol !== PROTOCOL_TCP) return this.ip.protocol === PROTOCOL_ICMP && this.parseIcmp(bytes);
    const { payloadAt, payloadEnd, source, target } = this.ip;
    this.kind = "tcp";
    if (readTcp(bytes, payloadAt, payloadEnd, this.tcp) !== READ_OK) return false;
    return isChecksumTrusted || isTcpChecksumGood(bytes, payloadAt, payloadEnd, source, target);
  }

  private parseIcmp(bytes: Uint8Array): boolean {
    const { payloadAt, payloadEnd } = this.ip;
    if (readIcmpv4(bytes, payloadAt, payloadEnd, this.icmp) !== READ_OK) return false;
    this.kind = "icmp";
    return !isIcmpError(this.icmp.type) || this.parseQuote(bytes);
  }

  private parseQuote(bytes: Uint8Array): boolean {
    if (readIpv4(bytes, this.icmp.bodyAt, this.icmp.bodyEnd, this.quotedIp, true) !== READ_OK) return false;
    const { protocol, payloadAt, payloadEnd, fragmentOffset } = this.quotedIp;
    if (fragmentOffset !== 0) return false;
    if (protocol === PROTOCOL_TCP) {
      this.kind = "tcp-quote";
      return readTcpQuote(bytes, payloadAt, payloadEnd, this.quotedTcp) === READ_OK;
    }
    if (protocol !== PROTOCOL_ICMP) return false;
    this.kind = "icmp-quote";
    return readIcmpQuote(bytes, payloadAt, payloadEnd, this.quotedIcmp);
  }
}

/** The first 8 bytes of a quoted query; its checksum covers more than is quoted, so it is not judged. */
function readIcmpQuote(bytes: Uint8Array, at: number, end: number, view: FrameView["quotedIcmp"]): boolean {
  if (end - at < 8) return false;
  view.type = bytes[at] ?? 0;
  view.code = bytes[at + 1] ?? 0;
  view.identifier = ((bytes[at + 4] ?? 0) << 8) | (bytes[at + 5] ?? 0);
  view.sequence = ((bytes[at + 6] ?? 0) << 8) | (bytes[at + 7] ?? 0);
  return true;
}
