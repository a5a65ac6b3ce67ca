// Open from outside, and no socket of the host waits for it: NAT to elsewhere, or somebody who answers in its place.
import { allEvidence, isOpen, isUnawaited, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Something else answers. */
export const openNothingListens: Verdict = {
  key: "open-nothing-listens",
  judge(one) {
    if (!isOpen(one) || !isUnawaited(one)) return undefined;
    const to = one.rules?.isTranslated === true ? one.rules.fact.deliveredTo : undefined;
    return {
      severity: to === undefined ? "high" : "medium",
      confidence: to === undefined ? "likely" : "certain",
      title:
        to === undefined
          ? `${portText(one)} is open from ${one.vantage}, and nothing waits for it here: something answers in its place`
          : `${portText(one)} is open from ${one.vantage}: it is led to ${to}`,
      evidence: allEvidence(one),
      nextStep:
        to === undefined
          ? "look for a proxy, load balancer or transparent interception between the two"
          : "if it is meant, write it under expect; if not, take out the NAT rule",
    };
  },
};
