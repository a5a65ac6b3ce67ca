// TCP connect: the kernel makes whole connections for us, so it needs no privilege (connect(2); nmap reference
// guide, -sT).
import { EACCES, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EPERM, ETIMEDOUT } from "../linux/errno.js";
import type { IcmpError } from "../linux/error-queue.js";
import type { Reason } from "../model/reason.js";
import { type Outcome, type SocketTechnique, UNKNOWN_RESPONDER } from "./technique.js";
import { unreachableReason, unreachableReasonIpv6 } from "./unreachable.js";

/**
 * What each end of a connect means where no ICMP error is known. ECONNREFUSED is a RST then, but for node:net, which
 * cannot ask: there it may be an ICMP port unreachable, too.
 */
const VERDICTS: ReadonlyMap<number, readonly [outcome: Outcome, reason: Reason]> = new Map([
  [0, ["open", "conn-accepted"]],
  [ECONNREFUSED, ["closed", "conn-refused"]],
  [ECONNRESET, ["closed", "reset"]],
  [EHOSTUNREACH, ["filtered", "host-unreach"]],
  [ENETUNREACH, ["filtered", "net-unreach"]],
  [ETIMEDOUT, ["filtered", "no-response"]],
  [EPERM, ["filtered", "local-firewall"]],
  [EACCES, ["filtered", "local-firewall"]],
]);

/** The reason behind an ICMP error that the kernel keeps for the socket. */
function reasonOf(error: IcmpError): Reason | undefined {
  return error.family === 4 ? unreachableReason(error.type, error.code) : unreachableReasonIpv6(error.type, error.code);
}

/** Connects and closes at once. The target's program sees the connection, and may log it. */
export const tcpConnect: SocketTechnique = {
  kind: "socket",
  name: "tcp-connect",
  summary: "TCP connect: whole connections through the kernel, works without privileges",
  sources: ["RFC 9293 §3.5", "connect(2)", "nmap reference guide, -sT"],
  option: "-sT",
  protocol: "tcp",
  families: [4, 6],
  outcomes: ["open", "closed", "filtered"],
  silence: "filtered",

  judge(errno, error, answer) {
    const reason = error === undefined ? undefined : reasonOf(error);
    if (error !== undefined && reason !== undefined) {
      answer.outcome = "filtered";
      answer.reason = reason;
      answer.responder = error.from ?? UNKNOWN_RESPONDER;
      answer.ttl = 0;
      return true;
    }
    const verdict = VERDICTS.get(errno);
    if (verdict === undefined) return false;
    [answer.outcome, answer.reason] = verdict;
    answer.responder = answer.outcome === "filtered" ? UNKNOWN_RESPONDER : undefined;
    answer.ttl = 0;
    return true;
  },
};
