// An address that answers on every port, or for every port of its own accord: a SYN proxy, a load balancer, a trap.
import { formatAddress } from "../../target/address.js";
import type { Verdict } from "../port-case.js";

/** What answers is not what is asked. */
export const answersEverything: Verdict = {
  key: "answers-everything",
  judge(one) {
    const { mark, answer, row } = one;
    // What is refused or silent there is no less so, and a mark speaks of TCP.
    if (mark === undefined || answer?.state !== "open" || row.port.protocol !== "tcp") return undefined;
    return {
      severity: "medium",
      confidence: "likely",
      title: `${formatAddress(row.port.address)} ${mark}: its answers say nothing about single ports`,
      evidence: [`seen from ${one.vantage}`],
      nextStep: "find the SYN proxy, load balancer or trap before it, and audit from behind it",
    };
  },
};
