// A program that listens and whose file is gone: it was updated and not restarted, or somebody wiped his traces.
import { portText, waitingText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** What runs is not what is installed. */
export const deletedBinary: Verdict = {
  key: "deleted-binary",
  judge(one) {
    const deleted = one.row.waiting?.filter(({ isDeleted }) => isDeleted) ?? [];
    if (deleted.length === 0) return undefined;
    return {
      severity: "medium",
      confidence: "certain",
      title: `${portText(one)} is held by a program whose file was removed or replaced`,
      evidence: deleted.map(waitingText),
      nextStep:
        "restart the service after the update; if nothing was updated, look at /proc/PID/exe before anything else",
    };
  },
};
