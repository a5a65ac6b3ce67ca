// What both SCTP techniques share: ports and verification tag in the common header, and ICMP errors about it (RFC 9260).
// The cookie is the tag that a reply must bring; an error's quote has the ports, and the tag or the network header's mark.
import type { ReceiveWish } from "../linux/bpf.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import { isMarkQuoted } from "./datagram.js";
import type { FrameView } from "./frame-view.js";
import type { Answer } from "./technique.js";
import { answerFromError, ERROR_TYPES, ERROR_TYPES_IPV6 } from "./unreachable.js";

/** Packets that come back to the lane's source ports, and errors. */
export function sctpWishes(cookies: Cookies, lane: number): readonly ReceiveWish[] {
  return [
    { kind: "sctp", firstPort: cookies.sourcePort(lane, 0), portCount: TRIES_MAX },
    { kind: "icmpv4", types: ERROR_TYPES },
    { kind: "icmpv6", types: ERROR_TYPES_IPV6 },
  ];
}

/** What keeps the lane's tries apart. */
export function sctpSalt(lane: number, tryIndex: number): number {
  return (lane << 8) | tryIndex;
}

/** The lane's tag for this host, port and try; never 0, which RFC 9260 §3.3.2 forbids. */
export function sctpTag(cookies: Cookies, lane: number, key: number, port: number, tryIndex: number): number {
  return cookies.of(key, port, sctpSalt(lane, tryIndex)) >>> 0 || 1;
}

/** Which try of the lane this packet answers, by port and tag; -1 for none. */
export function sctpTryOf(frame: FrameView, cookies: Cookies, lane: number): number {
  const { sourcePort, targetPort, verificationTag } = frame.sctp;
  const tryIndex = cookies.tryOf(lane, targetPort);
  if (tryIndex < 0) return -1;
  return verificationTag === sctpTag(cookies, lane, frame.peerKey, sourcePort, tryIndex) ? tryIndex : -1;
}

/** Fills in a proven answer that came from the host itself. */
export function fillSctpAnswer(frame: FrameView, tryIndex: number, answer: Answer): void {
  answer.key = frame.peerKey;
  answer.port = frame.sctp.sourcePort;
  answer.tryIndex = tryIndex;
  answer.responder = undefined;
  answer.ttl = frame.ttl;
  answer.window = -1;
}

/**
 * Reads an ICMP error about a packet of this lane. A COOKIE ECHO has the tag among the 8 bytes that every error quotes; an
 * INIT has it behind them, where many systems do not stop quoting (RFC 1812 §4.3.2.3), and else its mark must do.
 */
export function readSctpError(
  frame: FrameView,
  cookies: Cookies,
  lane: number,
  isInit: boolean,
  answer: Answer,
): boolean {
  if (frame.kind !== "sctp-quote") return false;
  const { sourcePort, targetPort, verificationTag, initiateTag } = frame.sctp;
  const tryIndex = cookies.tryOf(lane, sourcePort);
  if (tryIndex < 0) return false;
  const quotedTag = isInit ? initiateTag : verificationTag;
  if (quotedTag !== sctpTag(cookies, lane, frame.peerKey, targetPort, tryIndex)) {
    if (!isInit || quotedTag !== 0) return false;
    if (!isMarkQuoted(frame, cookies, targetPort, sctpSalt(lane, tryIndex))) return false;
  }
  answer.port = targetPort;
  answer.tryIndex = tryIndex;
  return answerFromError(frame, "filtered", answer);
}
