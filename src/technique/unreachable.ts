// What an ICMP error about a probe says, for all techniques alike (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1).
import type { Reason } from "../model/reason.js";
import {
  ICMP_ADMINISTRATIVELY_PROHIBITED,
  ICMP_HOST_PROHIBITED,
  ICMP_HOST_UNREACHABLE,
  ICMP_NETWORK_PROHIBITED,
  ICMP_NETWORK_UNREACHABLE,
  ICMP_PORT_UNREACHABLE,
  ICMP_PROTOCOL_UNREACHABLE,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
} from "../packet/icmpv4.js";
import type { FrameView } from "./frame-view.js";
import type { Answer } from "./technique.js";

/** ICMP types that say something about a probe; redirects and source quenches do not. */
export const ERROR_TYPES: readonly number[] = [ICMP_UNREACHABLE, ICMP_TIME_EXCEEDED];

/** The reason for a type and code of ICMP; undefined when it decides nothing. */
export function unreachableReason(type: number, code: number): Reason | undefined {
  if (type === ICMP_TIME_EXCEEDED) return "time-exceeded";
  if (type !== ICMP_UNREACHABLE) return undefined;
  switch (code) {
    case ICMP_NETWORK_UNREACHABLE:
      return "net-unreach";
    case ICMP_HOST_UNREACHABLE:
      return "host-unreach";
    case ICMP_PROTOCOL_UNREACHABLE:
      return "proto-unreach";
    case ICMP_PORT_UNREACHABLE:
      return "port-unreach";
    case ICMP_NETWORK_PROHIBITED:
      return "net-prohibited";
    case ICMP_HOST_PROHIBITED:
      return "host-prohibited";
    case ICMP_ADMINISTRATIVELY_PROHIBITED:
      return "admin-prohibited";
    default:
      return "dest-unreach";
  }
}

/** ICMPv6 destination unreachable and time exceeded (RFC 4443 §3.1, §3.3). */
const ICMPV6_UNREACHABLE = 1;
const ICMPV6_TIME_EXCEEDED = 3;
const ICMPV6_REASONS: readonly Reason[] = [
  "net-unreach",
  "admin-prohibited",
  "dest-unreach",
  "host-unreach",
  "port-unreach",
  "admin-prohibited",
  "admin-prohibited",
];

/** The reason for a type and code of ICMPv6; undefined when it decides nothing. */
export function unreachableReasonIpv6(type: number, code: number): Reason | undefined {
  if (type === ICMPV6_TIME_EXCEEDED) return "time-exceeded";
  return type === ICMPV6_UNREACHABLE ? (ICMPV6_REASONS[code] ?? "dest-unreach") : undefined;
}

/** Fills in who was probed, who answered and why, from an error whose quote has been proven ours. */
export function answerFromError(frame: FrameView, answer: Answer): boolean {
  const reason = unreachableReason(frame.icmp.type, frame.icmp.code);
  if (reason === undefined) return false;
  answer.reason = reason;
  answer.address = frame.quotedIp.target;
  answer.responder = frame.ip.source === frame.quotedIp.target ? 0 : frame.ip.source;
  answer.ttl = frame.ip.ttl;
  return true;
}
