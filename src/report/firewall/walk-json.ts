// Answers about packets for programs: one JSON object a line. docs/firewall.md, "For programs".
import type { Decider, WalkAnswer } from "../../firewall/packet-question.js";
import { formatAddress } from "../../target/address.js";
import { jsonText } from "../json-text.js";

/** One answer as a line. */
export function walkAnswerLine(answer: WalkAnswer): string {
  return `${jsonText({
    id: answer.id,
    verdict: answer.verdict,
    with: answer.with,
    where: answer.where,
    oif: answer.outputInterface,
    src: formatAddress(answer.source),
    sport: answer.isSourcePortOpen === true ? undefined : answer.sourcePort,
    dst: formatAddress(answer.destination),
    dport: answer.isDestinationPortOpen === true ? undefined : answer.destinationPort,
    dnat: answer.isDestinationChanged,
    snat: answer.isSourceChanged,
    by: answer.by === undefined ? undefined : deciderRow(answer.by),
    path: answer.path.map(deciderRow),
    why: answer.why,
  })}\n`;
}

function deciderRow({ family, table, chain, index, verdict }: Decider) {
  return [family, table, chain, index, verdict];
}
