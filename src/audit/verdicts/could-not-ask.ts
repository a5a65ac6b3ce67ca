// A port that could not be asked.
import { AS_IT_SHOULD_BE, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** What could not be asked stands once for each vantage, as could-not-look; the row says so alone. */
export const couldNotAsk: Verdict = {
  key: "could-not-ask",
  judge(one) {
    if (one.answer !== undefined) return undefined;
    return {
      ...AS_IT_SHOULD_BE,
      confidence: "certain",
      title: `${portText(one)} could not be asked from ${one.vantage}`,
    };
  },
};
