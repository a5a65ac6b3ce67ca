// Cases for tests of verdicts: an ordinary open port, and whatever differs from it.
import type { FirewallFact, InsideFact, IntendedFact, Severity } from "../model/audit-report.js";
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import { type Address, parseAddress } from "../target/address.js";
import type { AskedPort, PortAnswer } from "../vantage/vantage.js";
import type { Judgement, PortCase, RulesView, TwinFact, Verdict } from "./port-case.js";
import { REACH_VERDICTS } from "./verdicts.js";

/** How a case differs from sshd that waits at 0.0.0.0:22, is let in by a rule about its port and answers; nothing is said of it. */
export interface CaseParts {
  /** "192.0.2.10/tcp/22". */
  readonly at?: string;
  /** "unseen" where the inside was not seen. */
  readonly waiting?: readonly InsideFact[] | "unseen";
  readonly onLoopback?: readonly InsideFact[];
  readonly rules?: RulesView | "unknown";
  readonly answer?: Partial<PortAnswer> | "none";
  readonly intended?: IntendedFact["state"];
  readonly isExpected?: boolean;
  readonly expectedProcesses?: readonly string[];
  readonly more?: Partial<
    Pick<PortCase, "mark" | "isAskedAgain" | "isAnsweredByOther" | "isBoundElsewhere" | "byIpv4">
  >;
  readonly isAwaitedElsewhere?: boolean;
}

/** The address that a text stands for. */
export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

/** The port that "192.0.2.10/tcp/22" stands for. */
export function portOf(text: string): AskedPort {
  const [address = "", protocol, port] = text.split("/");
  if (protocol !== "tcp" && protocol !== "udp") throw new Error(`${text} is no port`);
  return { address: addressOf(address), protocol, port: Number(port) };
}

/** A program that waits. */
export function listener(bound: string, process: string | undefined, more: Partial<InsideFact> = {}): InsideFact {
  return {
    bound,
    isLoopback: /^127\.|^\[::1\]/.test(bound),
    process,
    pid: process === undefined ? undefined : 812,
    user: "root",
    unit: undefined,
    container: undefined,
    isDeleted: false,
    ...more,
  };
}

const SSHD = listener("0.0.0.0:22", "sshd", { unit: "ssh.service" });

/** What the rules do, by a rule about the port where it is let in. */
export function rulesThat(
  verdict: FirewallFact["verdict"],
  more: Partial<Omit<RulesView, "fact">> & { readonly fact?: Partial<FirewallFact> } = {},
): RulesView {
  const { fact, ...view } = more;
  return {
    fact: {
      verdict,
      detail: undefined,
      rule: `tcp dport 22 ${verdict}`,
      place: "inet filter input, handle 4",
      deliveredTo: undefined,
      ...fact,
    },
    isTranslated: false,
    isForwarded: false,
    destination: addressOf("192.0.2.10"),
    untranslated: undefined,
    isNamed: verdict === "accept",
    ...view,
  };
}

/** Rules that lead a port to another host, and what they would do otherwise. */
export function rulesThatLead(deliveredTo: string, otherwise: FirewallFact["verdict"] = "accept"): RulesView {
  return rulesThat("accept", {
    fact: { deliveredTo },
    isTranslated: true,
    isForwarded: true,
    destination: addressOf("172.17.0.2"),
    untranslated: rulesThat(otherwise).fact,
  });
}

/** An answer in the scan's words. */
export function answered(state: PortState, reason: Reason, responder?: string): Partial<PortAnswer> {
  return { state, reason, responder: responder === undefined ? undefined : addressOf(responder) };
}

/** A RST. */
export const CLOSED: Partial<PortAnswer> = answered("closed", "reset");
/** Nothing. */
export const SILENT: Partial<PortAnswer> = answered("filtered", "no-response");
/** Nothing, on a path that lost other packets. */
export const LOSSY: Partial<PortAnswer> = answered("filtered", "no-response-lossy");
/** UDP that nothing came back to. */
export const UDP_SILENT: Partial<PortAnswer> = answered("open|filtered", "no-response");

/** The case. */
export function caseOf(parts: CaseParts = {}): PortCase {
  const { waiting = [SSHD], rules = rulesThat("accept"), answer = {}, intended = "unsaid", more } = parts;
  const port = portOf(parts.at ?? "192.0.2.10/tcp/22");
  return {
    row: {
      port,
      service: "ssh",
      waiting: waiting === "unseen" ? undefined : waiting,
      onLoopback: parts.onLoopback ?? [],
      isAwaitedElsewhere: parts.isAwaitedElsewhere ?? false,
      isExpected: parts.isExpected ?? intended === "open",
      expectedProcesses: parts.expectedProcesses ?? [],
    },
    vantage: "office",
    rules: rules === "unknown" ? undefined : rules,
    answer:
      answer === "none"
        ? undefined
        : { asked: port, state: "open", reason: "syn-ack", responder: undefined, rttMs: 1, tries: 1, ...answer },
    isAnsweredByOther: answer !== "none" && (answer.responder !== undefined || answer.reason === "reset-by-other"),
    isAskedAgain: false,
    mark: undefined,
    isBoundElsewhere: false,
    intended: { state: intended, line: undefined, why: undefined },
    byIpv4: [] satisfies readonly TwinFact[],
    ...more,
  };
}

/** How grave one verdict finds a case; undefined where it does not hold. */
export function severityBy({ judge }: Verdict, parts: CaseParts): Severity | undefined {
  return judge(caseOf(parts))?.severity;
}

/** The reach verdict that a case gets, as an audit finds it. */
export function reachOf(one: PortCase): { readonly key: string; readonly judgement: Judgement } | undefined {
  for (const { key, judge } of REACH_VERDICTS) {
    const judgement = judge(one);
    if (judgement !== undefined) return { key, judgement };
  }
  return undefined;
}

/** Its key alone. */
export function keyOf(parts: CaseParts): string | undefined {
  return reachOf(caseOf(parts))?.key;
}
