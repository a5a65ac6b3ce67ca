// Open from outside, and no socket of the host waits for it: NAT to elsewhere, or somebody who answers in its place.
import type { Confidence, Severity } from "../../model/audit-report.js";
import { allEvidence, isLedElsewhere, isOpen, isUnawaited, portText } from "../case-words.js";
import type { Judgement, PortCase, Verdict } from "../port-case.js";

/** NAT is somebody's work: of itself it is worth a look, and as grave as any open port where nobody meant it. */
function ledElsewhere(one: PortCase): Judgement {
  const to = one.rules?.fact.deliveredTo ?? "another place";
  const isMeantClosed = one.intended.state === "closed";
  return {
    severity: isMeantClosed ? "high" : "low",
    confidence: "certain",
    title: `${portText(one)} is open from ${one.vantage}${isMeantClosed ? " without being meant to" : ""}: it is led to ${to}`,
    evidence: allEvidence(one),
    nextStep: "if it is meant, write it under expect in postern.yaml; if not, take out the NAT rule",
  };
}

/** Where the rules are not known NAT may explain it, and so may a socket that takes only what comes in by its interface. */
function weightOf({ rules, row, intended }: PortCase): {
  readonly severity: Severity;
  readonly confidence: Confidence;
} {
  const isPlain = rules !== undefined && rules.fact.verdict !== "unknown" && !row.isAwaitedElsewhere;
  const confidence = isPlain ? "likely" : "possible";
  if (intended.state === "closed") return { severity: "high", confidence };
  return { severity: isPlain && intended.state === "unsaid" ? "high" : "medium", confidence };
}

/** Something else answers. */
export const openNothingListens: Verdict = {
  key: "open-nothing-listens",
  judge(one) {
    if (!isOpen(one) || !isUnawaited(one)) return undefined;
    if (isLedElsewhere(one)) return ledElsewhere(one);
    return {
      ...weightOf(one),
      title: `${portText(one)} is open from ${one.vantage}, and nothing waits for it here: something answers in its place`,
      evidence: allEvidence(one),
      nextStep:
        "look for IPVS (ipvsadm -Ln), TPROXY or BPF on the host, and for a proxy or load balancer between the two; then audit again, in case a program has just been started",
    };
  },
};
