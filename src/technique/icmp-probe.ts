// What the ICMP queries share: identifier and sequence number together carry the cookie and the try.
import type { ReceiveWish } from "../linux/bpf.js";
import type { Reason } from "../model/reason.js";
import { PROTOCOL_ICMP } from "../packet/ipv4.js";
import { type Cookies, TRIES_MAX } from "./cookies.js";
import { HEADER_BYTES_MAX, writeHeader } from "./datagram.js";
import type { FrameView } from "./frame-view.js";
import type { Answer, FrameTechnique, TechniqueFacts } from "./technique.js";
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

/** What makes a query that ICMP has for IPv4 alone. */
export interface Icmpv4Query extends Pick<TechniqueFacts, "name" | "summary" | "sources" | "option"> {
  readonly queryType: number;
  readonly replyType: number;
  /** Why a host that replied is up. */
  readonly reason: Reason;
  readonly messageBytes: number;
  /** Writes the message at `at`. Returns its length in bytes. */
  write(identifier: number, sequence: number, out: Uint8Array, at: number): number;
}

/** The technique that asks such a query. */
export function icmpv4Query(query: Icmpv4Query): FrameTechnique {
  const { name, summary, sources, option, queryType, replyType, reason, messageBytes } = query;
  const write: FrameTechnique["write"] = (out, at, probe) => {
    const cookie = icmpCookie(probe.cookies, queryType, probe.targetKey, probe.tryIndex);
    const headerBytes = writeHeader(out, at, probe, PROTOCOL_ICMP, messageBytes, 0);
    return headerBytes + query.write(cookie >>> 16, cookie & 0xffff, out, at + headerBytes);
  };
  return {
    kind: "frame",
    name,
    summary,
    sources,
    option,
    protocol: undefined,
    families: [4],
    outcomes: ["up", "down"],
    silence: "down",
    layer: "network",
    lane: -1,
    probeBytesMax: HEADER_BYTES_MAX + messageBytes,
    wants: () => icmpWishes(replyType),
    write,
    rewrite: write,
    read: (frame, cookies, answer) =>
      frame.family === 4 && readIcmpAnswer(frame, cookies, queryType, replyType, reason, answer),
  };
}
