// The TCP of a host behind the link, without memory: RFC 9293 §3.10.7.1 (closed) and §3.10.7.2 (listen). The initial
// sequence number is a hash of both ends, so that a later segment tells by itself whether it belongs to a connection.
import { closeAnswer, headerBytesOf, markAnswer, type Paper } from "./answer.js";
import { type Arrival, TCP } from "./arrival.js";
import { CLOSED, IMPOSTOR, OPEN, type Population } from "./population.js";

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;
const WINDOW = 64_240;
/** Of Ethernet: 1500 - 40. */
const SEGMENT_BYTES = 1460;

/** A number for a pair of addresses and ports, the same for every segment of a connection from the scanner. */
export function connectionHash(arrival: Arrival, salt: number): number {
  let hash = salt;
  const end = arrival.addressAt + 2 * arrival.addressBytes;
  for (let at = arrival.addressAt; at < end; at += 4) hash = mix(hash, arrival.uint32(at));
  return mix(hash, arrival.uint32(arrival.transportAt));
}

function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x85eb_ca6b);
  return Math.imul(product ^ (product >>> 15), 0x27d4_eb2f) ^ (product >>> 13);
}

/** True for the first segment of a connection. */
export function isSyn(arrival: Arrival): boolean {
  return (arrival.uint8(arrival.transportAt + 13) & (SYN | RST | ACK)) === SYN;
}

/** True for what a half-open connection waits for: an acknowledgement or an end. */
export function isAckOrRst(arrival: Arrival): boolean {
  return (arrival.uint8(arrival.transportAt + 13) & (RST | ACK)) !== 0;
}

function writeSegment(
  arrival: Arrival,
  flags: number,
  sequence: number,
  acknowledged: number,
  ttl: number,
  paper: Paper,
  at: number,
): number {
  const { view } = paper;
  const tcpAt = at + headerBytesOf(arrival);
  const hasOption = (flags & SYN) !== 0;
  view.setUint16(tcpAt, arrival.targetPort);
  view.setUint16(tcpAt + 2, arrival.uint16(arrival.transportAt));
  view.setUint32(tcpAt + 4, sequence);
  view.setUint32(tcpAt + 8, acknowledged);
  view.setUint8(tcpAt + 12, hasOption ? 0x60 : 0x50);
  view.setUint8(tcpAt + 13, flags);
  view.setUint16(tcpAt + 14, (flags & RST) === 0 ? WINDOW : 0);
  view.setUint32(tcpAt + 16, 0);
  if (hasOption) view.setUint32(tcpAt + 20, 0x0204_0000 | SEGMENT_BYTES);
  return closeAnswer(arrival, TCP, ttl, paper, at, hasOption ? 24 : 20, tcpAt + 16);
}

function writeReset(arrival: Arrival, ttl: number, paper: Paper, at: number): number {
  const tcpAt = arrival.transportAt;
  const flags = arrival.uint8(tcpAt + 13);
  const acknowledged = arrival.uint32(tcpAt + 8);
  if ((flags & ACK) !== 0) return writeSegment(arrival, RST, acknowledged, 0, ttl, paper, at);
  return writeSegment(arrival, RST | ACK, 0, nextSequence(arrival), ttl, paper, at);
}

function writeImpostorReset(arrival: Arrival, hosts: Population, paper: Paper, at: number): number {
  const tcpAt = at + headerBytesOf(arrival);
  writeReset(arrival, hosts.impostorTtl, paper, at);
  paper.view.setUint16(tcpAt + 14, hosts.impostorWindow);
  return closeAnswer(arrival, TCP, hosts.impostorTtl, paper, at, 20, tcpAt + 16);
}

/** The old systems that nmap's -sW and -sM were made for (nmap reference guide): the window stays in, a FIN is dropped. */
function writeBsdReset(arrival: Arrival, ttl: number, paper: Paper, at: number): number {
  const { view } = paper;
  if ((arrival.uint8(arrival.transportAt + 13) & FIN) !== 0) return 0;
  const tcpAt = at + headerBytesOf(arrival);
  writeReset(arrival, ttl, paper, at);
  view.setUint16(tcpAt + 14, WINDOW);
  return closeAnswer(arrival, TCP, ttl, paper, at, 20, tcpAt + 16);
}

/** The sequence number behind all that the segment holds. */
function nextSequence(arrival: Arrival): number {
  const tcpAt = arrival.transportAt;
  const flags = arrival.uint8(tcpAt + 13);
  const payloadBytes = Math.max(0, arrival.end - tcpAt - (arrival.uint8(tcpAt + 12) >> 4) * 4);
  const controls = ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1);
  return (arrival.uint32(tcpAt + 4) + payloadBytes + controls) >>> 0;
}

/** What a listener says to a segment that carries an acknowledgement. */
function answerInConnection(arrival: Arrival, hosts: Population, initial: number, paper: Paper, at: number): number {
  const { ttl, isBsd } = hosts;
  const tcpAt = arrival.transportAt;
  const acknowledged = arrival.uint32(tcpAt + 8);
  const taken = (acknowledged - initial) >>> 0; // 1: our SYN; 2: our FIN as well
  if (taken !== 1 && taken !== 2) return (isBsd ? writeBsdReset : writeReset)(arrival, ttl, paper, at);
  const next = nextSequence(arrival);
  if (next === arrival.uint32(tcpAt + 4)) return 0;
  const isEnd = (arrival.uint8(tcpAt + 13) & FIN) !== 0;
  return writeSegment(arrival, isEnd ? FIN | ACK : ACK, acknowledged, next, ttl, paper, at);
}

/** Writes what the host says to a segment, and returns its bytes; 0 when it says nothing. */
export function answerTcp(arrival: Arrival, hosts: Population, code: number, paper: Paper, at: number): number {
  const bytes = answerByCode(arrival, hosts, code, paper, at);
  if (bytes > 0 && hosts.hasMarks && code !== IMPOSTOR) markAnswer(arrival, hosts.nextMark(), paper, at);
  return bytes;
}

function answerByCode(arrival: Arrival, hosts: Population, code: number, paper: Paper, at: number): number {
  const flags = arrival.uint8(arrival.transportAt + 13);
  if ((flags & RST) !== 0) return 0;
  if (code === CLOSED) return writeReset(arrival, hosts.ttl, paper, at);
  if (code === IMPOSTOR) return writeImpostorReset(arrival, hosts, paper, at);
  if (code !== OPEN) return 0;
  const initial = connectionHash(arrival, 0x1515_2a2a) >>> 0;
  if ((flags & ACK) !== 0) return answerInConnection(arrival, hosts, initial, paper, at);
  if ((flags & SYN) === 0) return 0;
  const next = (arrival.uint32(arrival.transportAt + 4) + 1) >>> 0;
  return writeSegment(arrival, SYN | ACK, initial, next, hosts.ttl, paper, at);
}
