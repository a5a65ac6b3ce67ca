// Somebody else than the target has answered: a firewall on the way, which may be meant, or somebody who should not.
import { formatAddress } from "../../target/address.js";
import { allEvidence, isStopped, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** The answer is another host's. */
export const answeredByOther: Verdict = {
  key: "answered-by-other",
  judge(one) {
    const { answer, row } = one;
    const isForeign = answer?.responder !== undefined || answer?.reason === "reset-by-other";
    if (!isForeign || isStopped(one)) return undefined;
    const who = answer.responder === undefined ? "another host" : formatAddress(answer.responder);
    return {
      severity: "medium",
      confidence: answer.responder === undefined ? "likely" : "certain",
      title: `${portText(one)} of ${formatAddress(row.port.address)} is answered by ${who}`,
      evidence: allEvidence(one),
      nextStep: `find out what stands before the host: postern --traceroute -p ${row.port.port} ${formatAddress(row.port.address)}`,
    };
  },
};
