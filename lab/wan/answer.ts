// Writes the network header of an answer and closes it with its checksums (RFC 791, RFC 8200 §8.1).
import { foldChecksum, sumBytes } from "../../src/packet/checksum.js";
import { type Arrival, ICMP } from "./arrival.js";

/** Memory for answers, with a view on it. */
export interface Paper {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** The most bytes of an answer; what would be longer is not sent. */
export const ANSWER_BYTES_MAX = 256;

/** How long the network header of an answer is. */
export function headerBytesOf(arrival: Arrival): number {
  return arrival.family === 4 ? 20 : 40;
}

function copyAddress(arrival: Arrival, from: number, paper: Paper, to: number): void {
  for (let index = 0; index < arrival.addressBytes; index++) paper.bytes[to + index] = arrival.bytes[from + index] ?? 0;
}

function writeHeader(arrival: Arrival, protocol: number, ttl: number, paper: Paper, at: number, bytes: number): number {
  const { view } = paper;
  const isIpv4 = arrival.family === 4;
  if (isIpv4) {
    view.setUint16(at, 0x4500);
    view.setUint16(at + 2, bytes);
    view.setUint32(at + 4, 0x4000); // identification 0, do not fragment: as Linux answers
    view.setUint8(at + 8, ttl);
    view.setUint8(at + 9, protocol);
    view.setUint16(at + 10, 0);
  } else {
    view.setUint32(at, 0x6000_0000);
    view.setUint16(at + 4, bytes - 40);
    view.setUint8(at + 6, protocol);
    view.setUint8(at + 7, ttl);
  }
  const sourceAt = at + (isIpv4 ? 12 : 8);
  copyAddress(arrival, arrival.addressAt + arrival.addressBytes, paper, sourceAt);
  copyAddress(arrival, arrival.addressAt, paper, sourceAt + arrival.addressBytes);
  if (isIpv4) view.setUint16(at + 10, foldChecksum(sumBytes(paper.bytes, at, at + 20)));
  return sourceAt;
}

/** Gives a packet that is closed already an identification, or over IPv6 a flow label; no transport covers them. */
export function markAnswer(arrival: Arrival, mark: number, paper: Paper, at: number): void {
  const { bytes, view } = paper;
  if (arrival.family === 6) {
    view.setUint32(at, 0x6000_0000 | mark);
    return;
  }
  view.setUint16(at + 4, mark);
  view.setUint16(at + 10, 0);
  view.setUint16(at + 10, foldChecksum(sumBytes(bytes, at, at + 20)));
}

/**
 * Puts the header before the `transportBytes` that stand behind its place already, and the Internet checksum at
 * `checksumAt` (-1: the protocol has another one). Returns the bytes of the whole packet.
 */
export function closeAnswer(
  arrival: Arrival,
  protocol: number,
  ttl: number,
  paper: Paper,
  at: number,
  transportBytes: number,
  checksumAt: number,
): number {
  const transportAt = at + headerBytesOf(arrival);
  const bytes = transportAt - at + transportBytes;
  const sourceAt = writeHeader(arrival, protocol, ttl, paper, at, bytes);
  if (checksumAt < 0) return bytes;
  let sum = 0;
  if (protocol !== ICMP) {
    sum = sumBytes(paper.bytes, sourceAt, sourceAt + 2 * arrival.addressBytes) + protocol + transportBytes;
  }
  paper.view.setUint16(checksumAt, 0);
  paper.view.setUint16(checksumAt, foldChecksum(sumBytes(paper.bytes, transportAt, at + bytes, sum)));
  return bytes;
}
