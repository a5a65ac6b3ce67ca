// A rule lets a port in, and nothing waits there: a door for whoever listens first.
import { allEvidence, isOpen, isUnawaited, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** A latent door. */
export const letInNothingListens: Verdict = {
  key: "let-in-nothing-listens",
  judge(one) {
    const { rules, row } = one;
    if (!isUnawaited(one) || isOpen(one) || rules?.fact.verdict !== "accept" || rules.isForwarded || !rules.isNamed)
      return undefined;
    if (one.intended.state === "open" || row.isAwaitedElsewhere) return undefined;
    return {
      severity: "low",
      confidence: "certain",
      title: `${portText(one)} is let in, and nothing listens${row.onLoopback.length > 0 ? " but on loopback" : ""}`,
      evidence: allEvidence(one),
      nextStep: "take the rule out, so that nothing is open by chance one day",
    };
  },
};
