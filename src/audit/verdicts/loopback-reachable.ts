// A program that is bound to a loopback address, and others reach it all the same: by address translation, with
// route_localnet set, or by a program that passes on.
import { allEvidence, isOpen, isUnawaited, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Bound to loopback yet reachable. */
export const loopbackReachable: Verdict = {
  key: "loopback-reachable",
  judge(one) {
    const { row, rules } = one;
    const isLed =
      rules?.fact.deliveredTo?.startsWith("127.") === true || rules?.fact.deliveredTo?.startsWith("[::1]") === true;
    if (!isOpen(one) || !isUnawaited(one) || !(isLed || (row.onLoopback.length > 0 && rules?.isTranslated !== true)))
      return undefined;
    return {
      severity: "high",
      confidence: isLed ? "certain" : "likely",
      title: `${portText(one)} waits on a loopback address alone, and is open from ${one.vantage}`,
      evidence: allEvidence(one),
      nextStep:
        "look for what leads there: the NAT rule above, net.ipv4.conf.*.route_localnet (postern kernel), or a forwarding program",
    };
  },
};
