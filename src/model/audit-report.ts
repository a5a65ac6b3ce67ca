// What an audit says: of each address, protocol and port what listens inside, what the firewall does, what answered, what is
// intended; and the findings. Plain data, so that every report is made of it alone; docs/audit.md.
import type { PortState } from "./port-state.js";

/** How much a finding matters, the least first. "ok" is as it should be. */
export const SEVERITIES = ["ok", "info", "low", "medium", "high", "critical"] as const;
/** One of {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number];

/** How sure it is: seen by two ways, seen by one, or one of several explanations. */
export type Confidence = "certain" | "likely" | "possible";

/** A whole audit. */
export interface AuditReport {
  /** Of postern. */
  readonly version: string;
  /** ISO 8601 with zone. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** The settings file whose `expect` was compared with; undefined without one. */
  readonly policyFile: string | undefined;
  readonly hosts: readonly AuditedHost[];
}

/** One host. */
export interface AuditedHost {
  /** As it was written; the host's own name where none was. */
  readonly name: string;
  /** "Linux 6.1.0-18-amd64"; undefined where the inside was not seen. */
  readonly system: string | undefined;
  readonly vantages: readonly AuditVantage[];
  /** By address, protocol and port. */
  readonly rows: readonly AuditRow[];
  /** The most important first. */
  readonly findings: readonly Finding[];
  /** Packets, or connection attempts, that were sent. */
  readonly probeCount: number;
}

/** From where it was asked. */
export interface AuditVantage {
  readonly name: string;
  readonly means: string;
  readonly sources: readonly string[];
  readonly limits: readonly string[];
}

/** One port of one address. */
export interface AuditRow {
  /** Canonical text form. */
  readonly address: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** The usual name of the port: "ssh". */
  readonly service: string | undefined;
  /** Sockets that wait for what comes to this address and port; undefined where the inside was not seen. */
  readonly inside: readonly InsideFact[] | undefined;
  /** In the order of the host's vantages. */
  readonly views: readonly RowView[];
  /** The key of the verdict that matters most here: "open-intended". */
  readonly verdict: string;
  readonly severity: Severity;
}

/** A socket, and who has it. */
export interface InsideFact {
  /** Where it is bound: "0.0.0.0:22", "[::]:22". */
  readonly bound: string;
  /** True where it is bound to a loopback address. */
  readonly isLoopback: boolean;
  /** The name of its process, or the part of the kernel; undefined where nobody knows. */
  readonly process: string | undefined;
  readonly pid: number | undefined;
  readonly user: string | undefined;
  readonly unit: string | undefined;
  readonly container: string | undefined;
  /** True where the program's file was removed or replaced. */
  readonly isDeleted: boolean;
}

/** The port as one vantage point has it. */
export interface RowView {
  readonly vantage: string;
  /** Undefined where the rules are not known. */
  readonly firewall: FirewallFact | undefined;
  /** Undefined where it was not asked, or could not be. */
  readonly outside: OutsideFact | undefined;
  readonly intended: IntendedFact;
  readonly verdict: string;
}

/** What the rules do with a first packet from the vantage's address. */
export interface FirewallFact {
  readonly verdict: "accept" | "drop" | "reject" | "unknown";
  /** How it is rejected: "icmp-port-unreachable"; why it is unknown, or why the kernel drops it without any rule. */
  readonly detail: string | undefined;
  /** The rule, or policy, that decides; the user's own text. */
  readonly rule: string | undefined;
  /** Where it stands: "inet filter input, handle 12", "ip filter INPUT, rule 3, line 14 of iptables-save". */
  readonly place: string | undefined;
  /** Where it is delivered after translation, if elsewhere: "172.17.0.2:80". */
  readonly deliveredTo: string | undefined;
}

/** What answered. */
export interface OutsideFact {
  readonly state: PortState;
  /** The word of the scan: "syn-ack". */
  readonly reason: string;
  /** Who answered, where it was not the address itself. */
  readonly responder: string | undefined;
  readonly rttMs: number | undefined;
  readonly tries: number;
}

/** What is written down. */
export interface IntendedFact {
  /** "unsaid" where nothing is written down about the host. */
  readonly state: "open" | "closed" | "unsaid";
  /** The line of the settings file, and why. */
  readonly line: number | undefined;
  readonly why: string | undefined;
}

/** Something that was found. */
export interface Finding {
  /** The stable key of its kind: "open-not-intended"; docs/findings/ has a page for each. */
  readonly key: string;
  /** Where: "192.0.2.1/tcp/22", or of the host as a whole "firewall", "inside", "vantage:NAME". */
  readonly place: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** From which vantage points it is seen; empty where that does not matter. */
  readonly vantages: readonly string[];
  /** One line: what is the matter. */
  readonly title: string;
  /** What was seen, each a sentence or clause. Text from outside. */
  readonly evidence: readonly string[];
  /** What to do next: a command, or a sentence. */
  readonly nextStep: string;
  /** Where the settings file accepts it: it counts no more. */
  readonly accepted: { readonly line: number; readonly reason: string; readonly until: string | undefined } | undefined;
}
