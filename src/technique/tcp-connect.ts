// TCP connect: the kernel makes whole connections for us, so it needs no privilege (connect(2); nmap reference
// guide, -sT).
import { EACCES, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EPERM, ETIMEDOUT } from "../linux/errno.js";
import type { Reason } from "../model/reason.js";
import type { Outcome, SocketTechnique } from "./technique.js";

/** What each end of a connect means. ECONNREFUSED is a RST or an ICMP port unreachable: connect(2) cannot tell. */
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

/** Connects and closes at once. The target's program sees the connection, and may log it. */
export const tcpConnect: SocketTechnique = {
  kind: "socket",
  name: "tcp-connect",
  summary: "TCP connect: whole connections through the kernel, works without privileges",
  sources: ["RFC 9293 §3.5", "connect(2)", "nmap reference guide, -sT"],
  option: "-sT",
  outcomes: ["open", "closed", "filtered"],
  silence: "filtered",

  judge(errno, answer) {
    const verdict = VERDICTS.get(errno);
    if (verdict === undefined) return false;
    [answer.outcome, answer.reason] = verdict;
    answer.responder = 0;
    answer.ttl = 0;
    return true;
  },
};
