// The question for an IPv6 neighbour's link address and its answer, as whole packets: RFC 4861 §4.3, §4.4, §4.6.1, §7.
import { readUint8, readUint32, writeUint8, writeUint16, writeUint32 } from "../packet/bytes.js";
import { foldChecksum, sumBytes } from "../packet/checksum.js";
import { copyMac, ETHER_TYPE_IPV6, ETHERNET_HEADER_BYTES, MAC_BYTES, writeEthernet } from "../packet/ethernet.js";

/** RFC 8200 §3: payload length, next header, hop limit, source, target. */
const IPV6_PAYLOAD_AT = 4;
const IPV6_NEXT_HEADER_AT = 6;
const IPV6_HOP_LIMIT_AT = 7;
const IPV6_SOURCE_AT = 8;
const IPV6_TARGET_AT = 24;
const IPV6_HEADER_BYTES = 40;
const ADDRESS_BYTES = 16;
const PROTOCOL_ICMPV6 = 58;
/** Both messages: type, code, checksum, flags, target address; then options. */
const CHECKSUM_AT = IPV6_HEADER_BYTES + 2;
const TARGET_AT = IPV6_HEADER_BYTES + 8;
const OPTIONS_AT = TARGET_AT + ADDRESS_BYTES;
const SOLICITATION = 135;
/** Type of an answer. */
export const NEIGHBOUR_ADVERTISEMENT = 136;
const SOURCE_LINK_ADDRESS = 1;
const TARGET_LINK_ADDRESS = 2;
/** An option for Ethernet: type, length in units of 8 bytes, address. */
const OPTION_BYTES = 8;
const SOLICITATION_BYTES = OPTIONS_AT + OPTION_BYTES;
/** §7.1: what has another hop limit has crossed a router and is no neighbour's. */
const HOP_LIMIT = 255;

/** Makes the frame that asks all who may have this address for its link address. */
export function solicitationFrame(ownMac: Uint8Array, source: Uint8Array, target: Uint8Array): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_BYTES + SOLICITATION_BYTES);
  const packet = frame.subarray(ETHERNET_HEADER_BYTES);
  const group = solicitedNode(target);
  writeEthernet(frame, 0, groupMac(group), ownMac, ETHER_TYPE_IPV6);
  writeUint32(packet, 0, 0x6000_0000);
  writeUint16(packet, IPV6_PAYLOAD_AT, SOLICITATION_BYTES - IPV6_HEADER_BYTES);
  writeUint8(packet, IPV6_NEXT_HEADER_AT, PROTOCOL_ICMPV6);
  writeUint8(packet, IPV6_HOP_LIMIT_AT, HOP_LIMIT);
  packet.set(source, IPV6_SOURCE_AT);
  packet.set(group, IPV6_TARGET_AT);
  writeUint8(packet, IPV6_HEADER_BYTES, SOLICITATION);
  packet.set(target, TARGET_AT);
  writeUint8(packet, OPTIONS_AT, SOURCE_LINK_ADDRESS);
  writeUint8(packet, OPTIONS_AT + 1, 1);
  copyMac(ownMac, 0, packet, OPTIONS_AT + 2);
  writeUint16(packet, CHECKSUM_AT, checksum(packet, SOLICITATION_BYTES));
  return frame;
}

/** The link address that a packet, from the network header on, gives for `target`; undefined when it is no answer. */
export function readAdvertisement(packet: Uint8Array, end: number, target: Uint8Array): Uint8Array | undefined {
  if (end < OPTIONS_AT || readUint8(packet, 0) >>> 4 !== 6) return undefined;
  const isAdvertisement =
    readUint8(packet, IPV6_NEXT_HEADER_AT) === PROTOCOL_ICMPV6 &&
    readUint8(packet, IPV6_HOP_LIMIT_AT) === HOP_LIMIT &&
    readUint8(packet, IPV6_HEADER_BYTES) === NEIGHBOUR_ADVERTISEMENT &&
    readUint8(packet, IPV6_HEADER_BYTES + 1) === 0;
  const packetBytes = IPV6_HEADER_BYTES + (readUint32(packet, IPV6_PAYLOAD_AT) >>> 16);
  if (!isAdvertisement || packetBytes > end || packetBytes < OPTIONS_AT) return undefined;
  if (checksum(packet, packetBytes) !== 0) return undefined;
  for (let index = 0; index < ADDRESS_BYTES; index++) if (packet[TARGET_AT + index] !== target[index]) return undefined;
  return linkAddressOf(packet, packetBytes);
}

/** The first option for the target's link address; undefined where options are damaged (§4.6: a length of 0). */
function linkAddressOf(packet: Uint8Array, end: number): Uint8Array | undefined {
  for (let at = OPTIONS_AT; at + OPTION_BYTES <= end; ) {
    const optionBytes = readUint8(packet, at + 1) * 8;
    if (optionBytes === 0) return undefined;
    const isWanted = readUint8(packet, at) === TARGET_LINK_ADDRESS && optionBytes === OPTION_BYTES;
    if (isWanted) return packet.slice(at + 2, at + 2 + MAC_BYTES);
    at += optionBytes;
  }
  return undefined;
}

/** RFC 4443 §2.3 over the pseudo header of RFC 8200 §8.1; over a message with its own good checksum it is 0. */
function checksum(packet: Uint8Array, end: number): number {
  const pseudo = PROTOCOL_ICMPV6 + (end - IPV6_HEADER_BYTES);
  return foldChecksum(sumBytes(packet, IPV6_SOURCE_AT, end, pseudo));
}

/** RFC 4291 §2.7.1: ff02::1:ff00:0/104 and the last 24 bits of the address. */
function solicitedNode(target: Uint8Array): Uint8Array {
  const group = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0);
  group.set(target.subarray(13, ADDRESS_BYTES), 13);
  return group;
}

/** RFC 2464 §7: 33:33 and the last 32 bits of the group. */
function groupMac(group: Uint8Array): Uint8Array {
  return Uint8Array.of(0x33, 0x33, ...group.subarray(12));
}
