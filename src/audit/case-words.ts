// What verdicts ask of a case, and the words in which they tell of it.
import type { InsideFact } from "../model/audit-report.js";
import { formatAddress } from "../target/address.js";
import type { Judgement, PortCase } from "./port-case.js";

/** How it is as it should be. */
export const AS_IT_SHOULD_BE: Pick<Judgement, "severity" | "evidence" | "nextStep"> = {
  severity: "ok",
  evidence: [],
  nextStep: "",
};

/** "22/tcp". */
export function portText({ row: { port } }: PortCase): string {
  return `${port.port}/${port.protocol}`;
}

/** "192.0.2.1:22", "[2001:db8::1]:22". */
export function endpointText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** True where an answer shows that somebody takes what comes. */
export function isOpen({ answer }: PortCase): boolean {
  return answer?.state === "open";
}

/** True where nothing came back, on whatever path. */
export function isSilent({ answer }: PortCase): boolean {
  return answer?.reason === "no-response" || answer?.reason === "no-response-lossy";
}

/**
 * True for UDP that nothing speaks against: it did not answer, no rule stops it, and something takes it or may do so. Many
 * programs answer nobody who does not speak their language.
 */
export function isPerhapsOpen(one: PortCase): boolean {
  const { row, answer } = one;
  if (row.port.protocol !== "udp" || answer?.state !== "open|filtered" || isStopped(one)) return false;
  return !isUnawaited(one) || isLedElsewhere(one);
}

/** From here on Linux gives ports to programs that ask for none (ip_local_port_range; the default of 32768 on). */
const EPHEMERAL_PORT_MIN = 32_768;

/**
 * True for a UDP port that may well be a client's, which asks from it and waits for answers: another one each time, and bound
 * to all addresses since it has to reach others.
 */
export function isPerhapsClient({ row: { port, isExpected } }: PortCase): boolean {
  return port.protocol === "udp" && port.port >= EPHEMERAL_PORT_MIN && !isExpected;
}

/** True where a socket waits for what comes to the address. */
export function isAwaited({ row: { waiting } }: PortCase): boolean {
  return waiting !== undefined && waiting.length > 0;
}

/** True where the inside was seen and no socket waits for it. */
export function isUnawaited({ row: { waiting } }: PortCase): boolean {
  return waiting !== undefined && waiting.length === 0;
}

/** True where it goes to another address or port than it was sent to. */
export function isLedElsewhere({ rules }: PortCase): boolean {
  return rules?.isTranslated === true;
}

/** True where the rules stop it. */
export function isStopped({ rules }: PortCase): boolean {
  return rules?.fact.verdict === "drop" || rules?.fact.verdict === "reject";
}

/** "sshd[812] (ssh.service) waits at 0.0.0.0:22". */
export function waitingText({ bound, process, pid, unit, container, user }: InsideFact): string {
  const name =
    process === undefined ? "a socket without a known owner" : `${process}${pid === undefined ? "" : `[${pid}]`}`;
  const facts = [unit, container === undefined ? undefined : `container ${container}`, user].filter(
    (one) => one !== undefined,
  );
  return `${name}${facts.length === 0 ? "" : ` (${facts.join(", ")})`} waits at ${bound}`;
}

/** What is known inside, each as a clause. */
export function insideEvidence({ row: { waiting, onLoopback } }: PortCase): readonly string[] {
  if (waiting === undefined) return ["the inside was not seen"];
  if (waiting.length > 0) return waiting.map(waitingText);
  if (onLoopback.length > 0) return onLoopback.map(waitingText);
  return ["no socket waits for it"];
}

/** What the rules do, as a clause. */
export function rulesEvidence({ rules }: PortCase): readonly string[] {
  if (rules === undefined) return ["the firewall's rules are not known"];
  const { verdict, detail, rule, place, deliveredTo } = rules.fact;
  const by = rule === undefined ? "" : `: ${rule}`;
  const at = place === undefined ? "" : ` (${place})`;
  const how = detail === undefined ? "" : verdict === "reject" ? ` with ${detail}` : ` (${detail})`;
  const words = {
    accept: "the firewall lets it in",
    drop: rule === undefined && detail !== undefined ? "the kernel drops it" : "the firewall drops it",
    reject: "the firewall rejects it",
    unknown: "what the firewall does is not known",
  };
  const to = deliveredTo === undefined ? [] : [`it is led to ${deliveredTo}`];
  return [`${words[verdict]}${how}${by}${at}`, ...to];
}

/** What answered, as a clause. */
export function answerEvidence({ answer, vantage, isAskedAgain }: PortCase): readonly string[] {
  if (answer === undefined) return [`from ${vantage} it could not be asked`];
  const from = answer.responder === undefined ? "" : ` by ${formatAddress(answer.responder)}`;
  const again = isAskedAgain ? ", asked again slowly" : "";
  return [`from ${vantage} it is ${answer.state} (${answer.reason}${from}${again})`];
}

/** All three. */
export function allEvidence(one: PortCase): readonly string[] {
  return [...insideEvidence(one), ...rulesEvidence(one), ...answerEvidence(one)];
}
