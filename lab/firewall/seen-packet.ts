// Reads what came of a packet: its number, its addresses as they are now, and of an answer what it answers.
import type { RejectWith } from "../../src/firewall/statement.js";
import { type Address, formatAddress } from "../../src/target/address.js";

/** A datagram of ours, or an answer to one. */
export interface SeenPacket {
  /** The number of the question. */
  readonly tag: number;
  readonly kind: "own" | "reject";
  /** Of a datagram of ours: its protocol, and the first byte behind the header, which is ICMP's type. */
  readonly protocol?: number;
  readonly firstByte?: number;
  /** Of an answer: its kind. */
  readonly with?: RejectWith;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

const ICMP4: Readonly<Record<string, RejectWith>> = {
  "3,0": "icmp-net-unreachable",
  "3,1": "icmp-host-unreachable",
  "3,2": "icmp-proto-unreachable",
  "3,3": "icmp-port-unreachable",
  "3,9": "icmp-net-prohibited",
  "3,10": "icmp-host-prohibited",
  "3,13": "icmp-admin-prohibited",
};
const ICMP6: Readonly<Record<string, RejectWith>> = {
  "1,0": "icmp6-no-route",
  "1,1": "icmp6-admin-prohibited",
  "1,3": "icmp6-addr-unreachable",
  "1,4": "icmp6-port-unreachable",
  "1,5": "icmp6-policy-fail",
  "1,6": "icmp6-reject-route",
};
const HAS_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

interface Datagram {
  readonly bytes: Buffer;
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly bodyAt: number;
  readonly tag: number;
}

function readDatagram(bytes: Buffer): Datagram | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4 && bytes.length >= 20) {
    const bodyAt = ((bytes[0] ?? 0) & 15) * 4;
    return { bytes, family: 4, protocol: bytes[9] ?? 0, bodyAt, tag: bytes.readUInt16BE(4) };
  }
  if (version !== 6 || bytes.length < 40) return undefined;
  return { bytes, family: 6, protocol: bytes[6] ?? 0, bodyAt: 40, tag: bytes.readUInt32BE(0) & 0xf_ffff };
}

/** The datagram of that number if it is ours, or the refusal of one; undefined for what else is on a link. */
export function seenPacket(bytes: Buffer, isOurs: (tag: number) => boolean): SeenPacket | undefined {
  const datagram = readDatagram(bytes);
  if (datagram === undefined) return undefined;
  const answer = refusalOf(datagram);
  if (answer !== undefined && isOurs(answer.tag)) return { ...answer, kind: "reject", ...endsOf(datagram) };
  if (!isOurs(datagram.tag)) return undefined;
  const { protocol, bodyAt } = datagram;
  return { tag: datagram.tag, kind: "own", protocol, firstByte: bytes[bodyAt] ?? 0, ...endsOf(datagram) };
}

/** The number and protocol of the datagram that a header belongs to. */
export function headerOf(bytes: Buffer): { readonly tag: number; readonly protocol: number } | undefined {
  return readDatagram(bytes);
}

function refusalOf(datagram: Datagram): { tag: number; with: RejectWith } | undefined {
  const { protocol, family } = datagram;
  if (protocol === 6) return resetOf(datagram);
  const isError = (protocol === 1 && family === 4) || (protocol === 58 && family === 6);
  return isError ? errorOf(datagram) : undefined;
}

function errorOf({ bytes, bodyAt, family, tag }: Datagram): { tag: number; with: RejectWith } | undefined {
  if (bytes.length <= bodyAt + 8) return undefined;
  const refusal = (family === 4 ? ICMP4 : ICMP6)[`${bytes[bodyAt]},${bytes[bodyAt + 1]}`];
  const quoted = readDatagram(bytes.subarray(bodyAt + 8));
  // An error of ours quotes a datagram that has its own number.
  return refusal === undefined || quoted === undefined || quoted.tag === tag
    ? undefined
    : { tag: quoted.tag, with: refusal };
}

/** What was asked carried its number in its sequence and, with ACK, in its acknowledgement (RFC 9293 §3.10.7.1). */
function resetOf({ bytes, bodyAt, tag }: Datagram): { tag: number; with: RejectWith } | undefined {
  const flags = bytes[bodyAt + 13] ?? 0;
  if (bytes.length < bodyAt + 20 || (flags & 4) === 0 || tag !== 0) return undefined;
  return { tag: bytes.readUInt32BE(bodyAt + ((flags & 16) === 0 ? 4 : 8)) >>> 8, with: "tcp-reset" };
}

function endsOf({ bytes, family, protocol, bodyAt }: Datagram) {
  const hasPorts = HAS_PORTS.has(protocol) && bytes.length >= bodyAt + 4;
  const at = family === 4 ? [12, 16] : [8, 24];
  const addressAt = (from: number): string => formatAddress(addressOf(bytes, from, family));
  return {
    source: addressAt(at[0] ?? 0),
    destination: addressAt(at[1] ?? 0),
    sourcePort: hasPorts ? bytes.readUInt16BE(bodyAt) : 0,
    destinationPort: hasPorts ? bytes.readUInt16BE(bodyAt + 2) : 0,
  };
}

function addressOf(bytes: Buffer, at: number, family: 4 | 6): Address {
  if (family === 4) return { family, value: bytes.readUInt32BE(at) };
  return { family, bytes: Uint8Array.from(bytes.subarray(at, at + 16)) };
}
