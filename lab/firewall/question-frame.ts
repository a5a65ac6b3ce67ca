// Writes a question's packet as it is on the wire, with a number in it by which it is known again wherever it turns up: the
// identification of IPv4, the flow label of IPv6, the sequence numbers of TCP. RFC 791, 8200, 9293, 768, 792, 4443.

import type { QuestionPacket } from "../../src/firewall/packet-question.js";
import { foldChecksum, sumBytes } from "../../src/packet/checksum.js";
import { crc32c } from "../../src/packet/crc32c.js";
import type { Address } from "../../src/target/address.js";

const FLAG_BITS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;
const IP4_BYTES = 20;
const IP6_BYTES = 40;
/** What a payload holds: enough for ports of any protocol. */
const PAYLOAD_BYTES = 8;

/** The address in network byte order. */
export function addressBytes(address: Address): Uint8Array {
  if (address.family === 6) return address.bytes;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address.value);
  return bytes;
}

/** The datagram from its IP header on. `quoted`: what an ICMP error quotes. */
export function questionDatagram(packet: QuestionPacket, tag: number, quoted?: Uint8Array): Buffer {
  const body = transportBytes(packet, tag, quoted);
  const source = addressBytes(packet.source);
  const destination = addressBytes(packet.destination);
  const checksumAt = checksumPlace(packet.protocol);
  if (checksumAt >= 0) writeChecksum(body, checksumAt, packet.protocol, source, destination);
  const header =
    packet.source.family === 4 ? ipv4Header(packet, tag, body.length) : ipv6Header(packet, tag, body.length);
  return Buffer.concat([header, body]);
}

function ipv4Header(packet: QuestionPacket, tag: number, bodyBytes: number): Buffer {
  const header = Buffer.alloc(IP4_BYTES);
  header[0] = 0x45;
  header[1] = packet.dscp << 2;
  header.writeUInt16BE(IP4_BYTES + bodyBytes, 2);
  header.writeUInt16BE(tag, 4);
  header[8] = packet.ttl;
  header[9] = packet.protocol;
  header.set(addressBytes(packet.source), 12);
  header.set(addressBytes(packet.destination), 16);
  header.writeUInt16BE(foldChecksum(sumBytes(header, 0, IP4_BYTES)), 10);
  return header;
}

function ipv6Header(packet: QuestionPacket, tag: number, bodyBytes: number): Buffer {
  const header = Buffer.alloc(IP6_BYTES);
  header.writeUInt32BE(((6 << 28) | (packet.dscp << 22) | tag) >>> 0, 0);
  header.writeUInt16BE(bodyBytes, 4);
  header[6] = packet.protocol;
  header[7] = packet.ttl;
  header.set(addressBytes(packet.source), 8);
  header.set(addressBytes(packet.destination), 24);
  return header;
}

function transportBytes(packet: QuestionPacket, tag: number, quoted: Uint8Array | undefined): Buffer {
  switch (packet.protocol) {
    case 6:
      return tcpBytes(packet, tag);
    case 17:
    case 136:
      return udpBytes(packet);
    case 1:
    case 58:
      return icmpBytes(packet, tag, quoted);
    case 132:
      return sctpBytes(packet, tag);
    default:
      return Buffer.alloc(16 + PAYLOAD_BYTES); // of GRE: a header without key, version 0
  }
}

/** An INIT chunk: what begins an association (RFC 9260 §3.3.2). */
function sctpBytes({ sourcePort, destinationPort }: QuestionPacket, tag: number): Buffer {
  const body = Buffer.alloc(32);
  body.writeUInt16BE(sourcePort, 0);
  body.writeUInt16BE(destinationPort, 2);
  body.writeUInt8(1, 12);
  body.writeUInt16BE(20, 14);
  body.writeUInt32BE(tag, 16);
  body.writeUInt32LE(crc32c(body, 0, body.length) >>> 0, 8);
  return body;
}

function tcpBytes({ sourcePort, destinationPort, flags }: QuestionPacket, tag: number): Buffer {
  const body = Buffer.alloc(20);
  body.writeUInt16BE(sourcePort, 0);
  body.writeUInt16BE(destinationPort, 2);
  body.writeUInt32BE((tag << 8) >>> 0, 4);
  body.writeUInt32BE(flags.includes("ack") ? (tag << 8) >>> 0 : 0, 8);
  body[12] = 5 << 4;
  body[13] = flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
  body.writeUInt16BE(1024, 14);
  return body;
}

function udpBytes({ sourcePort, destinationPort }: QuestionPacket): Buffer {
  const body = Buffer.alloc(8 + PAYLOAD_BYTES);
  body.writeUInt16BE(sourcePort, 0);
  body.writeUInt16BE(destinationPort, 2);
  body.writeUInt16BE(body.length, 4);
  return body;
}

function icmpBytes(
  { icmpType, icmpCode }: QuestionPacket,
  tag: number,
  quoted: Uint8Array = new Uint8Array(32),
): Buffer {
  const body = Buffer.alloc(8 + quoted.length);
  body[0] = icmpType;
  body[1] = icmpCode;
  if (quoted.every((byte) => byte === 0)) body.writeUInt16BE(tag, 4); // the identifier of an echo
  body.set(quoted, 8);
  return body;
}

function checksumPlace(protocol: number): number {
  return { 1: 2, 6: 16, 17: 6, 58: 2, 136: 6 }[protocol] ?? -1;
}

function writeChecksum(body: Buffer, at: number, protocol: number, source: Uint8Array, destination: Uint8Array): void {
  let sum = 0;
  if (protocol !== 1) {
    const pseudo = Buffer.concat([source, destination, Buffer.from([0, 0, 0, 0, 0, 0, 0, protocol])]);
    pseudo.writeUInt32BE(body.length, pseudo.length - 8);
    sum = sumBytes(pseudo, 0, pseudo.length);
  }
  body.writeUInt16BE(foldChecksum(sumBytes(body, 0, body.length, sum)) || 0xffff, at);
}
