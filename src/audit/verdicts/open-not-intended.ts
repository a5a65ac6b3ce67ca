// Open, and the settings file says that it should not be.
import { allEvidence, isOpen, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Somebody can get in where nobody should. */
export const openNotIntended: Verdict = {
  key: "open-not-intended",
  judge(one) {
    if (!isOpen(one) || one.intended.state !== "closed") return undefined;
    return {
      severity: "high",
      confidence: "certain",
      title: `${portText(one)} is open from ${one.vantage}, and not intended to be`,
      evidence: allEvidence(one),
      nextStep:
        "close it (stop the program, bind it to 127.0.0.1, or drop it), or write it under expect in postern.yaml",
    };
  },
};
