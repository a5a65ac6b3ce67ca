// A probe's network header as a host of these tests reads it, of either family. An IPv6 address stands for the IPv4 host
// whose address its last 32 bits are: both families reach the same hosts.
import { readUint32, writeUint32 } from "../packet/bytes.js";
import { sumBytes } from "../packet/checksum.js";
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { createIpv4View, readIpv4 } from "../packet/ipv4.js";
import { createIpv6View, IPV6_ADDRESS_BYTES, readIpv6 } from "../packet/ipv6.js";
import { READ_OK } from "../packet/read-fault.js";
import { addressSumAt } from "../technique/datagram.js";

const WORD_AT = IPV6_ADDRESS_BYTES - 4;
/** fd00::/96. */
const PREFIX: Uint8Array = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** A datagram taken apart. */
export interface Datagram {
  readonly family: 4 | 6;
  readonly etherType: number;
  readonly frame: Uint8Array;
  readonly ttl: number;
  readonly protocol: number;
  /** The addresses as packets have them. */
  readonly source: number | Uint8Array;
  readonly target: number | Uint8Array;
  /** The same as the hosts of these tests are called. */
  readonly ownNumber: number;
  readonly hostNumber: number;
  readonly at: number;
  readonly end: number;
  /** The partial sum of both addresses. */
  readonly addressSum: number;
}

/** The IPv6 address of a host. */
export function ipv6Of(address: number): Uint8Array {
  const bytes = PREFIX.slice();
  writeUint32(bytes, WORD_AT, address);
  return bytes;
}

/** Whose address these bytes are. */
export function numberOfIpv6(bytes: Uint8Array, at: number = 0): number {
  return readUint32(bytes, at + WORD_AT);
}

/** An address of the same family as the datagram's. */
export function addressLike(datagram: Datagram, address: number): number | Uint8Array {
  return datagram.family === 4 ? address : ipv6Of(address);
}

/** Throws when bytes are not what a host could read: a fault of the probe, not of the network. */
export function mustBeOk(result: number, what: string): void {
  if (result !== READ_OK) throw new Error(`a probe that is no good ${what}: fault ${result}`);
}

/** Throws when a checksum is not good. */
export function mustBeGood(isGood: boolean, what: string): void {
  if (!isGood) throw new Error(`a bad ${what} checksum`);
}

/** Takes a probe's datagram apart. */
export function readDatagram(frame: Uint8Array, etherType: number): Datagram {
  const datagram = etherType === ETHER_TYPE_IPV4 ? readFamily4(frame) : readFamily6(frame, etherType);
  if (datagram.end !== frame.length) throw new Error("a probe with bytes behind its datagram");
  return datagram;
}

function readFamily4(frame: Uint8Array): Datagram {
  const ip = createIpv4View();
  mustBeOk(readIpv4(frame, 0, frame.length, ip), "IPv4");
  const { source, target, ttl, protocol, payloadAt, payloadEnd } = ip;
  return {
    family: 4,
    etherType: ETHER_TYPE_IPV4,
    frame,
    ttl,
    protocol,
    source,
    target,
    ownNumber: source,
    hostNumber: target,
    at: payloadAt,
    end: payloadEnd,
    addressSum: sumBytes(frame, 12, 20),
  };
}

function readFamily6(frame: Uint8Array, etherType: number): Datagram {
  if (etherType !== ETHER_TYPE_IPV6) throw new Error(`a frame of type ${etherType}`);
  const ip = createIpv6View();
  mustBeOk(readIpv6(frame, 0, frame.length, ip), "IPv6");
  const { sourceAt, targetAt, hopLimit, protocol, payloadAt, payloadEnd } = ip;
  return {
    family: 6,
    etherType,
    frame,
    ttl: hopLimit,
    protocol,
    source: frame.slice(sourceAt, sourceAt + IPV6_ADDRESS_BYTES),
    target: frame.slice(targetAt, targetAt + IPV6_ADDRESS_BYTES),
    ownNumber: numberOfIpv6(frame, sourceAt),
    hostNumber: numberOfIpv6(frame, targetAt),
    at: payloadAt,
    end: payloadEnd,
    addressSum: addressSumAt(frame, 0, 6),
  };
}
