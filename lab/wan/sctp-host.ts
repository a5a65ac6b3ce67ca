// The SCTP of a host behind the link: INIT ACK or ABORT (RFC 9260 §5.1, §8.4; chunks §3.3), with its CRC32c (appendix A).
import { closeAnswer, headerBytesOf, type Paper } from "./answer.js";
import { type Arrival, SCTP } from "./arrival.js";
import { CLOSED, OPEN, type Population } from "./population.js";

const INIT = 1;
const ABORT = 6;
const COOKIE_ECHO = 10;
const COMMON_BYTES = 12;
/** INIT ACK: 20 bytes of it, and a state cookie of 8 with its head of 4. */
const INIT_ACK_BYTES = 32;
const OWN_TAG = 0x1ab0_1ab0;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ ((value & 1) === 0 ? 0 : 0x82f6_3b78);
  return value >>> 0;
});

/** CRC32c of bytes, as it stands in a packet: little-endian. */
function crc32c(bytes: Uint8Array, at: number, end: number): number {
  let value = -1;
  for (let index = at; index < end; index++) {
    value = (value >>> 8) ^ (TABLE[(value ^ (bytes[index] ?? 0)) & 255] ?? 0);
  }
  return ~value >>> 0;
}

function close(arrival: Arrival, hosts: Population, tag: number, paper: Paper, at: number, chunkBytes: number): number {
  const { view } = paper;
  const sctpAt = at + headerBytesOf(arrival);
  const bytes = COMMON_BYTES + chunkBytes;
  view.setUint16(sctpAt, arrival.targetPort);
  view.setUint16(sctpAt + 2, arrival.uint16(arrival.transportAt));
  view.setUint32(sctpAt + 4, tag);
  view.setUint32(sctpAt + 8, 0);
  view.setUint32(sctpAt + 8, crc32c(paper.bytes, sctpAt, sctpAt + bytes), true);
  return closeAnswer(arrival, SCTP, hosts.ttl, paper, at, bytes, -1);
}

function writeInitAck(arrival: Arrival, hosts: Population, tag: number, paper: Paper, at: number): number {
  const { view } = paper;
  const chunkAt = at + headerBytesOf(arrival) + COMMON_BYTES;
  view.setUint32(chunkAt, 0x0200_0000 | INIT_ACK_BYTES);
  view.setUint32(chunkAt + 4, OWN_TAG);
  view.setUint32(chunkAt + 8, 65_536); // receiver's window
  view.setUint32(chunkAt + 12, 0x000a_000a); // streams, out and in
  view.setUint32(chunkAt + 16, OWN_TAG); // first sequence number
  view.setUint32(chunkAt + 20, 0x0007_000c); // state cookie, 12 bytes
  view.setUint32(chunkAt + 24, OWN_TAG);
  view.setUint32(chunkAt + 28, OWN_TAG);
  return close(arrival, hosts, tag, paper, at, INIT_ACK_BYTES);
}

/** `reflected`: 1 where the tag is the sender's own (the T bit). */
function writeAbort(
  arrival: Arrival,
  hosts: Population,
  tag: number,
  reflected: number,
  paper: Paper,
  at: number,
): number {
  const chunkAt = at + headerBytesOf(arrival) + COMMON_BYTES;
  paper.view.setUint32(chunkAt, (ABORT << 24) | (reflected << 16) | 4);
  return close(arrival, hosts, tag, paper, at, 4);
}

/** True when the checksum is right: a host throws away the rest. */
function isSound(arrival: Arrival): boolean {
  const sumAt = arrival.transportAt + 8;
  const word = arrival.uint32(sumAt);
  const sent = ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
  arrival.bytes.fill(0, sumAt, sumAt + 4);
  return sent === crc32c(arrival.bytes, arrival.transportAt, arrival.end);
}

/** Writes what the host says to a packet with one chunk, and returns its bytes; 0 when it says nothing. */
export function answerSctp(arrival: Arrival, hosts: Population, code: number, paper: Paper, at: number): number {
  const chunkAt = arrival.transportAt + COMMON_BYTES;
  if ((code !== OPEN && code !== CLOSED) || arrival.end < chunkAt + 4 || !isSound(arrival)) return 0;
  const type = arrival.uint8(chunkAt);
  if (type === INIT && arrival.end >= chunkAt + 20) {
    const tag = arrival.uint32(chunkAt + 4);
    if (code === OPEN) return writeInitAck(arrival, hosts, tag, paper, at);
    return writeAbort(arrival, hosts, tag, 0, paper, at);
  }
  const isStray = code === CLOSED && type === COOKIE_ECHO; // a listener says nothing to a cookie that is not its own
  return isStray ? writeAbort(arrival, hosts, arrival.uint32(arrival.transportAt + 4), 1, paper, at) : 0;
}
