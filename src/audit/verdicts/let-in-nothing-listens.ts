// A rule lets a port in, and nothing waits there: a door for whoever listens first.
import { allEvidence, isLedElsewhere, isOpen, isUnawaited, portText } from "../case-words.js";
import type { PortCase, Verdict } from "../port-case.js";

/** What NAT leads to another port may be taken there, as long as nobody has refused it. */
function isPerhapsTaken(one: PortCase): boolean {
  return isLedElsewhere(one) && one.answer?.state !== "closed";
}

/** A latent door. */
export const letInNothingListens: Verdict = {
  key: "let-in-nothing-listens",
  judge(one) {
    const { rules, row } = one;
    if (!isUnawaited(one) || isOpen(one) || rules?.fact.verdict !== "accept" || rules.isForwarded || !rules.isNamed)
      return undefined;
    // A rule that is written for somebody's service stands there for a reason, though the service is down.
    if (row.isExpected || row.isAwaitedElsewhere || isPerhapsTaken(one)) return undefined;
    return {
      severity: "low",
      confidence: "certain",
      title: `${portText(one)} is let in, and nothing listens${row.onLoopback.length > 0 ? " but on loopback" : ""}`,
      evidence: allEvidence(one),
      nextStep: "take the rule out, so that nothing is open by chance one day",
    };
  },
};
