// UDP, echo and ICMP errors of a host behind the link: RFC 768, RFC 792, RFC 4443 §3.1 and §4.2.
import { ANSWER_BYTES_MAX, closeAnswer, headerBytesOf, type Paper } from "./answer.js";
import { type Arrival, ICMP, ICMPV6, UDP } from "./arrival.js";
import type { Population } from "./population.js";

/** What every UDP service says to everything. */
const GREETING: Uint8Array = Uint8Array.from([0x6c, 0x61, 0x62, 0x0a]);
const ECHO_REQUEST = 8;
const ECHO_REQUEST_V6 = 128;
const MASK_REQUEST = 17;
/** Of a /16. */
const MASK = 0xffff_0000;

/** The reasons of an ICMP error, as numbers of IPv4: unreachable are a protocol (2) and a port (3). */
export const PROTOCOL_UNREACHABLE = 2;
export const PORT_UNREACHABLE = 3;

/** True for "are you there?". */
export function isEchoRequest(arrival: Arrival): boolean {
  const type = arrival.uint8(arrival.transportAt);
  return arrival.family === 4 ? type === ECHO_REQUEST : type === ECHO_REQUEST_V6;
}

/** True for "what is your network's mask?" (RFC 950 appendix I), 12 bytes of IPv4 alone. */
export function isMaskRequest(arrival: Arrival): boolean {
  const isLong = arrival.end - arrival.transportAt >= 12;
  return arrival.family === 4 && isLong && arrival.uint8(arrival.transportAt) === MASK_REQUEST;
}

function copy(arrival: Arrival, from: number, count: number, paper: Paper, to: number): void {
  for (let index = 0; index < count; index++) paper.bytes[to + index] = arrival.bytes[from + index] ?? 0;
}

/** Echoes all that was sent; 0 when that is too long. */
export function answerEcho(arrival: Arrival, hosts: Population, paper: Paper, at: number): number {
  const bodyAt = at + headerBytesOf(arrival);
  const bytes = arrival.end - arrival.transportAt;
  if (bodyAt - at + bytes > ANSWER_BYTES_MAX) return 0;
  copy(arrival, arrival.transportAt, bytes, paper, bodyAt);
  const isIpv4 = arrival.family === 4;
  paper.view.setUint8(bodyAt, isIpv4 ? 0 : ECHO_REQUEST_V6 + 1);
  return closeAnswer(arrival, isIpv4 ? ICMP : ICMPV6, hosts.ttl, paper, at, bytes, bodyAt + 2);
}

/** Tells the mask. */
export function answerMask(arrival: Arrival, hosts: Population, paper: Paper, at: number): number {
  const bodyAt = at + headerBytesOf(arrival);
  copy(arrival, arrival.transportAt, 12, paper, bodyAt);
  paper.view.setUint8(bodyAt, MASK_REQUEST + 1);
  paper.view.setUint32(bodyAt + 8, MASK);
  return closeAnswer(arrival, ICMP, hosts.ttl, paper, at, 12, bodyAt + 2);
}

/** A datagram from a service. */
export function answerUdp(arrival: Arrival, hosts: Population, paper: Paper, at: number): number {
  const udpAt = at + headerBytesOf(arrival);
  const bytes = 8 + GREETING.length;
  paper.view.setUint16(udpAt, arrival.targetPort);
  paper.view.setUint16(udpAt + 2, arrival.uint16(arrival.transportAt));
  paper.view.setUint16(udpAt + 4, bytes);
  paper.bytes.set(GREETING, udpAt + 8);
  return closeAnswer(arrival, UDP, hosts.ttl, paper, at, bytes, udpAt + 6);
}

/** ICMPv6 has no error for a protocol: it points at the field with the unknown number (type 4, code 1). */
function writeErrorHead(arrival: Arrival, reason: number, paper: Paper, errorAt: number): void {
  const { view } = paper;
  view.setUint32(errorAt + 4, 0);
  if (arrival.family === 4) {
    view.setUint32(errorAt, 0x0300_0000 | (reason << 16));
  } else if (reason === PORT_UNREACHABLE) {
    view.setUint32(errorAt, 0x0104_0000);
  } else {
    view.setUint32(errorAt, 0x0401_0000);
    view.setUint32(errorAt + 4, 6); // where the next header stands in the IPv6 header
  }
}

function quote(arrival: Arrival, paper: Paper, at: number, errorAt: number): number {
  const quoted = Math.min(arrival.end, ANSWER_BYTES_MAX - (errorAt - at) - 8);
  copy(arrival, 0, quoted, paper, errorAt + 8);
  return quoted;
}

/** An error that quotes as much of the datagram as there is room for. */
export function answerError(arrival: Arrival, hosts: Population, reason: number, paper: Paper, at: number): number {
  const errorAt = at + headerBytesOf(arrival);
  writeErrorHead(arrival, reason, paper, errorAt);
  const quoted = quote(arrival, paper, at, errorAt);
  const protocol = arrival.family === 4 ? ICMP : ICMPV6;
  return closeAnswer(arrival, protocol, hosts.ttl, paper, at, 8 + quoted, errorAt + 2);
}

/** What the router says with which the time to live ends (RFC 792; RFC 4443 §3.3). The arrival is spent by it. */
export function answerExpired(arrival: Arrival, router: Uint8Array, ttl: number, paper: Paper, at: number): number {
  const errorAt = at + headerBytesOf(arrival);
  const isIpv4 = arrival.family === 4;
  paper.view.setUint32(errorAt, isIpv4 ? 0x0b00_0000 : 0x0300_0000);
  paper.view.setUint32(errorAt + 4, 0);
  const quoted = quote(arrival, paper, at, errorAt);
  arrival.bytes.set(router, arrival.addressAt + arrival.addressBytes); // an answer comes from where the packet went
  return closeAnswer(arrival, isIpv4 ? ICMP : ICMPV6, ttl, paper, at, 8 + quoted, errorAt + 2);
}
