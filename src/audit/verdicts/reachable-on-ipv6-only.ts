// Closed by IPv4 and open by IPv6: mostly rules that were written for one of the two.
import { allEvidence, isOpen, portText } from "../case-words.js";
import type { PortCase, TwinFact, Verdict } from "../port-case.js";

/** True where IPv4 would have got in but for a filter: where the program takes no IPv4 there is nothing to wonder at. */
function isKeptOut({ state, isAwaited }: TwinFact): boolean {
  return isAwaited ?? state === "filtered";
}

function isForgotten({ byIpv4 }: PortCase): boolean {
  return byIpv4.every(({ state }) => state !== "open") && byIpv4.some(isKeptOut);
}

/** IPv6 was forgotten. */
export const reachableOnIpv6Only: Verdict = {
  key: "reachable-on-ipv6-only",
  judge(one) {
    const { row, intended } = one;
    if (!isOpen(one) || row.port.address.family !== 6 || intended.state === "open" || !isForgotten(one))
      return undefined;
    return {
      severity: "high",
      confidence: row.waiting === undefined ? "likely" : "certain",
      title: `${portText(one)} is open by IPv6, and by IPv4 it is not`,
      evidence: allEvidence(one),
      nextStep: "write the rules for IPv6, too (nftables: a table of the family inet; ip6tables beside iptables)",
    };
  },
};
