// Not open, and not meant to be.
import { AS_IT_SHOULD_BE, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** As it should be, and most ports are. */
export const shut: Verdict = {
  key: "shut",
  judge(one) {
    return { ...AS_IT_SHOULD_BE, confidence: "certain", title: `${portText(one)} is not open` };
  },
};
