// What the ICMP queries share: identifier and sequence number together carry the cookie and the try.
import type { Reason } from "../model/reason.js";
import { PROTOCOL_ICMP, writeIpv4 } from "../packet/ipv4.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import type { FrameView } from "./frame-view.js";
import type { Answer, ProbeSlot } from "./technique.js";
import { answerFromError } from "./unreachable.js";

const TTL = 64;
const TRY_BITS = TRIES_MAX - 1;

const ipv4Fields = {
  identification: 0,
  dontFragment: true,
  ttl: TTL,
  protocol: PROTOCOL_ICMP,
  source: 0,
  target: 0,
  payloadBytes: 0,
};

/** The 28 bits that an answer must bring back, with the try in the lowest four bits of the sequence number. */
export function icmpCookie(cookies: Cookies, type: number, address: number, tryIndex: number): number {
  return ((cookies.of(address, 0, type) & ~TRY_BITS) | tryIndex) >>> 0;
}

/** Writes the IPv4 header in front of a query of this length. Returns the datagram's length in bytes. */
export function writeIcmpHeader(out: Uint8Array, at: number, probe: ProbeSlot, icmpBytes: number): number {
  ipv4Fields.source = probe.sourceAddress;
  ipv4Fields.target = probe.targetAddress;
  ipv4Fields.payloadBytes = icmpBytes;
  return writeIpv4(ipv4Fields, out, at) + icmpBytes;
}

/** Reads a reply of `replyType`, or an error about a query of `queryType`; true when the cookie is ours. */
export function readIcmpAnswer(
  frame: FrameView,
  cookies: Cookies,
  queryType: number,
  replyType: number,
  reason: Reason,
  answer: Answer,
): boolean {
  const isQuote = frame.kind === "icmp-quote" && frame.quotedIcmp.type === queryType;
  if (!isQuote && (frame.kind !== "icmp" || frame.icmp.type !== replyType)) return false;
  const { identifier, sequence } = isQuote ? frame.quotedIcmp : frame.icmp;
  const address = isQuote ? frame.quotedIp.target : frame.ip.source;
  const tryIndex = sequence & TRY_BITS;
  if (((identifier << 16) | sequence) >>> 0 !== icmpCookie(cookies, queryType, address, tryIndex)) return false;
  answer.port = 0;
  answer.tryIndex = tryIndex;
  if (isQuote) {
    answer.outcome = "down";
    return answerFromError(frame, answer);
  }
  answer.outcome = "up";
  answer.reason = reason;
  answer.address = address;
  answer.responder = 0;
  answer.ttl = frame.ip.ttl;
  return true;
}
