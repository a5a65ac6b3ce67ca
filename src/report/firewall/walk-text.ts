// The way of a packet for people: its end first, then every rule that it met, as its owner wrote it.
import type { RuleFinder } from "../../firewall/find-rule.js";
import type { Decider, QuestionPacket, WalkAnswer } from "../../firewall/packet-question.js";
import { protocolName } from "../../firewall/protocol-names.js";
import { formatAddress } from "../../target/address.js";
import { printable } from "../printable.js";

/** Protocols whose packets have ports. */
const PORT_PROTOCOLS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** The end of the packet's way, and the way itself. */
export function walkText(packet: QuestionPacket, answer: WalkAnswer, rules: RuleFinder): string {
  const lines = [
    questionLine(packet),
    "",
    `${endLine(answer)}`,
    ...natLines(packet, answer),
    ...deciderLines(answer, rules),
  ];
  if (answer.why !== undefined) lines.push(`  because ${printable(answer.why)}`);
  if (answer.path.length > 0)
    lines.push("", "Its way, rule by rule:", ...answer.path.flatMap((one) => pathLines(one, rules)));
  return `${lines.join("\n")}\n`;
}

function questionLine(packet: QuestionPacket): string {
  const { protocol, source, destination, sourcePort, destinationPort, track, direction } = packet;
  const hasPorts = PORT_PROTOCOLS.has(protocol);
  const from = endpoint(source, hasPorts ? sourcePort : undefined);
  const to = endpoint(destination, hasPorts ? destinationPort : undefined);
  const way = direction === "out" ? "sent by this host" : `in by ${printable(packet.inputInterface)}`;
  const flags = protocol === 6 ? ` ${packet.flags.join(",") || "no flags"}` : "";
  return `${protocolName(protocol)}${flags} ${from} -> ${to}, ${track}, ${way}`;
}

function endLine(answer: WalkAnswer): string {
  switch (answer.verdict) {
    case "accept":
      return `ACCEPTED: ${whereText(answer)}`;
    case "drop":
      return "DROPPED: nobody hears of it";
    case "reject":
      return `REJECTED with ${answer.with ?? "an error"}`;
    case "unknown":
      return "UNKNOWN";
  }
}

function whereText({ where, outputInterface }: WalkAnswer): string {
  const by = outputInterface === undefined ? "" : ` by ${printable(outputInterface)}`;
  if (where === "local") return "it reaches a socket of this host";
  return where === "forward" ? `it is forwarded${by}` : `it leaves this host${by}`;
}

function natLines(packet: QuestionPacket, answer: WalkAnswer): readonly string[] {
  const hasPorts = PORT_PROTOCOLS.has(packet.protocol);
  const lines: string[] = [];
  if (answer.isDestinationChanged) {
    lines.push(`  to ${endpoint(answer.destination, hasPorts ? answer.destinationPort : undefined)} (NAT)`);
  }
  if (answer.isSourceChanged) {
    lines.push(`  from ${endpoint(answer.source, hasPorts ? answer.sourcePort : undefined)} (NAT)`);
  }
  return lines;
}

function deciderLines({ by }: WalkAnswer, rules: RuleFinder): readonly string[] {
  if (by === undefined) return [];
  return [`  by ${deciderText(by)}`, ...ruleLines(by, rules, "    ")];
}

function pathLines(decider: Decider, rules: RuleFinder): readonly string[] {
  return [`  ${deciderText(decider)}`, ...ruleLines(decider, rules, "      ")];
}

/** "ip filter INPUT, rule 3: drop", "inet filter input, policy: accept". */
function deciderText({ family, table, chain, index, verdict }: Decider): string {
  const place = [family, table, chain].map(printable).join(" ");
  return index === "policy" ? `${place}, policy: ${verdict}` : `${place}, rule ${index}: ${printable(verdict)}`;
}

/** The rule as it was written, with a mark below the word that sends the packet on, and where it stands. */
function ruleLines(decider: Decider, rules: RuleFinder, indent: string): readonly string[] {
  const rule = rules.find(decider);
  if (rule === undefined) return [];
  const { file, line, handle } = rule.place;
  const places = [
    ...(file === undefined || line === undefined ? [] : [`${printable(file)}:${line}`]),
    ...(handle === undefined ? [] : [`handle ${handle}`]),
  ];
  const text = printable(rule.text);
  const at = markAt(text, decider.verdict);
  return [`${indent}${text}`, `${indent}${" ".repeat(at)}^${places.length === 0 ? "" : ` ${places.join(", ")}`}`];
}

function markAt(text: string, verdict: string): number {
  const word = verdict.split(" ")[0] ?? "";
  const at = text.toLowerCase().lastIndexOf(word);
  if (at >= 0 && word !== "continue") return at;
  return Math.max(0, text.lastIndexOf("-j ") + (text.includes("-j ") ? 3 : 0));
}

function endpoint(address: QuestionPacket["source"], port: number | undefined): string {
  const text = formatAddress(address);
  if (port === undefined) return text;
  return address.family === 6 ? `[${text}]:${port}` : `${text}:${port}`;
}
