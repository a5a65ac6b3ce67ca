// Meant to be open, and it is not.
import { allEvidence, isAwaited, isOpen, isStopped, isUnawaited, portText } from "../case-words.js";
import type { PortCase, Verdict } from "../port-case.js";

function whyText(one: PortCase): string {
  if (isStopped(one)) return "the firewall stops it";
  if (isUnawaited(one)) return "nothing listens";
  if (isAwaited(one)) return "something on the way stops it";
  return "it does not answer";
}

function stepText(one: PortCase): string {
  if (isStopped(one)) return "let it in by a rule before the one above";
  if (isUnawaited(one)) return "start the program, or bind it to the address";
  return "look at what stands before the host";
}

/** A service that somebody counts on. */
export const intendedNotReachable: Verdict = {
  key: "intended-not-reachable",
  judge(one) {
    if (one.intended.state !== "open" || one.answer === undefined || isOpen(one)) return undefined;
    const isUdpInDoubt = one.row.port.protocol === "udp" && one.answer.state === "open|filtered";
    if (isUdpInDoubt && one.row.waiting === undefined) return undefined; // nobody can tell
    return {
      severity: "medium",
      confidence: one.rules === undefined && one.row.waiting === undefined ? "likely" : "certain",
      title: `${portText(one)} is meant to be open from ${one.vantage}, and is not: ${whyText(one)}`,
      evidence: allEvidence(one),
      nextStep: stepText(one),
    };
  },
};
