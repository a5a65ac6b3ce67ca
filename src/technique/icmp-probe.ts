// What the ICMP queries share: identifier and sequence number together carry the cookie and the try.
import type { ReceiveWish } from "../linux/bpf.js";
import type { Reason } from "../model/reason.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import type { FrameView } from "./frame-view.js";
import type { Answer } from "./technique.js";
import { answerFromError, ERROR_TYPES, ERROR_TYPES_IPV6 } from "./unreachable.js";

const TRY_BITS = TRIES_MAX - 1;
/** Above all salts of lanes: a query's cookie is none of another technique's probe to port 0. */
const SALT = 0xff00;

/** The 28 bits that an answer must bring back, with the try in the lowest four bits of the sequence number. */
export function icmpCookie(cookies: Cookies, type: number, key: number, tryIndex: number): number {
  return ((cookies.of(key, 0, SALT | type) & ~TRY_BITS) | tryIndex) >>> 0;
}

/** Replies of this type, and errors. */
export function icmpWishes(replyType: number, replyTypeIpv6?: number): readonly ReceiveWish[] {
  const ipv6Types = replyTypeIpv6 === undefined ? ERROR_TYPES_IPV6 : [replyTypeIpv6, ...ERROR_TYPES_IPV6];
  return [
    { kind: "icmpv4", types: [replyType, ...ERROR_TYPES] },
    { kind: "icmpv6", types: ipv6Types },
  ];
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
  const tryIndex = sequence & TRY_BITS;
  if (((identifier << 16) | sequence) >>> 0 !== icmpCookie(cookies, queryType, frame.peerKey, tryIndex)) return false;
  answer.port = 0;
  answer.tryIndex = tryIndex;
  if (isQuote) return answerFromError(frame, "down", answer);
  answer.outcome = "up";
  answer.reason = reason;
  answer.key = frame.peerKey;
  answer.responder = undefined;
  answer.ttl = frame.ttl;
  answer.window = -1;
  return true;
}
