// ARP for IPv4 over Ethernet, 28 bytes: RFC 826 ("Packet format", "Packet Reception").

import { readUint8, readUint16, readUint32, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { copyMac, ETHER_TYPE_IPV4, MAC_BYTES } from "./ethernet.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

const HARDWARE_TYPE_AT = 0;
const PROTOCOL_TYPE_AT = 2;
const HARDWARE_BYTES_AT = 4;
const PROTOCOL_BYTES_AT = 5;
const OPERATION_AT = 6;
const TARGET_MAC_AT = 18;
/** The five fields that every hardware type shares. */
const FIXED_BYTES = 8;
const HARDWARE_ETHERNET = 1;
const IPV4_ADDRESS_BYTES = 4;

/** Where the sender's hardware address begins, in bytes from the message's start. */
export const ARP_SENDER_MAC_AT = 8;
/** Where the sender's address begins, in bytes from the message's start; 0.0.0.0 in a probe (RFC 5227 §1.1). */
export const ARP_SENDER_ADDRESS_AT = 14;
/** Where the target's address begins, in bytes from the message's start: what a transmit guard looks at. */
export const ARP_TARGET_ADDRESS_AT = 24;
/** Length of a message for IPv4 over Ethernet, in bytes. */
export const ARP_BYTES = 28;
/** Operation of a request: who has the target's address? */
export const ARP_REQUEST = 1;
/** Operation of a reply: the sender has its address. */
export const ARP_REPLY = 2;

/** An ARP message for IPv4 over Ethernet. Addresses are unsigned 32-bit numbers; the arrays hold 6 bytes each. */
export interface ArpView {
  /** {@link ARP_REQUEST}, {@link ARP_REPLY} or any other number, unjudged. */
  operation: number;
  readonly senderMac: Uint8Array;
  senderAddress: number;
  /** All zeros in an ordinary request, where it is what is being asked. */
  readonly targetMac: Uint8Array;
  targetAddress: number;
}

/** Makes an empty view that a caller then uses for every frame. */
export function createArpView(): ArpView {
  return {
    operation: 0,
    senderMac: new Uint8Array(MAC_BYTES),
    senderAddress: 0,
    targetMac: new Uint8Array(MAC_BYTES),
    targetAddress: 0,
  };
}

/**
 * Reads the ARP message at `at`; what follows its 28 bytes is the frame's padding. UNSUPPORTED when it is not for IPv4
 * over Ethernet, MALFORMED when the address lengths contradict that (RFC 826 has them for just this check).
 */
export function readArp(bytes: Uint8Array, at: number, end: number, view: ArpView): ReadResult {
  if (end - at < FIXED_BYTES) {
    return ReadFault.CUT;
  }
  if (
    readUint16(bytes, at + HARDWARE_TYPE_AT) !== HARDWARE_ETHERNET ||
    readUint16(bytes, at + PROTOCOL_TYPE_AT) !== ETHER_TYPE_IPV4
  ) {
    return ReadFault.UNSUPPORTED;
  }
  if (
    readUint8(bytes, at + HARDWARE_BYTES_AT) !== MAC_BYTES ||
    readUint8(bytes, at + PROTOCOL_BYTES_AT) !== IPV4_ADDRESS_BYTES
  ) {
    return ReadFault.MALFORMED;
  }
  if (end - at < ARP_BYTES) {
    return ReadFault.CUT;
  }
  view.operation = readUint16(bytes, at + OPERATION_AT);
  copyMac(bytes, at + ARP_SENDER_MAC_AT, view.senderMac, 0);
  view.senderAddress = readUint32(bytes, at + ARP_SENDER_ADDRESS_AT);
  copyMac(bytes, at + TARGET_MAC_AT, view.targetMac, 0);
  view.targetAddress = readUint32(bytes, at + ARP_TARGET_ADDRESS_AT);
  return READ_OK;
}

/** Writes an ARP message for IPv4 over Ethernet and returns its 28 bytes. */
export function writeArp(fields: Readonly<ArpView>, out: Uint8Array, at: number): number {
  writeUint16(out, at + HARDWARE_TYPE_AT, HARDWARE_ETHERNET);
  writeUint16(out, at + PROTOCOL_TYPE_AT, ETHER_TYPE_IPV4);
  writeUint8(out, at + HARDWARE_BYTES_AT, MAC_BYTES);
  writeUint8(out, at + PROTOCOL_BYTES_AT, IPV4_ADDRESS_BYTES);
  writeUint16(out, at + OPERATION_AT, fields.operation);
  copyMac(fields.senderMac, 0, out, at + ARP_SENDER_MAC_AT);
  writeUint32(out, at + ARP_SENDER_ADDRESS_AT, fields.senderAddress);
  copyMac(fields.targetMac, 0, out, at + TARGET_MAC_AT);
  writeUint32(out, at + ARP_TARGET_ADDRESS_AT, fields.targetAddress);
  return ARP_BYTES;
}
