// A UDP socket waits, packets are let in, and nothing comes back: many programs answer nobody who does not speak their language.
import { allEvidence, isAwaited, isPerhapsClient, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Taken for reachable, since everything but an answer says so. */
export const udpSilent: Verdict = {
  key: "udp-silent",
  judge(one) {
    const { row, answer, intended } = one;
    if (row.port.protocol !== "udp" || answer?.state !== "open|filtered" || !isAwaited(one)) return undefined;
    if (one.rules !== undefined && one.rules.fact.verdict !== "accept") return undefined;
    if (intended.state === "open") return undefined;
    const isClient = isPerhapsClient(one);
    return {
      severity: intended.state === "closed" && !isClient ? "medium" : "info",
      confidence: isClient ? "possible" : "likely",
      title: `${portText(one)} waits and is let in, though it does not answer strangers`,
      evidence: allEvidence(one),
      nextStep: "take it for open: close it, or write it under expect in postern.yaml",
    };
  },
};
