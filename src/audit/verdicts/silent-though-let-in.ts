// A program listens and the host's own rules let packets in, and yet nothing comes back: a firewall before the host, or loss.
import { allEvidence, isAwaited, isLedElsewhere, isSilent, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Something on the way keeps it. Said only of what was asked again, slowly. */
export const silentThoughLetIn: Verdict = {
  key: "silent-though-let-in",
  judge(one) {
    const { row, rules, answer, intended } = one;
    if (row.port.protocol !== "tcp" || !isSilent(one) || !one.isAskedAgain) return undefined;
    if (!isAwaited(one) || rules?.fact.verdict !== "accept" || isLedElsewhere(one) || one.isBoundElsewhere)
      return undefined;
    // Meant for others, from where it is open: that it is not from here is as it should be.
    const isMissed = intended.state === "open";
    if (!isMissed && row.isExpected) return undefined;
    return {
      severity: isMissed ? "medium" : "low",
      confidence: answer?.reason === "no-response-lossy" ? "possible" : "likely",
      title: `${portText(one)} listens and is let in, and from ${one.vantage} nothing comes back`,
      evidence: allEvidence(one),
      nextStep: `ask from nearer by, or look where it stops: postern --traceroute -p ${row.port.port} HOST; a full queue of connections (postern sockets, RECV) is silent, too`,
    };
  },
};
