// As it should be: it is meant to be open for this vantage, and it is.
import {
  AS_IT_SHOULD_BE,
  isAwaited,
  isLedElsewhere,
  isOpen,
  isPerhapsOpen,
  isUnawaited,
  portText,
} from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Open, and meant to be. */
export const openIntended: Verdict = {
  key: "open-intended",
  judge(one) {
    const isOpenBySilence = isPerhapsOpen(one);
    if (one.intended.state !== "open" || !(isOpen(one) || isOpenBySilence)) return undefined;
    // Who answers for a port that nothing here waits at is another question.
    if (isUnawaited(one) && !isLedElsewhere(one)) return undefined;
    const isSeenOpen = isAwaited(one) && one.rules?.fact.verdict === "accept";
    return {
      ...AS_IT_SHOULD_BE,
      confidence: isOpen(one) ? "certain" : isSeenOpen ? "likely" : "possible",
      title: `${portText(one)} is open, as intended`,
    };
  },
};
