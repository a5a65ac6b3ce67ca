// Meant to be open, and it is not.
import type { Confidence } from "../../model/audit-report.js";
import {
  allEvidence,
  isAwaited,
  isLedElsewhere,
  isOpen,
  isPerhapsOpen,
  isSilent,
  isStopped,
  isUnawaited,
  portText,
} from "../case-words.js";
import type { PortCase, Verdict } from "../port-case.js";

interface Cause {
  readonly why: string;
  readonly step: string;
  readonly confidence: Confidence;
}

/** What keeps it away, the nearest to the host first. */
function causeOf(one: PortCase): Cause {
  if (isStopped(one)) {
    const step = "let it in by a rule before the one above";
    return { why: "the firewall stops it", step, confidence: "certain" };
  }
  if (isLedElsewhere(one)) {
    const why = `it is led to ${one.rules?.fact.deliveredTo ?? "another place"}, and nothing there takes it`;
    return {
      why,
      step: "look at what should answer there (postern firewall test shows the way)",
      confidence: "likely",
    };
  }
  if (isUnawaited(one)) {
    const isConfirmed = one.answer?.state === "closed" || one.rules !== undefined;
    const step = "start the program, or bind it to the address";
    return { why: "nothing listens", step, confidence: isConfirmed ? "certain" : "likely" };
  }
  return onTheWay(one);
}

function onTheWay(one: PortCase): Cause {
  const confidence = one.answer?.reason === "no-response-lossy" ? "possible" : "likely";
  if (one.isBoundElsewhere) {
    const why = "its socket takes only what comes in by another interface";
    return { why, step: "ask from a host on that link; this vantage point cannot tell", confidence: "possible" };
  }
  if (isAwaited(one) && isSilent(one)) {
    const step = "look at what stands before the host; a full queue of connections is silent, too";
    return { why: "something keeps it from the program that waits", step, confidence };
  }
  if (isAwaited(one)) {
    const step = "see whether the program still runs, and what stands before the host";
    return { why: "it is refused, though a program waits", step, confidence };
  }
  return { why: "it does not answer", step: "look at the host, and at what stands before it", confidence };
}

/** A service that somebody counts on. */
export const intendedNotReachable: Verdict = {
  key: "intended-not-reachable",
  judge(one) {
    if (one.intended.state !== "open" || one.answer === undefined || isOpen(one) || isPerhapsOpen(one))
      return undefined;
    const { why, step, confidence } = causeOf(one);
    return {
      severity: one.isBoundElsewhere && !isStopped(one) ? "info" : "medium",
      confidence,
      title: `${portText(one)} is meant to be open from ${one.vantage}, and is not: ${why}`,
      evidence: allEvidence(one),
      nextStep: step,
    };
  },
};
