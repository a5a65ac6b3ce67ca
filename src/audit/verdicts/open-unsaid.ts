// Open, and nothing is written down about the host.
import { AS_IT_SHOULD_BE, isOpen, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Nobody has said whether it should be. */
export const openUnsaid: Verdict = {
  key: "open-unsaid",
  judge(one) {
    if (!isOpen(one) || one.intended.state !== "unsaid") return undefined;
    return {
      ...AS_IT_SHOULD_BE,
      confidence: "certain",
      title: `${portText(one)} is open; nothing says whether it should be`,
    };
  },
};
