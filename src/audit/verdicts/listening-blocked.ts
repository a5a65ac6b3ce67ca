// A program listens for others, and the firewall alone keeps them out: one rule away from open.
import { allEvidence, isAwaited, isOpen, isPerhapsClient, isStopped, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Nobody is meant to reach it, and it listens for everybody. */
export const listeningBlocked: Verdict = {
  key: "listening-blocked",
  judge(one) {
    if (!isAwaited(one) || !isStopped(one) || isOpen(one) || one.row.isExpected || isPerhapsClient(one))
      return undefined;
    return {
      severity: "info",
      confidence: one.answer === undefined ? "likely" : "certain",
      title: `${portText(one)} listens, and the firewall alone keeps others out`,
      evidence: allEvidence(one),
      nextStep: "if nobody else needs it, bind it to 127.0.0.1: then it stays closed when a rule goes",
    };
  },
};
