// As it should be: it is meant to be open for this vantage, and it is.
import { AS_IT_SHOULD_BE, isAwaited, isOpen, portText } from "../case-words.js";
import type { PortCase, Verdict } from "../port-case.js";

/** UDP programs may keep silent towards strangers: there a socket and an open way are enough. */
function isSilentUdp(one: PortCase): boolean {
  return (
    one.row.port.protocol === "udp" &&
    one.answer?.state === "open|filtered" &&
    isAwaited(one) &&
    one.rules?.fact.verdict === "accept"
  );
}

/** Open, and meant to be. */
export const openIntended: Verdict = {
  key: "open-intended",
  judge(one) {
    const isSilent = isSilentUdp(one);
    if (one.intended.state !== "open" || !(isOpen(one) || isSilent)) return undefined;
    const isExplained = one.row.waiting === undefined || isAwaited(one) || one.rules?.isTranslated === true;
    if (!isExplained) return undefined;
    return {
      ...AS_IT_SHOULD_BE,
      confidence: isSilent ? "likely" : "certain",
      title: `${portText(one)} is open, as intended`,
    };
  },
};
