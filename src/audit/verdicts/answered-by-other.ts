// Somebody on the way refuses in the host's place: by an ICMP error of its own, or by a RST in the host's name. That is a
// firewall's right where the port is meant to be closed; it is told where it disagrees with the host or with what is intended.
import { formatAddress } from "../../target/address.js";
import { allEvidence, isAwaited, isLedElsewhere, isStopped, isUnawaited, portText } from "../case-words.js";
import type { PortCase, Verdict } from "../port-case.js";

/** True where the host itself would have taken it, and nobody has said that others alone should get there. */
function wouldBeOpen(one: PortCase): boolean {
  return isAwaited(one) && !one.isBoundElsewhere && !isLedElsewhere(one) && !one.row.isExpected;
}

/** The answer is another host's. */
export const answeredByOther: Verdict = {
  key: "answered-by-other",
  judge(one) {
    const { answer, row, intended } = one;
    // Where nothing listens, or the rules reject, the host refuses, too: whoever was first tells nothing new.
    if (!one.isAnsweredByOther || isStopped(one) || isUnawaited(one)) return undefined;
    const isMissed = intended.state === "open";
    if (!isMissed && !wouldBeOpen(one)) return undefined;
    const responder = answer?.responder === undefined ? undefined : formatAddress(answer.responder);
    const address = formatAddress(row.port.address);
    return {
      severity: isMissed ? "medium" : "low",
      confidence: responder !== undefined && isAwaited(one) && one.rules !== undefined ? "certain" : "likely",
      title: `${portText(one)} of ${address} is refused by ${responder ?? "somebody in its name"} before it gets there`,
      evidence: allEvidence(one),
      nextStep: `find out what stands before the host: postern --traceroute -p ${row.port.port} ${address}`,
    };
  },
};
