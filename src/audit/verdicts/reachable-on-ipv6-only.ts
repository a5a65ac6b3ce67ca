// Closed by IPv4 and open by IPv6: mostly rules that were written for one of the two.
import { allEvidence, isOpen, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** IPv6 was forgotten. */
export const reachableOnIpv6Only: Verdict = {
  key: "reachable-on-ipv6-only",
  judge(one) {
    const { row, intended } = one;
    const isIpv6 = row.port.address.family === 6;
    if (!isOpen(one) || !isIpv6 || intended.state === "open" || one.isOpenByIpv4 || !one.isAskedByIpv4)
      return undefined;
    // Where the program takes no IPv4 there is nothing to wonder at.
    const takesBoth = row.waiting?.some(({ bound }) => bound.startsWith("*:") || bound.startsWith("[::]:")) ?? true;
    if (!takesBoth) return undefined;
    return {
      severity: "high",
      confidence: "certain",
      title: `${portText(one)} is open by IPv6, and by IPv4 it is not`,
      evidence: allEvidence(one),
      nextStep:
        "write the rules for IPv6, too (nftables: a table of the family inet; ufw: IPV6=yes; ip6tables beside iptables)",
    };
  },
};
