// Neighbour solicitations and advertisements over Ethernet, what ARP is to IPv4: RFC 4861 §4.3, §4.4 (format), §4.6
// (options), §7.1 (what to refuse); RFC 4291 §2.7.1 (solicited-node address), RFC 2464 §6, §7 (link-layer addresses).

import { readUint8, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { copyMac, MAC_BYTES } from "./ethernet.js";
import { writeIcmpv6Head } from "./icmpv6.js";
import { copyIpv6Address, IPV6_ADDRESS_BYTES } from "./ipv6.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

const TYPE_AT = 0;
const CODE_AT = 1;
const FLAGS_AT = 4;
const TARGET_AT = 8;
const OPTIONS_AT = 24;

/** From the option's start. */
const OPTION_TYPE_AT = 0;
const OPTION_LENGTH_AT = 1;
const OPTION_HEAD_BYTES = 2;
const OPTION_UNIT_BYTES = 8;
const OPTION_SOURCE_LINK_ADDRESS = 1;
const OPTION_TARGET_LINK_ADDRESS = 2;
/** Type, length and an Ethernet address fill one unit. */
const LINK_ADDRESS_OPTION_BYTES: number = OPTION_HEAD_BYTES + MAC_BYTES;

/** First byte of all multicast addresses. */
const MULTICAST = 0xff;

/** ICMPv6 type: who has the target's address? */
export const NEIGHBOUR_SOLICITATION = 135;
/** ICMPv6 type: the sender has the target's address. */
export const NEIGHBOUR_ADVERTISEMENT = 136;
/** The hop limit that such a message must arrive with, which proves that no router has passed it on (RFC 4861 §7.1). */
export const NEIGHBOUR_HOP_LIMIT = 255;
/** Length of a message with a link-layer address, in bytes. */
export const NEIGHBOUR_MESSAGE_BYTES: number = OPTIONS_AT + LINK_ADDRESS_OPTION_BYTES;

/** Flag of an advertisement: the sender is a router. */
export const NEIGHBOUR_ROUTER = 0x80;
/** Flag of an advertisement: it answers a solicitation. */
export const NEIGHBOUR_SOLICITED = 0x40;
/** Flag of an advertisement: forget the link-layer address that you knew before. */
export const NEIGHBOUR_OVERRIDE = 0x20;

/** A neighbour solicitation or advertisement. Positions are indexes into the bytes that were read. */
export interface NeighbourView {
  /** Where the 16 bytes begin of the address that is asked for, or is the sender's. */
  targetAt: number;
  /** Where the 6 bytes begin of a solicitation's source, an advertisement's target; -1 when it is not told. */
  linkAddressAt: number;
  /** NEIGHBOUR_ROUTER and the like, or-ed together; 0 in a solicitation. */
  flags: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createNeighbourView(): NeighbourView {
  return { targetAt: 0, linkAddressAt: -1, flags: 0 };
}

/**
 * Reads the ICMPv6 message `bytes[at..end)`, whose checksum `readIcmpv6` has judged. UNSUPPORTED when it is neither
 * solicitation nor advertisement; MALFORMED when its code is not 0, its target is multicast, or an option has no length
 * or not that of an Ethernet address. The hop limit is the caller's to judge: {@link NEIGHBOUR_HOP_LIMIT}.
 */
export function readNeighbourMessage(bytes: Uint8Array, at: number, end: number, view: NeighbourView): ReadResult {
  if (end - at < OPTIONS_AT) {
    return ReadFault.CUT;
  }
  const type = readUint8(bytes, at + TYPE_AT);
  if (type !== NEIGHBOUR_SOLICITATION && type !== NEIGHBOUR_ADVERTISEMENT) {
    return ReadFault.UNSUPPORTED;
  }
  if (readUint8(bytes, at + CODE_AT) !== 0 || readUint8(bytes, at + TARGET_AT) === MULTICAST) {
    return ReadFault.MALFORMED;
  }
  const isAdvertisement = type === NEIGHBOUR_ADVERTISEMENT;
  view.targetAt = at + TARGET_AT;
  view.linkAddressAt = -1;
  view.flags = isAdvertisement
    ? readUint8(bytes, at + FLAGS_AT) & (NEIGHBOUR_ROUTER | NEIGHBOUR_SOLICITED | NEIGHBOUR_OVERRIDE)
    : 0;
  const wanted = isAdvertisement ? OPTION_TARGET_LINK_ADDRESS : OPTION_SOURCE_LINK_ADDRESS;
  return readOptions(bytes, at + OPTIONS_AT, end, wanted, view);
}

/** Looks for the option `wanted` and checks the bounds of all. Each has at least 8 bytes, so the walk gets on. */
function readOptions(bytes: Uint8Array, at: number, end: number, wanted: number, view: NeighbourView): ReadResult {
  let optionAt = at;
  while (optionAt < end) {
    if (end - optionAt < OPTION_HEAD_BYTES) {
      return ReadFault.CUT;
    }
    const optionBytes = readUint8(bytes, optionAt + OPTION_LENGTH_AT) * OPTION_UNIT_BYTES;
    if (optionBytes === 0) {
      return ReadFault.MALFORMED;
    }
    if (end - optionAt < optionBytes) {
      return ReadFault.CUT;
    }
    if (readUint8(bytes, optionAt + OPTION_TYPE_AT) === wanted) {
      if (optionBytes !== LINK_ADDRESS_OPTION_BYTES) {
        return ReadFault.MALFORMED;
      }
      view.linkAddressAt = optionAt + OPTION_HEAD_BYTES;
    }
    optionAt += optionBytes;
  }
  return READ_OK;
}

/**
 * Writes a solicitation for the 16 bytes `target` and returns its bytes: 32, or 24 without `sourceMac`, which must be
 * left out when the sender's address is :: (RFC 4861 §4.3).
 */
export function writeNeighbourSolicitation(
  target: Uint8Array,
  sourceMac: Uint8Array | undefined,
  addressSum: number,
  out: Uint8Array,
  at: number,
): number {
  writeFlagsAndTarget(0, target, out, at);
  let messageBytes = OPTIONS_AT;
  if (sourceMac !== undefined) {
    messageBytes += writeLinkAddress(OPTION_SOURCE_LINK_ADDRESS, sourceMac, out, at + OPTIONS_AT);
  }
  return writeIcmpv6Head(NEIGHBOUR_SOLICITATION, 0, messageBytes, addressSum, out, at);
}

/** Writes an advertisement that says that `mac` has the address `target`, and returns its 32 bytes. */
export function writeNeighbourAdvertisement(
  target: Uint8Array,
  mac: Uint8Array,
  flags: number,
  addressSum: number,
  out: Uint8Array,
  at: number,
): number {
  writeFlagsAndTarget(flags, target, out, at);
  const messageBytes = OPTIONS_AT + writeLinkAddress(OPTION_TARGET_LINK_ADDRESS, mac, out, at + OPTIONS_AT);
  return writeIcmpv6Head(NEIGHBOUR_ADVERTISEMENT, 0, messageBytes, addressSum, out, at);
}

function writeFlagsAndTarget(flags: number, target: Uint8Array, out: Uint8Array, at: number): void {
  writeUint32(out, at + FLAGS_AT, flags << 24);
  copyIpv6Address(target, 0, out, at + TARGET_AT);
}

function writeLinkAddress(type: number, mac: Uint8Array, out: Uint8Array, optionAt: number): number {
  writeUint8(out, optionAt + OPTION_TYPE_AT, type);
  writeUint8(out, optionAt + OPTION_LENGTH_AT, LINK_ADDRESS_OPTION_BYTES / OPTION_UNIT_BYTES);
  copyMac(mac, 0, out, optionAt + OPTION_HEAD_BYTES);
  return LINK_ADDRESS_OPTION_BYTES;
}

/** Writes the multicast address on which who has the 16 bytes `target` listens, ff02::1:ffxx:xxxx; returns 16. */
export function writeSolicitedNodeAddress(target: Uint8Array, out: Uint8Array, at: number): number {
  writeUint32(out, at, 0xff020000);
  writeUint32(out, at + 4, 0);
  writeUint32(out, at + 8, 1);
  writeUint8(out, at + 12, 0xff);
  for (let index = 13; index < IPV6_ADDRESS_BYTES; index += 1) {
    writeUint8(out, at + index, readUint8(target, index));
  }
  return IPV6_ADDRESS_BYTES;
}

/** Writes the hardware address for the multicast address at `address[addressAt]`, 33:33 and its last 4 bytes; returns 6. */
export function writeMulticastMac(address: Uint8Array, addressAt: number, out: Uint8Array, at: number): number {
  writeUint16(out, at, 0x3333);
  for (let index = 2; index < MAC_BYTES; index += 1) {
    writeUint8(out, at + index, readUint8(address, addressAt + IPV6_ADDRESS_BYTES - MAC_BYTES + index));
  }
  return MAC_BYTES;
}
