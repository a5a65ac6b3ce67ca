// What an ICMP error about a probe says, for all techniques alike (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1;
// RFC 4443 §3).
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
import type { Answer, Outcome } from "./technique.js";

/** ICMP types that say something about a probe; redirects and source quenches do not. */
export const ERROR_TYPES: readonly number[] = [ICMP_UNREACHABLE, ICMP_TIME_EXCEEDED];

/** ICMPv6 destination unreachable, time exceeded and parameter problem (RFC 4443 §3.1, §3.3, §3.4). */
const ICMPV6_UNREACHABLE = 1;
const ICMPV6_TIME_EXCEEDED = 3;
const ICMPV6_PARAMETER_PROBLEM = 4;
/** Code of parameter problem: the next header is not known, which is how IPv6 says "protocol unreachable". */
const ICMPV6_UNKNOWN_NEXT_HEADER = 1;

/** The same for ICMPv6. */
export const ERROR_TYPES_IPV6: readonly number[] = [ICMPV6_UNREACHABLE, ICMPV6_TIME_EXCEEDED, ICMPV6_PARAMETER_PROBLEM];

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

/** By code of unreachable: no route, prohibited, beyond scope, address, port, source policy, reject route (RFC 4443 §3.1). */
const ICMPV6_REASONS: readonly Reason[] = [
  "net-unreach",
  "admin-prohibited",
  "beyond-scope",
  "host-unreach",
  "port-unreach",
  "admin-prohibited",
  "admin-prohibited",
];

/** The reason for a type and code of ICMPv6; undefined when it decides nothing. */
export function unreachableReasonIpv6(type: number, code: number): Reason | undefined {
  if (type === ICMPV6_TIME_EXCEEDED) return "time-exceeded";
  if (type === ICMPV6_PARAMETER_PROBLEM) return code === ICMPV6_UNKNOWN_NEXT_HEADER ? "proto-unreach" : undefined;
  return type === ICMPV6_UNREACHABLE ? (ICMPV6_REASONS[code] ?? "dest-unreach") : undefined;
}

/** The reason that the error in this frame gives; undefined when it decides nothing. */
export function errorReason(frame: FrameView): Reason | undefined {
  const { type, code } = frame.icmp;
  return frame.family === 6 ? unreachableReasonIpv6(type, code) : unreachableReason(type, code);
}

/** Fills in who was probed, who answered and why, from an error whose quote has been proven ours. */
export function answerFromError(frame: FrameView, outcome: Outcome, answer: Answer): boolean {
  const reason = errorReason(frame);
  if (reason === undefined) return false;
  answer.outcome = outcome;
  answer.reason = reason;
  answer.key = frame.peerKey;
  answer.responder = frame.responder;
  answer.ttl = frame.ttl;
  answer.window = -1;
  return true;
}
