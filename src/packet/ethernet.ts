// Ethernet II frames, 14 bytes of header without a VLAN tag: IEEE 802.3 §3.2.6, RFC 894. The textual form of addresses
// is RFC 7042 §2.1's, with colons as Linux writes it.

import { readUint8, writeUint8, writeUint16 } from "./bytes.js";

/** Where the target's address begins, in bytes from the frame's start. */
export const ETHERNET_TARGET_AT = 0;
/** Where the source's address begins, in bytes from the frame's start. */
export const ETHERNET_SOURCE_AT = 6;
/** Where the EtherType begins, in bytes from the frame's start. */
export const ETHERNET_TYPE_AT = 12;
/** Length of the header, in bytes. */
export const ETHERNET_HEADER_BYTES = 14;
/** Length of a hardware address, in bytes. */
export const MAC_BYTES = 6;

/** EtherType of IPv4 (RFC 894). */
export const ETHER_TYPE_IPV4 = 0x0800;
/** EtherType of ARP (RFC 826). */
export const ETHER_TYPE_ARP = 0x0806;
/** EtherType of IPv6 (RFC 2464 §3). */
export const ETHER_TYPE_IPV6 = 0x86dd;

/** Copies a hardware address of 6 bytes without allocating. */
export function copyMac(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
  for (let index = 0; index < MAC_BYTES; index += 1) {
    writeUint8(to, toAt + index, readUint8(from, fromAt + index));
  }
}

/** Writes an Ethernet header and returns its 14 bytes; `etherType` is one of ETHER_TYPE_…. */
export function writeEthernet(
  out: Uint8Array,
  at: number,
  targetMac: Uint8Array,
  sourceMac: Uint8Array,
  etherType: number,
): number {
  copyMac(targetMac, 0, out, at + ETHERNET_TARGET_AT);
  copyMac(sourceMac, 0, out, at + ETHERNET_SOURCE_AT);
  writeUint16(out, at + ETHERNET_TYPE_AT, etherType);
  return ETHERNET_HEADER_BYTES;
}

/** Writes the 6 bytes from `at` on as "02:00:5e:10:00:01". Makes a string: not for the hot path. */
export function formatMac(bytes: Uint8Array, at: number): string {
  const parts: string[] = [];
  for (let index = 0; index < MAC_BYTES; index += 1) {
    parts.push(
      readUint8(bytes, at + index)
        .toString(16)
        .padStart(2, "0"),
    );
  }
  return parts.join(":");
}

/** Reads "02:00:5e:10:00:01", or the same with hyphens, upper or lower case; `undefined` when it is no such address. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}$/i.test(text)) {
    return undefined;
  }
  return Uint8Array.from(text.split(/[:-]/), (part) => Number.parseInt(part, 16));
}
