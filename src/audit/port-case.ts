// One port of one address as one vantage point has it: all that a verdict is found from.
import type { Confidence, FirewallFact, InsideFact, IntendedFact, Severity } from "../model/audit-report.js";
import type { PortState } from "../model/port-state.js";
import type { Address } from "../target/address.js";
import type { AskedPort, PortAnswer } from "../vantage/vantage.js";

/** What is known of a port whoever asks. */
export interface PortRow {
  readonly port: AskedPort;
  /** The usual name of the port: "ssh". */
  readonly service: string | undefined;
  /** Sockets that take what comes to the address; undefined where the inside was not seen. */
  readonly waiting: readonly InsideFact[] | undefined;
  /** Sockets with the same protocol and port that are bound to loopback addresses. */
  readonly onLoopback: readonly InsideFact[];
  /** True where a socket waits with the same protocol and port on any address that others can send to. */
  readonly isAwaitedElsewhere: boolean;
  /** True where it is meant to be open for somebody. */
  readonly isExpected: boolean;
  /** Programs that are meant to have it; empty for any. */
  readonly expectedProcesses: readonly string[];
}

/** What the rules make of a first packet. */
export interface RulesView {
  readonly fact: FirewallFact;
  /** True where its destination is changed on the way. */
  readonly isTranslated: boolean;
  /** True where it is passed on and not delivered here. */
  readonly isForwarded: boolean;
  /** Where it goes then; the address that was asked, where none is translated. */
  readonly destination: Address;
  /** What they would make of it if no address were translated; undefined where none is. */
  readonly untranslated: FirewallFact | undefined;
  /** True where a rule about this port, or a few, lets it in: not a policy, nor a rule for everything. */
  readonly isNamed: boolean;
}

/** What is known of the same port at another address. */
export interface TwinFact {
  readonly state: PortState;
  /** True where a socket takes what comes to it; undefined where the inside was not seen. */
  readonly isAwaited: boolean | undefined;
}

/** One port of one address, and one vantage point. */
export interface PortCase {
  readonly row: PortRow;
  readonly vantage: string;
  /** Undefined where the rules are not known, or not from where packets come. */
  readonly rules: RulesView | undefined;
  /** Undefined where it was not asked, or the question came to nothing. */
  readonly answer: PortAnswer | undefined;
  /** True where somebody else has answered in its place: an error from another address than the host's, or a RST in its name. */
  readonly isAnsweredByOther: boolean;
  /** True where silence was asked again, slowly. */
  readonly isAskedAgain: boolean;
  /** What an address does that makes its answers worth nothing: "answers on every port". */
  readonly mark: string | undefined;
  /** True where all that waits is bound to other interfaces than the one that packets come in by (SO_BINDTODEVICE). */
  readonly isBoundElsewhere: boolean;
  readonly intended: IntendedFact;
  /** The same port at the host's IPv4 addresses, as far as they were asked from the same vantage. */
  readonly byIpv4: readonly TwinFact[];
}

/** What a verdict says of a case. */
export interface Judgement {
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** One line: what is the matter. */
  readonly title: string;
  readonly evidence: readonly string[];
  readonly nextStep: string;
}

/** One way in which the three can agree or disagree. */
export interface Verdict {
  /** Stable: settings files, reports and docs/findings/ name it. */
  readonly key: string;
  /** Undefined where it is not so. */
  judge(one: PortCase): Judgement | undefined;
}
