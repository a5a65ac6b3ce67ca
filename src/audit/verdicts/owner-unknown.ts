// Something waits for others, and nobody can say what: hidden from this user, or the kernel's own in an unknown way.
import { isAwaited, isOpen, portText, waitingText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** Who has the port cannot be told. */
export const ownerUnknown: Verdict = {
  key: "owner-unknown",
  judge(one) {
    const unknown = one.row.waiting?.filter(({ process }) => process === undefined) ?? [];
    if (!isAwaited(one) || unknown.length === 0 || unknown.length < (one.row.waiting?.length ?? 0)) return undefined;
    return {
      severity: isOpen(one) ? "medium" : "low",
      confidence: "certain",
      title: `${portText(one)} has an owner that cannot be told`,
      evidence: unknown.map(waitingText),
      nextStep: "audit as root; as root already: a module of the kernel, or a process that hides (a rootkit would)",
    };
  },
};
