// Bits at a place of the packet (nft(8), "RAW PAYLOAD EXPRESSION"), as far as the question tells what stands there.
import type { Field } from "../expression.js";
import { type FieldReader, type Reading, UNKNOWN } from "./reading.js";
import type { WalkAddress } from "./walk-address.js";
import { ICMP, ICMPV6, TCP, type WalkState } from "./walk-state.js";

/** A header as far as it is known; undefined for bytes that the question does not tell. */
type KnownBytes = readonly (number | undefined)[];

/** More bits than this are no number any more. */
const NUMBER_BITS = 48;

/** Where a fragment belongs: a whole packet has no offset. */
const OFFSET_AT = 51;
const OFFSET_BITS = 13;

/** The reader of so many bits at a place. */
export function rawPayloadReader({
  base,
  offsetBits,
  lengthBits,
}: Field & { readonly kind: "raw-payload" }): FieldReader {
  return (state) => {
    if (base === "ll" || base === "ih") return UNKNOWN;
    if (base === "nh" && state.family === 4 && offsetBits === OFFSET_AT && lengthBits === OFFSET_BITS) return 0;
    const bytes = base === "nh" ? networkHeader(state) : transportHeader(state);
    return bitsOf(bytes, offsetBits, lengthBits);
  };
}

function bitsOf(bytes: KnownBytes, offsetBits: number, lengthBits: number): Reading {
  const last = Math.floor((offsetBits + lengthBits - 1) / 8);
  let value = 0n;
  for (let at = Math.floor(offsetBits / 8); at <= last; at++) {
    const byte = bytes[at];
    if (byte === undefined) return UNKNOWN;
    value = (value << 8n) | BigInt(byte);
  }
  const below = BigInt((last + 1) * 8 - offsetBits - lengthBits);
  const wanted = (value >> below) & ((1n << BigInt(lengthBits)) - 1n);
  return lengthBits > NUMBER_BITS ? wanted : Number(wanted);
}

function networkHeader(state: WalkState): KnownBytes {
  const { trafficClass, ttl, protocol, source, destination } = state;
  const ends = [...addressBytes(source), ...addressBytes(destination)];
  if (state.family === 6) {
    // The rest of the second byte is the flow label's, which nobody tells.
    return [0x60 | (trafficClass >> 4), undefined, undefined, undefined, undefined, undefined, protocol, ttl, ...ends];
  }
  const unknown = new Array<undefined>(6).fill(undefined); // length, identification, fragment
  return [0x45, trafficClass, ...unknown, ttl, protocol, undefined, undefined, ...ends];
}

function transportHeader(state: WalkState): KnownBytes {
  const { protocol, packet, sourcePort, destinationPort, hasPorts, tcpFlags } = state;
  if (protocol === ICMP || protocol === ICMPV6) return [packet.icmpType, packet.icmpCode];
  if (!hasPorts) return [];
  const ports = [
    ...(state.isSourcePortOpen ? [undefined, undefined] : [sourcePort >> 8, sourcePort & 255]),
    ...(state.isDestinationPortOpen ? [undefined, undefined] : [destinationPort >> 8, destinationPort & 255]),
  ];
  const upToFlags = new Array<undefined>(9).fill(undefined);
  return protocol === TCP ? [...ports, ...upToFlags, tcpFlags] : ports;
}

function addressBytes(address: WalkAddress): readonly number[] {
  const count = typeof address === "number" ? 4 : 16;
  const value = BigInt(address);
  return Array.from({ length: count }, (_none, at) => Number((value >> BigInt((count - 1 - at) * 8)) & 255n));
}
