// The frames that borrowing an address takes: questions whether anybody has it (RFC 5227 §2.1.1, RFC 4862 §5.4.2), and
// answers that we have it (RFC 826, RFC 4861 §7.2.4). Each is handed to a transmitter, whose guard looks at it.
import { ARP_REPLY, ARP_REQUEST, writeArp } from "../packet/arp.js";
import { readUint32 } from "../packet/bytes.js";
import { sumBytes } from "../packet/checksum.js";
import { copyMac, ETHER_TYPE_ARP, ETHER_TYPE_IPV6, MAC_BYTES } from "../packet/ethernet.js";
import {
  copyIpv6Address,
  IPV6_ADDRESS_BYTES,
  IPV6_HEADER_BYTES,
  IPV6_SOURCE_AT,
  PROTOCOL_ICMPV6,
  writeIpv6,
} from "../packet/ipv6.js";
import {
  NEIGHBOUR_HOP_LIMIT,
  NEIGHBOUR_MESSAGE_BYTES,
  NEIGHBOUR_OVERRIDE,
  NEIGHBOUR_SOLICITED,
  writeMulticastMac,
  writeNeighbourAdvertisement,
  writeNeighbourSolicitation,
  writeSolicitedNodeAddress,
} from "../packet/neighbour-discovery.js";
import type { FrameTransmitter } from "./frame-transmitter.js";
import type { Interface } from "./interfaces.js";

/** A solicitation without an option. */
const DUPLICATE_CHECK_BYTES = NEIGHBOUR_MESSAGE_BYTES - 8;
/** A tag that equals none, not even itself: no place is taken for one with a packet of the same kind. */
const NO_TAG = Number.NaN;
const BROADCAST = new Uint8Array(MAC_BYTES).fill(0xff);
const NO_MAC = new Uint8Array(MAC_BYTES);

/** Writes the frames of one link into a transmitter. They leave at its next flush, or before that where it is full. */
export class AddressFrames {
  private readonly transmitter: FrameTransmitter;
  private readonly ownMac: Uint8Array;
  private readonly hop: { mac: Uint8Array; ownMac: Uint8Array; interfaceIndex: number; interfaceName: string };
  private readonly ip = {
    flowLabel: 0,
    hopLimit: NEIGHBOUR_HOP_LIMIT,
    protocol: PROTOCOL_ICMPV6,
    source: new Uint8Array(IPV6_ADDRESS_BYTES),
    target: new Uint8Array(IPV6_ADDRESS_BYTES),
    payloadBytes: 0,
  };

  constructor(transmitter: FrameTransmitter, device: Interface, ownMac: Uint8Array) {
    this.transmitter = transmitter;
    this.ownMac = ownMac;
    const { index, name } = device;
    this.hop = { mac: new Uint8Array(MAC_BYTES), ownMac, interfaceIndex: index, interfaceName: name };
  }

  /** Asks whether anybody has this address of 4 or 16 bytes. */
  probe(address: Uint8Array): void {
    if (address.length === IPV6_ADDRESS_BYTES) this.probeIpv6(address);
    else this.sendArp(BROADCAST, ARP_REQUEST, 0, NO_MAC, readUint32(address, 0));
  }

  /** Answers to who asked, whose address and link address stand in `bytes`, that we have this address. */
  answer(address: Uint8Array, bytes: Uint8Array, askerAt: number, macAt: number): void {
    const { hop } = this;
    copyMac(bytes, macAt, hop.mac, 0);
    if (address.length === IPV6_ADDRESS_BYTES) this.answerIpv6(address, bytes, askerAt);
    else this.sendArp(hop.mac, ARP_REPLY, readUint32(address, 0), hop.mac, readUint32(bytes, askerAt));
  }

  private sendArp(mac: Uint8Array, operation: number, sender: number, targetMac: Uint8Array, target: number): void {
    copyMac(mac, 0, this.hop.mac, 0);
    const at = this.reserve(ETHER_TYPE_ARP);
    const addresses = { senderMac: this.ownMac, senderAddress: sender, targetMac, targetAddress: target };
    this.transmitter.commit(at, writeArp({ operation, ...addresses }, this.transmitter.bytes, at));
  }

  private probeIpv6(address: Uint8Array): void {
    const { ip, hop } = this;
    ip.source.fill(0);
    writeSolicitedNodeAddress(address, ip.target, 0);
    writeMulticastMac(ip.target, 0, hop.mac, 0);
    const at = this.beginIpv6(DUPLICATE_CHECK_BYTES);
    const { bytes } = this.transmitter;
    const messageAt = at + IPV6_HEADER_BYTES;
    const messageBytes = writeNeighbourSolicitation(address, undefined, sumOfAddresses(bytes, at), bytes, messageAt);
    this.transmitter.commit(at, IPV6_HEADER_BYTES + messageBytes);
  }

  private answerIpv6(address: Uint8Array, asker: Uint8Array, askerAt: number): void {
    copyIpv6Address(address, 0, this.ip.source, 0);
    copyIpv6Address(asker, askerAt, this.ip.target, 0);
    const at = this.beginIpv6(NEIGHBOUR_MESSAGE_BYTES);
    const { bytes } = this.transmitter;
    const flags = NEIGHBOUR_SOLICITED | NEIGHBOUR_OVERRIDE;
    const sum = sumOfAddresses(bytes, at);
    writeNeighbourAdvertisement(address, this.ownMac, flags, sum, bytes, at + IPV6_HEADER_BYTES);
    this.transmitter.commit(at, IPV6_HEADER_BYTES + NEIGHBOUR_MESSAGE_BYTES);
  }

  private beginIpv6(payloadBytes: number): number {
    const at = this.reserve(ETHER_TYPE_IPV6);
    this.ip.payloadBytes = payloadBytes;
    writeIpv6(this.ip, this.transmitter.bytes, at);
    return at;
  }

  private reserve(etherType: number): number {
    const at = this.transmitter.reserve(etherType, this.hop, NO_TAG);
    if (at >= 0) return at;
    this.transmitter.flush();
    return this.transmitter.reserve(etherType, this.hop, NO_TAG);
  }
}

function sumOfAddresses(bytes: Uint8Array, at: number): number {
  return sumBytes(bytes, at + IPV6_SOURCE_AT, at + IPV6_HEADER_BYTES);
}
