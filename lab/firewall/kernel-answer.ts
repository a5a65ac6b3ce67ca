// What is said between a test and the host under test (lab/firewall/kernel-host.ts).
import type { RejectWith } from "../../src/firewall/statement.js";
import type { TraceEvent } from "./trace-reader.js";

/** A program that loads rules, and the text on its standard input. */
export interface RulesetText {
  readonly program: "nft" | "ipset" | `${"iptables" | "ip6tables"}-${"nft" | "legacy"}-restore`;
  readonly text: string;
}

/** A packet in the JSON form of `postern firewall test --packets`. */
export type PacketJson = Readonly<Record<string, unknown>>;

/** Settings by their path below /proc/sys/net. */
export type KernelRequest =
  | { readonly texts: readonly RulesetText[]; readonly settings?: Readonly<Record<string, string>> }
  | {
      readonly packets: readonly PacketJson[];
      /** True when they belong together: connections are those that the packets themselves make. */
      readonly isConversation: boolean;
    };

/** How the kernel's own programs list what was loaded. */
export interface RulesetListing {
  readonly json: string;
  /** Why there is no JSON: nft 1.0.6 ends with a signal over some expressions. */
  readonly jsonFault?: string;
  readonly text: string;
  readonly saves: readonly { readonly program: string; readonly text: string }[];
}

/** What came of loading: why it was refused, or the listing. */
export type LoadAnswer = { readonly fault: string } | { readonly listing: RulesetListing };

/** What the kernel did with a packet. */
export interface KernelAnswer {
  readonly id: string;
  readonly verdict: "accept" | "drop" | "reject";
  readonly with?: RejectWith;
  readonly where?: "local" | "out";
  /** Of what was sent on, the link that it was caught on. */
  readonly outputInterface?: string;
  /** As it was delivered. */
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly trace: readonly TraceEvent[];
  /** What nf_log tells of the rules of iptables-legacy: "filter:INPUT:rule:3". */
  readonly legacyTrace: readonly string[];
  /** Why it could not be tried; the rest is meaningless then. */
  readonly fault?: string;
}
